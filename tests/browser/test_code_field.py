"""The field for the six digits, as a person uses it: types, pastes, mistypes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import Request
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.rig.browser import Complaints
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person

pytestmark = pytest.mark.browser
VERIFICATION = "/account/sign-in/verification"


@pytest.fixture
def code(page: Page, ada: Person, mailbox: Mailbox) -> str:
    """The code that was sent to her."""
    return mailbox.wait(ada.email_address).the_code


@pytest.fixture
def page(open_page: OpenPage, ada: Person) -> Page:
    """The page that asks for the code of somebody who signs in."""
    page = open_page()
    page.goto(steps.SIGN_IN)
    steps.ask_for_code(page, ada.email_address)
    steps.arrive(page, VERIFICATION)
    expect(steps.code_field(page)).to_be_focused()
    return page


def attempts_of(page: Page) -> list[Request]:
    """Return the attempts that are sent from now on."""
    sent: list[Request] = []

    def keep(request: Request) -> None:
        if request.method == "POST" and request.url.endswith(VERIFICATION):
            sent.append(request)

    page.on("request", keep)
    return sent


def wrong(code: str, number: int = 1) -> str:
    """Return a code that is not this one."""
    return f"{(int(code) + number) % 10**6:06}"


def paste(page: Page, text: str) -> None:
    """Copy a text out of another field and paste it into the one for the code."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    steps.code_field(page).press("ControlOrMeta+V")


def in_digits_of(zero: str, code: str) -> str:
    return "".join(chr(ord(zero) + int(digit)) for digit in code)


def test_the_sixth_digit_sends_the_form_once(page: Page, code: str) -> None:
    sent = attempts_of(page)
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    steps.arrive(page, "/my-list")
    assert len(sent) == 1


def test_a_code_in_two_halves_can_be_pasted(page: Page, code: str) -> None:
    paste(page, f" {code[:3]} {code[3:]}\n")
    steps.arrive(page, "/my-list")


@pytest.mark.parametrize("zero", ["٠", "۰", "०", "０"], ids=["arab", "persian", "hindi", "wide"])
def test_digits_of_other_scripts_are_taken(page: Page, code: str, zero: str) -> None:
    paste(page, in_digits_of(zero, code))
    steps.arrive(page, "/my-list")


def test_letters_do_not_get_in_and_fewer_digits_do_not_go_out(page: Page, code: str) -> None:
    sent = attempts_of(page)
    page.keyboard.type("a1b2-3.4 5x")
    expect(steps.code_field(page)).to_have_value("12345")
    assert sent == []
    page.keyboard.press("Enter")
    expect(steps.code_field(page)).to_have_accessible_description("Enter the 6 digits of the code.")


def test_a_digit_in_the_middle_can_be_put_right(page: Page, code: str) -> None:
    sent = attempts_of(page)
    typed = f"{code[:2]}{(int(code[2]) + 1) % 10}{code[3:5]}"
    page.keyboard.type(typed)
    for key in ("ArrowLeft", "ArrowLeft", "Backspace"):
        page.keyboard.press(key)
    page.keyboard.type(code[2])
    page.keyboard.press("End")
    assert sent == []
    page.keyboard.type(code[5])
    steps.arrive(page, "/my-list")
    assert len(sent) == 1


def test_a_wrong_code_says_how_many_attempts_are_left_and_is_typed_over(
    page: Page, code: str
) -> None:
    page.keyboard.type(wrong(code))
    field = steps.code_field(page)
    expect(field).to_have_accessible_description("That code is not right. 4 attempts left.")
    expect(field).to_be_focused()
    expect(page).to_have_title("Check the form · Check your email · Reading list")
    assert_sound(page)
    page.keyboard.type(code)
    steps.arrive(page, "/my-list")


def can_be_typed_over(page: Page) -> None:
    """Wait for the scripts of the page that came back."""
    expect(steps.code_field(page)).to_be_focused()
    page.wait_for_load_state()


def test_after_five_wrong_codes_the_right_one_is_too_late(
    page: Page, code: str, complaints: Complaints
) -> None:
    field = steps.code_field(page)
    for number, left in enumerate(("4 attempts", "3 attempts", "2 attempts", "1 attempt"), 1):
        page.keyboard.type(wrong(code, number))
        expect(field).to_have_accessible_description(f"That code is not right. {left} left.")
        can_be_typed_over(page)
    page.keyboard.type(wrong(code, 5))
    expect(field).to_have_accessible_description(
        "That code is not right, and it was the last attempt. Start again."
    )
    can_be_typed_over(page)
    page.keyboard.type(code)
    expect(field).to_have_accessible_description("There were too many attempts. Start again.")
    # The console tells of the status, which is Clerk's 400.
    complaints.heard.clear()
    expect(steps.trigger(page)).to_have_count(0)
    page.get_by_role("link", name="Use another address").click()
    steps.arrive(page, steps.SIGN_IN)


def test_phones_are_told_what_the_field_is_for(page: Page) -> None:
    field = steps.code_field(page)
    expect(field).to_have_attribute("autocomplete", "one-time-code")
    expect(field).to_have_attribute("inputmode", "numeric")
    expect(field).to_have_css("direction", "ltr")
