"""What a person does about their email addresses, with a mouse."""

from __future__ import annotations

from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.rig.mailbox import Mailbox

VERIFIED = "Your email address is verified."
PROMOTED = "Your primary email address is changed."
REMOVED = "The email address is removed."


def section(page: Page) -> Locator:
    """Return the section of the email addresses."""
    return page.locator("#userkit-email_addresses")


def opener(page: Page) -> Locator:
    """Return the last row, which adds an address."""
    return section(page).locator("a.userkit-item__add")


def row(page: Page, address: str) -> Locator:
    """Return the row of an address."""
    return section(page).get_by_role("listitem").filter(has_text=address).first


def addresses(page: Page) -> Locator:
    """Return the addresses in their order."""
    return section(page).locator(".userkit-item__title")


def code_field(page: Page) -> Locator:
    """Return the field for the six digits."""
    return section(page).get_by_role("textbox", name="Code")


def open_menu(page: Page, address: str) -> Locator:
    """Press the three dots of an address, and return what they open."""
    section(page).get_by_role("button", name=f"Actions for {address}").click()
    menu = section(page).get_by_role("list", name=f"Actions for {address}")
    expect(menu).to_be_visible()
    return menu


def choose(page: Page, address: str, what: str) -> None:
    """Choose something in the menu of an address."""
    open_menu(page, address).get_by_text(what, exact=True).click()


def open_form(page: Page) -> Locator:
    """Open the form that adds an address, and return its field."""
    opener(page).click()
    field = section(page).get_by_role("textbox", name="Email address")
    expect(field).to_be_focused()
    return field


def claim(page: Page, address: str) -> None:
    """Add an address, up to the field for its code."""
    open_form(page).fill(address)
    section(page).get_by_role("button", name="Send code").click()
    expect(code_field(page)).to_be_focused()


def own(page: Page, mailbox: Mailbox, address: str) -> None:
    """Add an address and type its code, up to the words that it is verified."""
    claim(page, address)
    code_field(page).press_sequentially(mailbox.wait(address).the_code)
    expect(section(page).get_by_text(VERIFIED)).to_be_visible()


def ask_to_remove(page: Page, address: str) -> Locator:
    """Open the question under an address, and return what takes it back."""
    choose(page, address, "Remove")
    keep = section(page).get_by_role("link", name="Keep it")
    expect(keep).to_be_focused()
    return keep


def remove(page: Page, address: str) -> None:
    """Remove an address, up to the words that it is removed."""
    ask_to_remove(page, address)
    section(page).get_by_role("button", name="Remove", exact=True).click()
    expect(section(page).get_by_text(REMOVED)).to_be_visible()


def on_the_account_page(page: Page) -> None:
    """Open the account page."""
    page.goto(steps.ACCOUNT)
    expect(section(page)).to_be_visible()
