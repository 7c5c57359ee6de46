"""The password, set, changed and removed: by each htmx, by keys and without a script."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from flask_userkit.services.limits import DEFAULTS
from tests.browser import gallery
from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.browser.keys import Keys
from tests.browser.sites import LocalSite
from tests.browser.test_reverification import confirm
from tests.browser.test_reverification import forget_password
from tests.browser.test_reverification import prompt
from tests.rig.browser import PHONE
from tests.rig.browser import WIDE
from tests.rig.browser import Screen
from tests.rig.browser import overflow
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import new_password
from tests.rig.people import sign_in
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.browser
NO_SCRIPT = Screen(PHONE, javascript=False)
SECURITY = "/account/security"
SAVED, REMOVED = "Your password is saved.", "Your password is removed."
MISMATCH = "The two passwords are not the same."
EACH_HTMX = pytest.mark.parametrize("htmx", ["kit", "own"], ids=["htmx 4", "htmx 2"])


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app(
        USERKIT_PASSWORD="optional",
        USERKIT_RATE_LIMITS=dict.fromkeys(DEFAULTS, "1000000/hour"),
    )
    gallery.add_pages(app)
    return app


@pytest.fixture
def server(local_site: LocalSite) -> LocalSite:
    """An app in this process, so that its clock can be moved."""
    return local_site


@pytest.fixture
def new() -> str:
    """A password that nobody has."""
    return new_password()


def section(page: Page) -> Locator:
    return page.locator("#userkit-password")


def opener(page: Page) -> Locator:
    return steps.opener(page, "password")


def new_field(page: Page) -> Locator:
    return section(page).get_by_label("New password")


def again_field(page: Page) -> Locator:
    return section(page).get_by_label("Confirm password")


def fill(page: Page, new: str, again: str | None = None) -> None:
    """Fill in the open form and send it."""
    new_field(page).fill(new)
    again_field(page).fill(new if again is None else again)
    section(page).get_by_role("button", name=re.compile("^(Set|Change) password$")).click()


def enters(site: LocalSite, person: Person, password: str) -> bool:
    visitor = Visitor(site.client())
    sign_in(visitor, Person(email_address=person.email_address, password=password))
    return not visitor.page.url.startswith(steps.SIGN_IN)


@EACH_HTMX
def test_it_is_changed_after_a_confirmation_and_the_other_device_is_out(
    open_as: OpenAs, ada: Person, clock: Clock, server: LocalSite, new: str, htmx: str
) -> None:
    other, page = open_as(ada), open_as(ada)
    clock.tick(minutes=10)
    page.goto(f"/settings?htmx={htmx}&profile=security")
    opener(page).click()
    # The question is asked first: what is typed into the form would not be kept.
    expect(prompt(page)).to_contain_text("Change password")
    expect(new_field(page)).to_have_count(0)
    confirm(page, ada.password)
    expect(new_field(page)).to_be_focused()
    expect(section(page).get_by_label("Sign out of all other devices")).to_be_checked()
    assert_sound(page)
    fill(page, new)
    expect(section(page).get_by_text(SAVED)).to_be_visible()
    expect(new_field(page)).to_have_count(0)
    expect(opener(page)).to_be_focused()
    expect(page.get_by_role("status").filter(has_text=SAVED)).to_have_count(1)
    expect(page.locator("#heard")).to_have_text("1")
    assert_sound(page)
    other.goto(steps.ACCOUNT)
    steps.arrive(other, steps.SIGN_IN)
    # The forms that were on the page before go on: their tokens came along.
    steps.sign_out(page)
    assert enters(server, ada, new)
    assert not enters(server, ada, ada.password)


def test_leave_other_sessions_intact(open_as: OpenAs, ada: Person, new: str) -> None:
    other, page = open_as(ada), open_as(ada)
    page.goto(SECURITY)
    opener(page).click()
    section(page).get_by_label("Sign out of all other devices").uncheck()
    fill(page, new)
    expect(section(page).get_by_text(SAVED)).to_be_visible()
    other.goto(steps.ACCOUNT)
    expect(steps.trigger(other)).to_be_visible()


def test_set_and_update_password_button_text(
    open_as: OpenAs, ada: Person, app: Flask, new: str
) -> None:
    page = open_as(ada)
    forget_password(app, ada)
    page.goto(SECURITY)
    expect(section(page)).to_contain_text("No password")
    expect(opener(page)).to_have_text("Set")
    expect(opener(page)).to_have_accessible_name("Set password")
    opener(page).click()
    expect(section(page).get_by_role("link", name="Remove password")).to_have_count(0)
    fill(page, new)
    expect(section(page).get_by_text(SAVED)).to_be_visible()
    expect(section(page)).to_contain_text("Changed on")
    expect(opener(page)).to_have_accessible_name("Change password")


def test_who_has_none_confirms_by_a_code(
    open_as: OpenAs, ada: Person, app: Flask, clock: Clock, mailbox: Mailbox, new: str
) -> None:
    page = open_as(ada)
    forget_password(app, ada)
    clock.tick(minutes=10)
    page.goto(f"{SECURITY}?edit=password")
    prompt(page).get_by_role("button", name="Email me a code").click()
    expect(prompt(page).get_by_label("Code")).to_be_focused()
    page.keyboard.type(mailbox.wait(ada.email_address).the_code)
    expect(section(page).get_by_label("Sign out of all other devices")).to_be_checked()
    fill(page, new)
    expect(section(page).get_by_text(SAVED)).to_be_visible()


@EACH_HTMX
def test_mismatch_feedback_and_a_weak_one_with_its_reason(
    open_as: OpenAs, ada: Person, new: str, htmx: str
) -> None:
    page = open_as(ada)
    page.goto(f"/settings?htmx={htmx}&profile=security&edit=password")
    section(page).get_by_label("Sign out of all other devices").uncheck()
    fill(page, new, f"{new} ")
    expect(again_field(page)).to_have_accessible_description(MISMATCH)
    expect(again_field(page)).to_be_focused()
    expect(new_field(page)).to_have_value("")
    expect(section(page).get_by_label("Sign out of all other devices")).not_to_be_checked()
    assert_sound(page)
    fill(page, "september")
    expect(new_field(page)).to_have_accessible_description(
        "A common word is easily guessed. A few words that do not belong together work well. "
        "8 characters or more. A few plain words work well."
    )
    expect(new_field(page)).to_be_focused()
    fill(page, new)
    expect(section(page).get_by_text(SAVED)).to_be_visible()


@pytest.mark.parametrize("screen", [Screen(PHONE), Screen(WIDE, dark=True)], ids=str)
def test_its_cards_are_sound(open_as: OpenAs, ada: Person, screen: Screen) -> None:
    page = open_as(ada, screen)
    page.goto(SECURITY)
    assert_sound(page)
    opener(page).click()
    expect(new_field(page)).to_be_focused()
    assert_sound(page)
    fill(page, "short")
    expect(new_field(page)).to_have_attribute("aria-invalid", "true")
    assert_sound(page)
    section(page).get_by_role("link", name="Remove password").click()
    expect(section(page).get_by_text("Remove your password?")).to_be_visible()
    assert_sound(page)


def test_hidden_identifier_field(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    page.goto(f"{SECURITY}?edit=password")
    field = section(page).locator("form [autocomplete=username]")
    expect(field).to_have_value(ada.email_address)
    expect(field).not_to_be_editable()
    box = field.bounding_box()
    assert box is not None, "a field that is not displayed at all is unknown to some managers"
    assert max(box["width"], box["height"]) < 10


def test_it_is_pasted_shown_changed_and_removed_by_keys_alone(
    open_as: OpenAs, ada: Person, new: str
) -> None:
    page = open_as(ada, Screen(PHONE))
    keys = Keys(page)
    page.goto(SECURITY)
    keys.go_to("Change password")
    keys.press("Enter")
    expect(new_field(page)).to_be_focused()
    keys.type(new)
    keys.press("Tab")
    assert keys.at == "Show password"
    keys.press("Enter")
    expect(new_field(page)).to_have_attribute("type", "text")
    keys.press("Shift+Tab", "Control+A", "Control+C", "Tab", "Tab")
    expect(again_field(page)).to_be_focused()
    keys.press("Control+V")
    expect(again_field(page)).to_have_value(new)
    keys.press("Enter")
    expect(section(page).get_by_text(SAVED)).to_be_visible()
    assert keys.at == "Change password"
    keys.press("Enter")
    keys.go_to("Remove password")
    keys.press("Enter")
    expect(page.get_by_role("link", name="Keep it")).to_be_focused()
    keys.press("Shift+Tab", "Enter")
    expect(section(page).get_by_text(REMOVED)).to_be_visible()
    assert keys.at == "Set password"
    assert overflow(page) == 0


def test_without_a_script_each_step_is_a_page(
    open_as: OpenAs, ada: Person, clock: Clock, server: LocalSite, new: str
) -> None:
    page = open_as(ada, NO_SCRIPT)
    clock.tick(minutes=10)
    page.goto(SECURITY)
    opener(page).click()
    confirm(page, ada.password)
    with page.expect_navigation() as navigation:
        fill(page, new, "something else")
    assert navigation.value.status == 422
    expect(again_field(page)).to_be_focused()
    assert overflow(page) == 0
    fill(page, new)
    expect(section(page).get_by_text(SAVED)).to_be_visible()
    assert enters(server, ada, new)
    opener(page).click()
    section(page).get_by_role("link", name="Remove password").click()
    section(page).get_by_role("link", name="Keep it").click()
    opener(page).click()
    section(page).get_by_role("link", name="Remove password").click()
    assert overflow(page) == 0
    section(page).get_by_role("button", name="Remove password").click()
    expect(section(page).get_by_text(REMOVED)).to_be_visible()
    expect(section(page)).to_contain_text("No password")
