"""The profile over a page: it opens, keeps its place in the address, and gives back the focus."""

from __future__ import annotations

import re
from urllib.parse import quote
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page
from playwright.sync_api import Request
from playwright.sync_api import Route
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import NewPerson
from tests.browser.conftest import OpenAs
from tests.browser.keys import Keys
from tests.browser.test_layout_stability import loads
from tests.browser.test_layout_stability import shifts
from tests.rig.browser import PHONE
from tests.rig.browser import WIDE
from tests.rig.browser import Complaints
from tests.rig.browser import Screen
from tests.rig.browser import axe
from tests.rig.browser import overflow
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser
UNDER = "/under"
PLACE = "userkit-profile"
REFUSED = re.compile(r"the server responded with a status of 4\d\d")
TOO_LONG = "a" * 101


@pytest.fixture
def server(gallery: Server) -> Server:
    return gallery


@pytest.fixture
def page(open_as: OpenAs, ada: Person) -> Page:
    """A page with the button, of somebody who is signed in."""
    page = open_as(ada)
    page.goto(UNDER)
    return page


@pytest.fixture(params=["none", "own"], ids=["htmx 4", "htmx 2"])
def either(request: pytest.FixtureRequest, open_as: OpenAs, ada: Person) -> Page:
    """The same without an htmx of its own, and with one of version 2."""
    page = open_as(ada)
    page.goto(f"{UNDER}?htmx={request.param}")
    return page


def asked_for(page: Page) -> list[str]:
    """Return the path of everything that a script asks for from now on."""
    paths: list[str] = []

    def keep(sent: Request) -> None:
        # Chromium tells where an answer leads also if the script does not go there.
        if sent.resource_type == "fetch" and sent.redirected_from is None:
            paths.append(urlsplit(sent.url).path)

    page.on("request", keep)
    return paths


def htmx_scripts(page: Page) -> int:
    return page.locator("script[src*='htmx.min'], script[src*='htmx-2']").count()


def assert_closed(page: Page) -> None:
    """Fail unless the page is as it was, with the focus on its button."""
    expect(steps.modal(page)).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/under(\?htmx=\w+)?$"))
    expect(steps.trigger(page)).to_be_focused()


def test_it_opens_over_the_page_and_keeps_the_page_under_it(page: Page) -> None:
    page.get_by_label("Note").fill("Not sent yet")
    steps.open_modal(page)
    expect(page).to_have_url(re.compile(rf"/under\?{PLACE}=account$"))
    expect(steps.modal(page)).to_be_focused()
    expect(steps.modal(page)).to_have_accessible_name("Account")
    expect(steps.popover(page)).to_be_hidden()
    page.keyboard.press("Escape")
    assert_closed(page)
    expect(page.get_by_label("Note")).to_have_value("Not sent yet")


def test_by_key_presses_alone(page: Page) -> None:
    keys = Keys(page)
    keys.press("Tab", "Enter", "Tab", "Enter")
    expect(steps.modal(page)).to_be_focused()
    keys.go_to("Close")
    keys.press("Enter")
    assert_closed(page)
    assert keys.outline >= 2


def test_the_focus_stays_in_it(page: Page) -> None:
    steps.open_modal(page)
    keys = Keys(page)
    for key in ("Tab", "Shift+Tab"):
        for _ in range(12):
            keys.press(key)
            assert page.evaluate(
                "document.activeElement === document.body"
                " || Boolean(document.activeElement.closest('.userkit-dialog--profile'))"
            )


@pytest.mark.parametrize("way", ["Escape", "button", "beside", "Back"])
def test_it_is_closed_and_gives_the_focus_back(page: Page, way: str) -> None:
    steps.open_modal(page)
    if way == "Escape":
        page.keyboard.press("Escape")
    elif way == "button":
        steps.modal(page).get_by_role("button", name="Close", exact=True).click()
    elif way == "beside":
        page.mouse.click(5, 5)
    else:
        page.go_back()
    assert_closed(page)
    steps.open_modal(page)
    page.keyboard.press("Escape")
    assert_closed(page)


