"""The username, changed and removed in the browser: by each htmx, by keys and without a script."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import NewPerson
from tests.browser.conftest import OpenAs
from tests.browser.keys import Keys
from tests.rig.browser import PHONE
from tests.rig.browser import Screen
from tests.rig.browser import overflow
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser
NO_SCRIPT = Screen(PHONE, javascript=False)


@pytest.fixture
def server(gallery: Server) -> Server:
    return gallery


@pytest.fixture
def name() -> str:
    """A username that nobody has."""
    return f"countess_{secrets.token_hex(4)}"


@pytest.fixture(params=["kit", "own"], ids=["htmx 4", "htmx 2"])
def page(request: pytest.FixtureRequest, open_as: OpenAs, ada: Person) -> Page:
    """The settings page of somebody who is signed in."""
    page = open_as(ada)
    page.goto(f"/settings?htmx={request.param}")
    return page


def test_can_update_user_username(page: Page, name: str) -> None:
    steps.change_username(page, name)
    section = steps.username_section(page)
    expect(section.locator("bdi")).to_have_text(name)
    expect(section.get_by_role("textbox")).to_be_hidden()
    expect(steps.opener(page, "username")).to_be_focused()
    status = page.get_by_role("status").filter(has_text=steps.USERNAME_SAVED)
    expect(status).to_have_count(1)
    expect(page.locator("#heard")).to_have_text("1")
    assert_sound(page)


def test_the_button_follows_at_once(page: Page, ada: Person, name: str) -> None:
    steps.change_username(page, name)
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {name}")
    steps.remove_username(page)
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {ada.email_address}")
    expect(steps.username_section(page)).to_contain_text("No username")


def test_a_taken_username_comes_back_at_its_field(page: Page, new_person: NewPerson) -> None:
    taken = str(new_person().username).upper()
    steps.open_username(page).fill(taken)
    steps.save(page)
    field = steps.username_section(page).get_by_role("textbox")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(
        "This username is taken. 4 to 64 letters from a to z, digits, dashes or underscores. "
        "Once you change it, anybody may take the old one."
    )
    expect(field).to_be_focused()
    expect(field).to_have_value(taken)
    assert_sound(page)


def test_from_user_button_opens_actions_correctly(page: Page, ada: Person) -> None:
    section = steps.username_section(page)
    steps.open_username(page).fill("not this")
    section.get_by_role("link", name="Cancel").click()
    expect(section.get_by_role("textbox")).to_be_hidden()
    expect(steps.opener(page, "username")).to_be_focused()
    expect(steps.open_username(page)).to_have_value(str(ada.username))


def test_a_removal_that_is_thought_better_of_removes_nothing(page: Page, ada: Person) -> None:
    section = steps.username_section(page)
    steps.ask_to_remove_username(page)
    assert_sound(page)
    section.get_by_role("link", name="Keep it").click()
    expect(section.get_by_role("button", name="Remove username")).to_be_hidden()
    expect(steps.opener(page, "username")).to_be_focused()
    page.reload()
    expect(section.locator("bdi")).to_have_text(str(ada.username))


def test_it_is_changed_and_removed_by_keys_alone(open_as: OpenAs, ada: Person, name: str) -> None:
    page = open_as(ada, Screen(PHONE))
    keys = Keys(page)
    page.goto(steps.ACCOUNT)
    keys.go_to("Change username")
    keys.press("Enter")
    expect(steps.username_section(page).get_by_role("textbox")).to_be_focused()
    keys.press("Control+A")
    keys.type(name)
    keys.press("Enter")
    expect(steps.username_section(page).get_by_text(steps.USERNAME_SAVED)).to_be_visible()
    assert keys.at == "Change username"
    keys.press("Enter")
    keys.go_to("Remove username")
    keys.press("Enter")
    expect(page.get_by_role("link", name="Keep it")).to_be_focused()
    keys.press("Shift+Tab", "Enter")
    expect(steps.username_section(page).get_by_text(steps.USERNAME_REMOVED)).to_be_visible()
    assert keys.at == "Add a username"
    assert overflow(page) == 0


def test_without_a_script_each_step_is_a_page(
    open_as: OpenAs, ada: Person, new_person: NewPerson, name: str
) -> None:
    taken = str(new_person().username)
    page = open_as(ada, NO_SCRIPT)
    page.goto(steps.ACCOUNT)
    steps.open_username(page).fill(taken)
    with page.expect_navigation() as navigation:
        steps.save(page)
    assert navigation.value.status == 422
    field = steps.username_section(page).get_by_role("textbox")
    expect(field).to_be_focused()
    expect(field).to_have_value(taken)
    assert overflow(page) == 0
    field.fill(name)
    steps.save(page)
    expect(steps.username_section(page).get_by_text(steps.USERNAME_SAVED)).to_be_visible()
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {name}")
    steps.ask_to_remove_username(page)
    assert overflow(page) == 0
    steps.username_section(page).get_by_role("link", name="Keep it").click()
    steps.remove_username(page)
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {ada.email_address}")
