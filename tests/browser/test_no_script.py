"""The same with JavaScript off: each step is a form or a link, the popover is the browser's."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import OpenAs
from tests.rig.browser import PHONE
from tests.rig.browser import WIDE
from tests.rig.browser import Screen
from tests.rig.browser import overflow
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person

pytestmark = pytest.mark.browser
NO_SCRIPT = Screen(javascript=False)


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Continue").click()


@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_the_whole_story_needs_no_script(open_page: OpenPage, width: int, mailbox: Mailbox) -> None:
    page = open_page(Screen(width, javascript=False))
    person = Person(username=f"noscript_{width}")
    page.goto("/")
    page.get_by_role("banner").get_by_role("link", name="Sign up").click()
    steps.fill_sign_up(page, person)
    steps.arrive(page, "/account/sign-up/verification")
    steps.type_code(page, mailbox.wait(person.email_address).the_code)
    go_on(page)
    steps.arrive(page, "/my-list")
    steps.open_popover(page)
    assert overflow(page) == 0
    steps.popover(page).get_by_role("link", name="Manage account").click()
    steps.arrive(page, steps.ACCOUNT)
    steps.change_name(page, "Ada", "Lovelace")
    assert overflow(page) == 0
    expect(page.get_by_label("First name")).to_be_hidden()
    expect(steps.trigger(page)).to_have_accessible_name("Account of Ada Lovelace")
    steps.sign_out(page)
    expect(steps.trigger(page)).to_have_count(0)


def test_a_person_signs_in_three_ways_without_a_script(
    open_page: OpenPage, ada: Person, mailbox: Mailbox
) -> None:
    page = open_page(NO_SCRIPT)
    for identifier in (ada.email_address, str(ada.username)):
        page.goto(steps.SIGN_IN)
        steps.fill_sign_in(page, identifier, ada.password)
        steps.arrive(page, "/my-list")
        steps.sign_out(page)
    page.goto(steps.SIGN_IN)
    steps.ask_for_code(page, ada.email_address)
    steps.type_code(page, mailbox.wait(ada.email_address).the_code)
    go_on(page)
    steps.arrive(page, "/my-list")


def test_escape_and_a_click_beside_it_close_the_popover_without_a_script(
    open_as: OpenAs, ada: Person
) -> None:
    page = open_as(ada, NO_SCRIPT)
    page.goto("/")
    steps.open_popover(page)
    page.keyboard.press("Escape")
    expect(steps.popover(page)).to_be_hidden()
    expect(steps.trigger(page)).to_be_focused()
    steps.open_popover(page)
    page.get_by_role("heading", level=1).click()
    expect(steps.popover(page)).to_be_hidden()


def test_an_error_of_the_name_is_a_whole_page_with_what_was_typed(
    open_as: OpenAs, ada: Person
) -> None:
    page = open_as(ada, NO_SCRIPT)
    page.goto(steps.ACCOUNT)
    steps.open_name(page)
    steps.type_name(page, "a" * 101, "Lovelace")
    with page.expect_navigation() as navigation:
        steps.save(page)
    assert navigation.value.status == 422
    expect(page).to_have_title("Check the form · Profile · Reading list")
    field = page.get_by_label("First name")
    expect(field).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_value("a" * 101)
    expect(field).to_have_accessible_description("The first name has up to 100 characters.")
    expect(page.get_by_label("Last name")).to_have_value("Lovelace")
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {ada.username}")


def test_an_error_of_sign_up_is_a_whole_page_with_all_but_the_password(
    open_page: OpenPage, ada: Person
) -> None:
    page = open_page(NO_SCRIPT)
    page.goto(steps.SIGN_UP)
    person = Person(username="n o", password="short")
    steps.fill_sign_up(page, person)
    expect(page).to_have_title("Check the form · Create account · Reading list")
    expect(page.get_by_label("Email address")).to_have_value(person.email_address)
    expect(page.get_by_label("Username")).to_have_value("n o")
    expect(page.get_by_label("Username")).to_be_focused()
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("2 fields need another look")
    summary.get_by_role("link").last.click()
    expect(page.get_by_label("Password", exact=True)).to_be_focused()


def test_without_a_script_a_wrong_code_is_told_and_looking_again_is_a_link(
    open_page: OpenPage, ada: Person
) -> None:
    page = open_page(NO_SCRIPT)
    page.goto(steps.SIGN_IN)
    steps.ask_for_code(page, ada.email_address)
    steps.type_code(page, "12345")
    go_on(page)
    expect(steps.code_field(page)).to_have_accessible_description("Enter the 6 digits of the code.")
    expect(steps.code_field(page)).to_have_value("12345")
    expect(page.get_by_role("button", name="Send a new code")).to_be_disabled()
    page.get_by_role("link", name="Look again").click()
    steps.arrive(page, "/account/sign-in/verification")


def test_what_needs_a_script_is_not_there_without_one(open_page: OpenPage) -> None:
    page = open_page(NO_SCRIPT)
    page.goto(steps.SIGN_IN)
    expect(page.get_by_role("button", name="Show password")).to_have_count(0)
