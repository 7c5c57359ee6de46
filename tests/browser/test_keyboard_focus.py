"""Where the focus goes: in the order of what is seen, visibly, and back to where it came from."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import OpenAs
from tests.browser.keys import Keys
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser
APP = "tests.rig.host"


@pytest.fixture
def server(gallery: Server) -> Server:
    return gallery


@pytest.mark.parametrize(
    ("path", "first", "others"),
    [
        (
            steps.SIGN_IN,
            "Email address or username",
            [
                "Password",
                "Show password",
                "Forgot password?",
                "Sign in",
                "Email me a code",
                "Create an account",
            ],
        ),
        (
            steps.SIGN_UP,
            "Email address",
            [
                "Username (optional)",
                "Password",
                "Show password",
                "Create account",
                "Sign in",
            ],
        ),
    ],
)
def test_a_form_has_the_focus_in_its_first_field_and_goes_on_downwards(
    open_page: OpenPage, path: str, first: str, others: list[str]
) -> None:
    page = open_page()
    keys = Keys(page)
    page.goto(path)
    keys.start_at(first)
    assert keys.outline >= 2
    assert keys.order() == others


def test_the_account_page_is_walked_from_its_top_to_its_end(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    keys = Keys(page)
    page.goto(steps.ACCOUNT)
    edit, change = "Edit name and picture", "Change username"
    after = [change, f"Actions for {ada.email_address}", "Add email address"]
    before = ["Skip to content", APP, f"Account of {ada.username}", "Profile", "Security"]
    assert keys.order() == [*before, edit, *after]
    keys.go_to(edit)
    keys.press("Enter")
    expect(page.get_by_label("First name")).to_be_focused()
    assert keys.order() == ["Last name (optional)", "Save", "Cancel", *after]
    page.get_by_label("First name").focus()
    keys.press("Shift+Tab")
    assert keys.at == "Choose picture"


def test_the_skip_link_is_seen_at_the_first_tab_and_leads_past_the_header(
    open_as: OpenAs, ada: Person
) -> None:
    page = open_as(ada)
    keys = Keys(page)
    page.goto(steps.ACCOUNT)
    skip = page.get_by_role("link", name="Skip to content")
    assert skip.evaluate("element => getComputedStyle(element).clipPath") == "inset(50%)"
    keys.press("Tab")
    expect(skip).to_be_focused()
    assert skip.evaluate("element => getComputedStyle(element).clipPath") == "none"
    keys.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    keys.press("Tab")
    assert keys.at == "Profile"


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_enter_and_space_open_the_popover_and_close_it_again(
    open_as: OpenAs, ada: Person, key: str
) -> None:
    page = open_as(ada)
    keys = Keys(page)
    page.goto("/")
    keys.press("Tab")
    keys.press(key)
    expect(steps.popover(page)).to_be_visible()
    keys.press("Shift+Tab")
    expect(steps.trigger(page)).to_be_focused()
    keys.press(key)
    expect(steps.popover(page)).to_be_hidden()


def test_it_focuses_the_dialog_container_and_its_rows_come_next(
    open_as: OpenAs, ada: Person
) -> None:
    page = open_as(ada)
    keys = Keys(page)
    page.goto("/")
    keys.press("Tab", "Enter")
    expect(steps.popover(page)).to_be_focused()
    keys.press("Tab")
    assert (keys.at, keys.outline) == ("Manage account", 2)
    keys.press("Tab")
    assert (keys.at, keys.outline) == ("Sign out", 2)


@pytest.mark.parametrize("stops", [0, 1, 2])
def test_escape_restores_focus(open_as: OpenAs, ada: Person, stops: int) -> None:
    page = open_as(ada)
    keys = Keys(page)
    page.goto("/")
    keys.press("Tab", "Enter", *["Tab"] * stops, "Escape")
    expect(steps.popover(page)).to_be_hidden()
    expect(steps.trigger(page)).to_be_focused()
    assert keys.outline >= 2


def test_cancel_gives_the_focus_back_to_what_opened_the_form(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    keys = Keys(page)
    page.goto(steps.ACCOUNT)
    keys.go_to("Edit name and picture")
    keys.press("Enter")
    expect(page.get_by_label("First name")).to_be_focused()
    keys.type("Not this")
    keys.go_to("Cancel")
    keys.press("Enter")
    expect(page.get_by_label("First name")).to_be_hidden()
    expect(steps.opener(page)).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_label("First name")).to_have_value("")
