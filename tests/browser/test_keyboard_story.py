"""The whole story by key presses alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.keys import Keys
from tests.rig.browser import PHONE
from tests.rig.browser import WIDE
from tests.rig.browser import Screen
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_a_person_signs_up_changes_the_name_and_signs_out_by_keys(
    open_page: OpenPage, width: int, mailbox: Mailbox
) -> None:
    page = open_page(Screen(width))
    keys = Keys(page)
    person = Person(username=f"keys_{width}")
    page.goto("/")
    keys.go_to("Sign up")
    keys.press("Enter")
    steps.arrive(page, steps.SIGN_UP)
    keys.start_at("Email address")
    keys.type(person.email_address)
    keys.press("Tab")
    keys.type(str(person.username))
    keys.go_to("Password")
    keys.type(person.password)
    keys.press("Enter")
    steps.arrive(page, "/account/sign-up/verification")
    keys.start_at("Code")
    keys.type(mailbox.wait(person.email_address).the_code)
    steps.arrive(page, "/my-list")
    keys.go_to(f"Account of {person.username}")
    keys.press("Enter")
    keys.go_to("Manage account")
    keys.press("Enter")
    expect(steps.modal(page)).to_be_focused()
    keys.go_to("Edit name and picture")
    keys.press("Enter")
    expect(page.get_by_label("First name")).to_be_focused()
    keys.type("Ada")
    keys.press("Tab")
    keys.type("Lovelace")
    keys.go_to("Save")
    keys.press("Enter")
    expect(steps.trigger(page)).to_have_accessible_name("Account of Ada Lovelace")
    assert keys.at == "Edit name and picture"
    keys.press("Escape")
    expect(steps.trigger(page)).to_be_focused()
    keys.press("Space")
    keys.go_to("Sign out")
    keys.press("Space")
    steps.arrive(page, "/")
    expect(steps.trigger(page)).to_have_count(0)


def test_a_person_signs_in_three_ways_by_keys(
    open_page: OpenPage, ada: Person, mailbox: Mailbox
) -> None:
    page = open_page()
    keys = Keys(page)
    for identifier in (ada.email_address, str(ada.username)):
        page.goto(steps.SIGN_IN)
        keys.start_at(steps.IDENTIFIER)
        keys.type(identifier)
        keys.press("Tab")
        keys.type(ada.password)
        keys.press("Enter")
        steps.arrive(page, "/my-list")
        page.context.clear_cookies()
    page.goto(steps.SIGN_IN)
    keys.start_at(steps.IDENTIFIER)
    keys.type(ada.email_address)
    keys.go_to("Send me a code")
    keys.press("Enter")
    steps.arrive(page, "/account/sign-in/verification")
    keys.start_at("Code")
    keys.type(mailbox.wait(ada.email_address).the_code)
    steps.arrive(page, "/my-list")


def test_after_a_refusal_the_keys_are_where_something_is_to_be_mended(
    open_page: OpenPage, ada: Person
) -> None:
    page = open_page()
    keys = Keys(page)
    page.goto(steps.SIGN_IN)
    keys.start_at(steps.IDENTIFIER)
    keys.press("Enter")
    expect(page).to_have_title("Check the form · Sign in · Reading list")
    keys.start_at(steps.IDENTIFIER)
    keys.type(ada.email_address)
    keys.press("Tab")
    keys.type("not the password")
    keys.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    keys.start_at("Password")
    keys.type(ada.password)
    keys.press("Enter")
    steps.arrive(page, "/my-list")
