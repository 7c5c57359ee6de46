"""Two tabs of one browser: what one does, the other meets at its next action."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.rig.browser import Screen
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person

pytestmark = pytest.mark.browser
STALE = "This page was open while you signed in or out elsewhere. Send it once more."


def other_tab(page: Page, path: str = "/") -> Page:
    tab = page.context.new_page()
    tab.goto(path)
    return tab


@pytest.fixture(params=[True, False], ids=["js", "nojs"])
def screen(request: pytest.FixtureRequest) -> Screen:
    return Screen(javascript=request.param)


def test_after_sign_out_in_one_tab_saving_in_the_other_leads_to_sign_in(
    open_as: OpenAs, ada: Person, screen: Screen
) -> None:
    page = open_as(ada, screen)
    page.goto(steps.ACCOUNT)
    steps.open_name(page)
    steps.type_name(page, "Ada", "Lovelace")
    steps.look_away(page)
    steps.sign_out(other_tab(page))
    steps.save(page)
    steps.arrive(page, steps.SIGN_IN)
    expect(page.get_by_role("heading", name="Sign in to Reading list")).to_be_visible()
    assert str(ada.username) not in page.content()


def test_two_tabs_save_a_field_each_and_neither_is_lost(
    open_as: OpenAs, ada: Person, screen: Screen
) -> None:
    page = open_as(ada, screen)
    page.goto(steps.ACCOUNT)
    steps.change_name(page, "Ada", "Lovelace")
    tab = other_tab(page, steps.ACCOUNT)
    for where, label, typed in ((page, "First name", "Augusta"), (tab, "Last name", "King")):
        steps.open_name(where)
        where.get_by_label(label).fill(typed)
        steps.save(where)
        expect(where.locator("#userkit-profile").get_by_text(steps.SAVED)).to_be_visible()
    expect(tab.locator("#userkit-profile [data-userkit-name]")).to_have_text("Augusta King")


def test_protected_routes_do_not_persist_after_sign_out(
    open_as: OpenAs, ada: Person, screen: Screen
) -> None:
    page = open_as(ada, screen)
    page.goto("/my-list")
    steps.look_away(page)
    steps.sign_out(other_tab(page))
    page.reload()
    page.wait_for_url("**/account/sign-in?next=/my-list")


def test_after_sign_out_in_one_tab_the_button_of_the_other_signs_out_of_nothing(
    open_as: OpenAs, ada: Person, screen: Screen
) -> None:
    page = open_as(ada, screen)
    page.goto("/")
    steps.look_away(page)
    steps.sign_out(other_tab(page))
    steps.open_popover(page).get_by_role("button", name="Sign out").click()
    expect(steps.trigger(page)).to_have_count(0)
    assert str(ada.username) not in page.content()


def test_a_sign_in_form_that_was_open_meanwhile_comes_back_with_what_was_typed(
    open_page: OpenPage, ada: Person, screen: Screen
) -> None:
    page = open_page(screen)
    page.goto(steps.SIGN_IN)
    page.get_by_label(steps.IDENTIFIER).fill(ada.email_address)
    page.get_by_label("Password", exact=True).fill(ada.password)
    tab = other_tab(page, steps.SIGN_IN)
    steps.fill_sign_in(tab, ada.email_address, ada.password)
    steps.arrive(tab, "/my-list")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text(STALE)
    expect(page.get_by_label(steps.IDENTIFIER)).to_have_value(ada.email_address)
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    steps.fill_sign_in(page, ada.email_address, ada.password)
    steps.arrive(page, "/my-list")


def test_a_name_that_was_typed_meanwhile_comes_back_and_can_be_sent_once_more(
    open_as: OpenAs, ada: Person, screen: Screen
) -> None:
    page = open_as(ada, screen)
    page.goto(steps.ACCOUNT)
    steps.open_name(page)
    steps.type_name(page, "Ada", "Lovelace")
    steps.look_away(page)
    tab = other_tab(page)
    steps.sign_out(tab)
    tab.goto(steps.SIGN_IN)
    steps.fill_sign_in(tab, ada.email_address, ada.password)
    steps.arrive(tab, "/my-list")
    steps.save(page)
    expect(page.get_by_role("alert")).to_have_text(STALE)
    expect(page.get_by_label("First name")).to_have_value("Ada")
    expect(page.get_by_label("Last name")).to_have_value("Lovelace")
    if screen.javascript:
        assert_sound(page)
    steps.save(page)
    expect(steps.trigger(page)).to_have_accessible_name("Account of Ada Lovelace")


def test_signing_out_with_an_old_page_after_signing_in_anew_asks_once_more(
    open_as: OpenAs, ada: Person, screen: Screen
) -> None:
    page = open_as(ada, screen)
    page.goto("/")
    steps.look_away(page)
    tab = other_tab(page)
    steps.sign_out(tab)
    tab.goto(steps.SIGN_IN)
    steps.fill_sign_in(tab, ada.email_address, ada.password)
    steps.arrive(tab, "/my-list")
    steps.open_popover(page).get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign out of Reading list?")).to_be_visible()
    if screen.javascript:
        assert_sound(page)
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    steps.arrive(page, "/")
    expect(steps.trigger(page)).to_have_count(0)


def test_back_after_sign_up_leads_to_no_form_that_was_sent(
    open_page: OpenPage, mailbox: Mailbox, screen: Screen
) -> None:
    page, person = open_page(screen), Person(username=f"back_{screen.javascript}")
    page.goto("/")
    page.goto(steps.SIGN_UP)
    steps.fill_sign_up(page, person)
    steps.type_code(page, mailbox.wait(person.email_address).the_code)
    if not screen.javascript:
        page.get_by_role("button", name="Continue").click()
    steps.arrive(page, "/my-list")
    page.go_back()
    expect(page.get_by_role("button", name="Create account")).to_have_count(0)
    expect(steps.code_field(page)).to_have_count(0)
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {person.username}")