def test_forward_opens_it_again_and_closing_it_goes_back(page: Page) -> None:
    steps.open_modal(page)
    page.go_back()
    assert_closed(page)
    page.go_forward()
    expect(steps.modal(page)).to_be_visible()
    length = page.evaluate("history.length")
    page.keyboard.press("Escape")
    assert_closed(page)
    assert page.evaluate("history.length") == length


def test_a_reload_opens_it_again_and_closing_it_gives_the_button_the_focus(page: Page) -> None:
    steps.open_modal(page)
    page.reload()
    expect(steps.modal(page).get_by_role("heading", name="Profile")).to_be_visible()
    page.keyboard.press("Escape")
    assert_closed(page)


def test_sign_in_after_the_session_has_ended_leads_back_into_it(page: Page, ada: Person) -> None:
    page.context.clear_cookies()
    steps.open_popover(page).get_by_role("link", name="Manage account").click()
    steps.arrive(page, steps.SIGN_IN)
    steps.fill_sign_in(page, ada.email_address, ada.password)
    expect(steps.modal(page).get_by_role("heading", name="Profile")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/under\?{PLACE}=account$"))
    page.keyboard.press("Escape")
    assert_closed(page)


def test_a_save_after_the_session_has_ended_leads_back_into_it(either: Page, ada: Person) -> None:
    steps.open_modal(either)
    steps.open_name(either)
    steps.type_name(either, "Ada", "Lovelace")
    either.context.clear_cookies()
    steps.save(either)
    steps.arrive(either, steps.SIGN_IN)
    steps.fill_sign_in(either, ada.email_address, ada.password)
    expect(steps.modal(either).get_by_role("heading", name="Profile")).to_be_visible()


@pytest.mark.parametrize(
    "value",
    [
        "//evil.example/x",
        "https://evil.example/",
        "../",
        "..",
        ".",
        "../../files/listener.js",
        "..\\..",
        "%2e%2e",
        "%2e%2e%2f",
        "javascript:alert(1)",
        "\t//evil.example",
        "?x",
        "#x",
        "sign-out",
        "sign-in",
        "nothing",
        "account/..",
        "x" * 3000,
    ],
)
def test_a_hostile_place_asks_for_nothing_but_the_profile(
    page: Page, complaints: Complaints, value: str
) -> None:
    paths = asked_for(page)
    page.goto(f"{UNDER}?a=1&{PLACE}={quote(value, safe='')}")
    expect(page).to_have_url(re.compile(r"/under\?a=1$"))
    expect(steps.modal(page)).to_be_hidden()
    assert all(re.fullmatch(r"/account/[\w-]+", path) for path in paths), paths
    complaints.heard = [each for each in complaints.heard if not REFUSED.search(each)]
    steps.open_modal(page)


@pytest.mark.parametrize("modifier", ["Control", "Shift", "Meta", "Alt"])
def test_a_click_with_a_key_held_is_the_browsers(page: Page, modifier: str) -> None:
    paths = asked_for(page)
    link = steps.open_popover(page).get_by_role("link", name="Manage account")
    prevented = link.evaluate(
        """(link, key) => {
          const click = new MouseEvent("click", { bubbles: true, cancelable: true, [key]: true })
          addEventListener("click", event => {
            window.prevented = event.defaultPrevented
            event.preventDefault()
          }, { once: true })
          link.dispatchEvent(click)
          return window.prevented
        }""",
        {"Control": "ctrlKey", "Shift": "shiftKey", "Meta": "metaKey", "Alt": "altKey"}[modifier],
    )
    assert prevented is False
    assert paths == []


def test_a_click_with_control_opens_a_tab_with_the_account_page(page: Page) -> None:
    link = steps.open_popover(page).get_by_role("link", name="Manage account")
    with page.context.expect_page() as opened:
        link.click(modifiers=["Control"])
    steps.arrive(opened.value, steps.ACCOUNT)
    expect(steps.modal(page)).to_be_hidden()


def test_each_of_two_buttons_on_a_page_gets_its_focus_back(page: Page) -> None:
    page.goto(f"{UNDER}?two")
    for region in (page.get_by_role("banner"), page.get_by_role("complementary")):
        button = region.get_by_role("button", name="Account of")
        button.click()
        at = page.evaluate("scrollY")
        region.get_by_role("link", name="Manage account").click()
        expect(steps.modal(page)).to_be_focused()
        page.keyboard.press("Escape")
        expect(button).to_be_focused()
        assert page.evaluate("scrollY") == at, "the page has scrolled"
    assert steps.modal(page).count() == 1


@pytest.mark.parametrize("path", [steps.ACCOUNT, "/settings"])
def test_where_the_profile_is_in_the_page_the_link_is_followed(page: Page, path: str) -> None:
    page.goto(path)
    steps.open_popover(page).get_by_role("link", name="Manage account").click()
    steps.arrive(page, steps.ACCOUNT)
    expect(page.get_by_role("heading", name="Profile", level=1)).to_be_visible()
    paths = asked_for(page)
    page.goto(f"{path}?{PLACE}=account")
    page.wait_for_load_state("networkidle")
    assert paths == []
    assert page.locator("#userkit-profile").count() == 1


def test_a_save_in_it_swaps_the_section_and_the_button_behind_it(either: Page) -> None:
    modal = steps.open_modal(either)
    steps.change_name(either, "Ada", "Lovelace")
    expect(steps.opener(either)).to_be_focused()
    expect(modal.get_by_role("status").filter(has_text=steps.SAVED)).to_have_count(1)
    expect(either.locator("#heard")).to_have_text("1")
    either.keyboard.press("Escape")
    assert_closed(either)
    expect(steps.trigger(either)).to_have_accessible_name("Account of Ada Lovelace")


def test_an_error_stays_in_it_with_what_was_typed(either: Page) -> None:
    modal = steps.open_modal(either)
    steps.open_name(either)
    steps.type_name(either, TOO_LONG, TOO_LONG)
    steps.save(either)
    first, last = modal.get_by_label("First name"), modal.get_by_label("Last name")
    expect(first).to_be_focused()
    expect(first).to_have_attribute("aria-invalid", "true")
    modal.get_by_role("alert").get_by_role("link").last.click()
    expect(last).to_be_focused()
    expect(last).to_have_value(TOO_LONG)
    expect(either).to_have_url(re.compile(rf"{PLACE}=account$"))
    assert axe(either) == []
    steps.type_name(either, "Ada", "Lovelace")
    steps.save(either)
    expect(modal.get_by_text(steps.SAVED).last).to_be_visible()


def test_cancel_closes_the_form_and_not_the_profile(page: Page) -> None:
    modal = steps.open_modal(page)
    steps.open_name(page)
    steps.type_name(page, "Not", "this")
    modal.get_by_role("link", name="Cancel").click()
    expect(modal.get_by_label("First name")).to_be_hidden()
    expect(steps.opener(page)).to_be_focused()
    steps.open_name(page)
    expect(modal.get_by_label("First name")).to_have_value("")


def test_cancel_after_an_error_shows_what_is_saved(page: Page) -> None:
    modal = steps.open_modal(page)
    steps.open_name(page)
    steps.type_name(page, TOO_LONG, "this")
    steps.save(page)
    expect(modal.locator("[aria-invalid]")).to_be_focused()
    modal.get_by_role("link", name="Cancel").click()
    expect(modal.locator("[aria-invalid]")).to_have_count(0)
    expect(steps.opener(page)).to_be_focused()
    steps.open_name(page)
    expect(modal.get_by_label("Last name")).to_have_value("")


def test_one_htmx_is_enough(either: Page) -> None:
    own = "htmx=own" in either.url
    assert htmx_scripts(either) == int(own)
    for _ in range(2):
        steps.open_modal(either)
        assert htmx_scripts(either) == 1
        assert either.evaluate("htmx.version").startswith("2." if own else "4.")
        either.keyboard.press("Escape")
        assert_closed(either)
    if not own:
        either.reload()
        assert htmx_scripts(either) == 0


def test_one_htmx_is_enough_where_the_address_opens_it_at_once(page: Page) -> None:
    def come_late(route: Route) -> None:
        page.wait_for_timeout(300)
        route.continue_()

    page.route("**/files/htmx-2.js", come_late)
    page.goto(f"{UNDER}?htmx=own&{PLACE}=account")
    expect(steps.modal(page)).to_be_visible()
    assert htmx_scripts(page) == 1


@pytest.mark.parametrize("version", [4, 2])
def test_on_pages_that_htmx_fetches_it_opens_on_each(page: Page, version: int) -> None:
    page.goto(f"/boosted/{version}/home")
    steps.open_modal(page)
    page.keyboard.press("Escape")
    expect(steps.modal(page)).to_be_hidden()
    page.evaluate("window.same = true")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("heading", name="next")).to_be_visible()
    steps.open_modal(page)
    steps.change_name(page, "Ada", "Lovelace")
    assert page.evaluate("window.same")
    page.keyboard.press("Escape")
    expect(steps.modal(page)).to_be_hidden()
    expect(page).to_have_url(re.compile(rf"/boosted/{version}/next$"))
    expect(steps.trigger(page)).to_have_accessible_name("Account of Ada Lovelace")


