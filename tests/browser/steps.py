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
SECURITY = "/account/security"
#: What sign-in asks for, and what sends a code: an app with phone numbers says so.
IDENTIFIER = re.compile(r"^Email address(, phone number)? or username$")
CODE = re.compile(r"^(Email|Send) me a code$")
SAVED = "Your name is saved."
USERNAME_SAVED = "Your username is saved."
USERNAME_REMOVED = "Your username is removed."

_HIDE = """Object.defineProperty(document, "visibilityState", {
  get: () => "hidden", configurable: true })"""


def look_away(page: Page) -> None:
    """Leave a tab open behind another one, where it asks nothing."""
    page.evaluate(_HIDE)


def trigger(page: Page) -> Locator:
    """Return the button in the header."""
    return page.get_by_role("banner").get_by_role("button", name="Account of")


def popover(page: Page) -> Locator:
    """Return what the button opens."""
    return page.locator(".userkit-popover").and_(page.get_by_role("dialog", name="Account"))


def open_popover(page: Page) -> Locator:
    """Press the button."""
    # A script makes what is in it open over the page.
    page.wait_for_load_state()
    trigger(page).click()
    expect(popover(page)).to_be_visible()
    return popover(page)


def modal(page: Page) -> Locator:
    """Return the profile as it stands over a page."""
    return page.locator("dialog.userkit-dialog--profile")


def open_modal(page: Page) -> Locator:
    """Open the profile over the page."""
    open_popover(page).get_by_role("link", name="Manage account").click()
    expect(modal(page).get_by_role("heading", name="Profile", level=1)).to_be_visible()
    return modal(page)


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
    page.get_by_label(IDENTIFIER).fill(identifier)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def ask_for_code(page: Page, identifier: str) -> None:
    """Ask for a code in place of the password."""
    page.get_by_label(IDENTIFIER).fill(identifier)
    page.get_by_role("button", name=CODE).click()


def code_field(page: Page) -> Locator:
    """Return the field for the six digits."""
    return page.get_by_label("Code")


def type_code(page: Page, code: str) -> None:
    """Type the digits; the sixth sends them, where scripts run."""
    # A script selects what was refused, and sends the sixth digit.
    page.wait_for_load_state()
    code_field(page).press_sequentially(code)


def stop_countdown(page: Page, seconds: int) -> None:
    """Stop the clock of the page where so many seconds are left; from there a test moves it."""
    end = page.evaluate("document.querySelector('userkit-countdown').end")
    page.clock.pause_at((end - seconds * 1000 + 500) / 1000)


def opener(page: Page, section: str = "profile") -> Locator:
    """Return the link that opens the card of a section, which is there while it is closed."""
    return page.locator(f"#userkit-{section} .userkit-item__actions a")


def open_name(page: Page) -> None:
    """Open the form under the name."""
    opener(page).click()
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


def username_section(page: Page) -> Locator:
    """Return the section of the username."""
    return page.locator("#userkit-username")


def open_username(page: Page) -> Locator:
    """Open the form under the username, and return its field."""
    opener(page, "username").click()
    field = username_section(page).get_by_role("textbox", name="Username")
    expect(field).to_be_visible()
    return field


def change_username(page: Page, username: str) -> None:
    """Open the form, type and save, up to the words that it is saved."""
    open_username(page).fill(username)
    save(page)
    expect(username_section(page).get_by_text(USERNAME_SAVED)).to_be_visible()


def ask_to_remove_username(page: Page) -> None:
    """Open the form and the question at its foot."""
    open_username(page)
    username_section(page).get_by_role("link", name="Remove username").click()
    expect(username_section(page).get_by_text("Remove your username?")).to_be_visible()


def remove_username(page: Page) -> None:
    """Remove the username, up to the words that it is removed."""
    ask_to_remove_username(page)
    username_section(page).get_by_role("button", name="Remove username").click()
    expect(username_section(page).get_by_text(USERNAME_REMOVED)).to_be_visible()


def sign_out(page: Page) -> None:
    """Sign out by the button."""
    open_popover(page).get_by_role("button", name="Sign out").click()
    arrive(page, "/")


def start_export(page: Page) -> Locator:
    """Ask for a copy of one's data, and return what downloads it."""
    page.get_by_role("button", name="Start export").click()
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    return page.get_by_role("link", name="Download")


def deletion_field(page: Page) -> Locator:
    """Return where one types that an account is to be deleted."""
    return page.get_by_label("Type Delete account to go on")


def open_deletion(page: Page) -> Locator:
    """Open the form that deletes an account."""
    page.get_by_role("link", name="Delete your account").click()
    expect(deletion_field(page)).to_be_focused()
    return deletion_field(page)


def delete_account(page: Page) -> None:
    """Send that form."""
    page.get_by_role("button", name="Delete account").click()
