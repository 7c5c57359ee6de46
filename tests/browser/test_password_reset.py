"""A forgotten password in the browser: from sign-in to the page that was asked for."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.keys import Keys
from tests.rig.browser import PHONE
from tests.rig.browser import WIDE
from tests.rig.browser import Screen
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import new_password

pytestmark = pytest.mark.browser

URL = "/account/password-reset"
CODE = f"{URL}/verification"
SET = "Set new password"


def ask(page: Page, person: Person) -> None:
    """Go to sign-in, find that the password is forgotten, and ask for a code."""
    page.goto("/account/sign-in?next=/my-list")
    page.get_by_role("link", name="Forgot password?").click()
    steps.arrive(page, URL)
    page.get_by_label(steps.IDENTIFIER).fill(person.email_address)
    page.get_by_role("button", name=steps.CODE).click()
    steps.arrive(page, CODE)


def enter(page: Page, code: str, password: str) -> None:
    """Type the code and the password; the sixth digit sends nothing yet."""
    page.wait_for_load_state()
    steps.code_field(page).fill("")
    steps.type_code(page, code)
    page.get_by_label("New password", exact=True).fill(password)
    page.get_by_role("button", name=SET).click()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_somebody_who_has_forgotten_their_password_gets_in(
    open_page: OpenPage, ada: Person, mailbox: Mailbox, width: int, javascript: bool
) -> None:
    page = open_page(Screen(width, javascript=javascript))
    ask(page, ada)
    expect(steps.code_field(page)).to_be_focused()
    new = new_password()
    enter(page, mailbox.wait(ada.email_address).the_code, new)
    steps.arrive(page, "/my-list")
    steps.sign_out(page)
    page.goto(steps.SIGN_IN)
    steps.fill_sign_in(page, ada.email_address, ada.password)
    expect(page.get_by_role("alert")).to_be_visible()
    steps.fill_sign_in(page, ada.email_address, new)
    steps.arrive(page, "/my-list")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_each_page_is_sound_with_its_errors(
    open_page: OpenPage, ada: Person, mailbox: Mailbox, width: int, dark: bool
) -> None:
    page = open_page(Screen(width))
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.goto(steps.SIGN_IN)
    assert_sound(page)
    page.goto(URL)
    assert_sound(page)
    page.get_by_role("button", name=steps.CODE).click()
    expect(page.get_by_text("Enter your email address, phone number or username.")).to_be_visible()
    assert_sound(page)
    ask(page, ada)
    assert_sound(page)
    enter(page, mailbox.wait(ada.email_address).the_code, "short")
    expect(page.get_by_text("A password has 8 characters or more.")).to_be_visible()
    assert_sound(page)


def test_a_weak_password_keeps_the_code_and_a_wrong_code_says_how_many_are_left(
    open_page: OpenPage, ada: Person, mailbox: Mailbox
) -> None:
    page = open_page(Screen(WIDE))
    ask(page, ada)
    code = mailbox.wait(ada.email_address).the_code
    enter(page, code, "short")
    password = page.get_by_label("New password", exact=True)
    expect(password).to_be_focused()
    expect(password).to_have_value("")
    expect(steps.code_field(page)).to_have_value(code)
    enter(page, f"{(int(code) + 1) % 10**6:06}", new_password())
    expect(page.get_by_text("That code is not right. 4 attempts left.")).to_be_visible()
    expect(steps.code_field(page)).to_be_focused()
    enter(page, code, new_password())
    steps.arrive(page, "/my-list")


def test_the_button_for_another_code_waits_and_another_address_is_a_link_away(
    open_page: OpenPage, ada: Person, mailbox: Mailbox
) -> None:
    page = open_page(Screen(PHONE))
    ask(page, ada)
    expect(page.get_by_role("button", name="Send a new code")).to_be_disabled()
    assert mailbox.wait(ada.email_address).the_code
    page.get_by_role("link", name="Use another address").click()
    steps.arrive(page, URL)
    expect(page.get_by_label(steps.IDENTIFIER)).to_be_focused()


def test_it_is_done_by_keys_alone(open_page: OpenPage, ada: Person, mailbox: Mailbox) -> None:
    page = open_page(Screen(WIDE))
    keys = Keys(page)
    page.goto("/account/sign-in?next=/my-list")
    keys.start_at(steps.IDENTIFIER)
    keys.go_to("Forgot password?")
    keys.press("Enter")
    steps.arrive(page, URL)
    keys.start_at(steps.IDENTIFIER)
    keys.type(ada.email_address)
    keys.press("Enter")
    steps.arrive(page, CODE)
    keys.start_at("Code")
    keys.type(mailbox.wait(ada.email_address).the_code)
    keys.go_to("New password")
    keys.type(new_password())
    keys.press("Enter")
    steps.arrive(page, "/my-list")