def test_without_a_script_it_is_a_link(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada, Screen(PHONE, javascript=False))
    page.goto(UNDER)
    steps.open_popover(page).get_by_role("link", name="Manage account").click()
    steps.arrive(page, steps.ACCOUNT)
    expect(page.get_by_role("heading", name="Profile", level=1)).to_be_visible()


@pytest.mark.parametrize("what", ["no answer", "out of order", "another page"])
def test_where_it_does_not_come_the_link_is_followed(
    page: Page, complaints: Complaints, what: str
) -> None:
    def answer(route: Route) -> None:
        if route.request.is_navigation_request():
            route.continue_()
        elif what == "no answer":
            route.abort()
        else:
            status = 500 if what == "out of order" else 200
            route.fulfill(status=status, body="<h1>Ours</h1>")

    page.route("**/account/", answer)
    steps.open_popover(page).get_by_role("link", name="Manage account").click()
    steps.arrive(page, steps.ACCOUNT)
    expect(page.get_by_role("heading", name="Profile", level=1)).to_be_visible()
    complaints.heard.clear()


def test_an_answer_that_comes_late_opens_nothing(page: Page) -> None:
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/account/", hold)
    link = steps.open_popover(page).get_by_role("link", name="Manage account")
    with page.expect_request("**/account/"):
        link.click()
    expect(link).to_have_attribute("aria-busy", "true")
    page.evaluate("history.pushState(null, '', '#a')")
    page.go_back()
    with page.expect_response("**/account/"):
        waiting[0].continue_()
    expect(link).not_to_have_attribute("aria-busy", "true")
    expect(steps.modal(page)).to_have_count(0)


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_it_is_sound_on_every_screen(
    open_as: OpenAs, ada: Person, screen: Screen, direction: str
) -> None:
    page = open_as(ada, screen)
    page.goto(f"{UNDER}?direction={direction}")
    modal = steps.open_modal(page)
    assert overflow(page) == 0
    assert modal.evaluate("dialog => dialog.scrollWidth - dialog.clientWidth") == 0
    assert axe(page) == []
    steps.open_name(page)
    assert modal.evaluate("dialog => dialog.scrollWidth - dialog.clientWidth") == 0
    assert axe(page) == []


