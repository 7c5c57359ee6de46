"""What a person does on the pages, with a mouse; each step ends on the page that it leads to."""

from __future__ import annotations

import re

from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.rig.people import Person

SIGN_IN = "/account/sign-in"
SIGN_UP = "/account/sign-up"
ACCOUNT = "/account/"
SAVED = "Your name is saved."


def trigger(page: Page) -> Locator:
    """Return the button in the header."""
    return page.get_by_role("banner").get_by_role("button", name="Account of")


def popover(page: Page) -> Locator:
    """Return what the button opens."""
    return page.get_by_role("dialog", name="Account")


def open_popover(page: Page) -> Locator:
    """Press the button."""
    trigger(page).click()
    expect(popover(page)).to_be_visible()
    return popover(page)


def arrive(page: Page, path: str) -> None:
    """Wait until the page is at a path, whatever its query."""
    page.wait_for_url(re.compile(rf"^https?://[^/]+{re.escape(path)}([?#]|$)"))


def fill_sign_up(page: Page, person: Person) -> None:
    """Fill in the sign-up form and send it."""
    page.get_by_label("Email address").fill(person.email_address)
    if person.username:
        page.get_by_label("Username").fill(person.username)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Create account").click()


def fill_sign_in(page: Page, identifier: str, password: str) -> None:
    """Fill in the sign-in form and send it."""
    page.get_by_label("Email address or username").fill(identifier)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def ask_for_code(page: Page, identifier: str) -> None:
    """Ask for a code in place of the password."""
    page.get_by_label("Email address or username").fill(identifier)
    page.get_by_role("button", name="Email me a code").click()


def code_field(page: Page) -> Locator:
    """Return the field for the six digits."""
    return page.get_by_label("Code")


def type_code(page: Page, code: str) -> None:
    """Type the digits; the sixth sends them, where scripts run."""
    code_field(page).press_sequentially(code)


def open_name(page: Page) -> None:
    """Open the form under the name."""
    page.locator("summary").click()
    expect(page.get_by_label("First name")).to_be_visible()


def type_name(page: Page, first_name: str, last_name: str) -> None:
    """Fill in the open form."""
    page.get_by_label("First name").fill(first_name)
    page.get_by_label("Last name").fill(last_name)


def save(page: Page) -> None:
    """Press Save."""
    page.get_by_role("button", name="Save").click()


def change_name(page: Page, first_name: str, last_name: str) -> None:
    """Open the form, fill it in and save, up to the words that it is saved."""
    open_name(page)
    type_name(page, first_name, last_name)
    save(page)
    expect(page.locator("#userkit-profile").get_by_text(SAVED)).to_be_visible()


def sign_out(page: Page) -> None:
    """Sign out by the button."""
    open_popover(page).get_by_role("button", name="Sign out").click()
    arrive(page, "/")
