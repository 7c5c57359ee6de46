"""A tab that is looked at leaves the page of a session that is over, or of somebody else."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import NewPerson
from tests.browser.conftest import OpenAs
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser
SECURITY = "/account/security"
#: Within so many milliseconds of being looked at.
SOON = 2000
LISTENS = "!!customElements.get('userkit-session')"


@pytest.fixture
def server(gallery: Server) -> Server:
    return gallery


def open_tab(page: Page, path: str) -> Page:
    """Open another tab of the same browser, up to where it listens."""
    tab = page.context.new_page()
    tab.goto(path)
    tab.wait_for_function(LISTENS)
    return tab


def look_at(page: Page) -> None:
    """Come back to a tab, as its window says it."""
    page.evaluate("window.dispatchEvent(new Event('focus'))")


def soon_at(page: Page, path: str) -> None:
    page.wait_for_url(lambda url: path in url, timeout=SOON)


def test_sign_out_through_all_open_tabs_at_once(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    page.goto("/")
    home, account = open_tab(page, "/"), open_tab(page, SECURITY)
    settings = open_tab(page, "/settings")
    steps.sign_out(page)
    soon_at(account, steps.SIGN_IN)
    soon_at(settings, steps.SIGN_IN)
    expect(steps.trigger(home)).to_have_count(0, timeout=SOON)
    account.goto(SECURITY)
    assert steps.SIGN_IN in account.url


def test_protected_routes_do_not_persist_after_sign_out(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    page.goto(SECURITY)
    page.goto("/")
    steps.sign_out(page)
    page.go_back()
    page.go_back()
    expect(page.get_by_text(ada.email_address)).to_have_count(0)
    page.goto(SECURITY)
    assert steps.SIGN_IN in page.url


@pytest.mark.parametrize("path", ["/", SECURITY])
def test_a_session_that_is_ended_from_another_browser_is_left_once_it_is_looked_at(
    open_as: OpenAs, ada: Person, path: str
) -> None:
    page, elsewhere = open_as(ada), open_as(ada)
    page.goto(path)
    page.wait_for_function(LISTENS)
    elsewhere.goto(SECURITY)
    elsewhere.get_by_role("button", name="Sign out of all other devices").click()
    expect(elsewhere.locator("#userkit-sessions-status")).to_be_visible()
    look_at(page)
    if path == SECURITY:
        soon_at(page, steps.SIGN_IN)
    else:
        expect(steps.trigger(page)).to_have_count(0, timeout=SOON)


def test_it_does_not_leak_the_previous_users_devices_across_a_user_switch(
    open_as: OpenAs, ada: Person, new_person: NewPerson
) -> None:
    bea = new_person(username=f"bea_{secrets.token_hex(4)}")
    page = open_as(ada)
    page.goto("/")
    tab = open_tab(page, SECURITY)
    shown = tab.locator("#userkit-sessions .userkit-item [id$=-meta]")
    own = shown.first.get_attribute("id")
    # By a browser without its cookie, so that nothing of the first one ends.
    page.context.clear_cookies()
    page.goto(steps.SIGN_IN)
    steps.fill_sign_in(page, bea.email_address, bea.password)
    steps.arrive(page, "/")
    # The page that shows another session tells the tab.
    expect(steps.trigger(tab)).to_have_accessible_name(f"Account of {bea.username}", timeout=SOON)
    expect(tab.locator(f"#{own}")).to_have_count(0)


def test_what_is_half_typed_stays_while_the_session_lives(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    page.goto("/settings")
    field = steps.open_username(page)
    field.fill("half typed")
    with page.expect_response("**/account/session") as answer:
        look_at(page)
    assert answer.value.status == 200
    other = open_tab(page, "/settings")
    steps.change_username(other, f"countess_{secrets.token_hex(4)}")
    look_at(page)
    page.wait_for_load_state("networkidle")
    expect(field).to_have_value("half typed")


def test_a_tab_that_is_not_looked_at_asks_nothing(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    page.goto("/")
    tab = open_tab(page, "/")
    steps.look_away(tab)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    steps.sign_out(page)
    expect(steps.trigger(tab)).to_have_count(1)
    assert asked == []
    tab.evaluate("delete document.visibilityState")
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(steps.trigger(tab)).to_have_count(0, timeout=SOON)