@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_nothing_on_the_page_moves_when_it_opens(
    open_as: OpenAs, new_person: NewPerson, width: int
) -> None:
    page = open_as(new_person(), Screen(width, reduced_motion=False))
    assert [] in loads(page, UNDER)
    before = steps.trigger(page).bounding_box()
    heading = page.locator("h1").first.bounding_box()
    # By keys: before it clicks, the mouse scrolls what moves into view.
    Keys(page).press("Tab", "Enter", "Tab", "Enter")
    expect(steps.modal(page)).to_be_focused()
    assert page.locator("h1").first.bounding_box() == heading
    page.keyboard.press("Escape")
    assert_closed(page)
    assert shifts(page) == []
    assert steps.trigger(page).bounding_box() == before


@pytest.mark.parametrize("reduced", [True, False])
def test_it_comes_without_motion_where_none_is_wanted(
    open_as: OpenAs, ada: Person, reduced: bool
) -> None:
    page = open_as(ada, Screen(reduced_motion=reduced))
    page.goto(UNDER)
    page.evaluate(
        "addEventListener('animationstart', () => window.moved = true, { capture: true })"
    )
    steps.open_modal(page)
    if not reduced:
        page.wait_for_function("() => window.moved")
    page.keyboard.press("Escape")
    assert_closed(page)
    assert page.evaluate("Boolean(window.moved)") is not reduced
