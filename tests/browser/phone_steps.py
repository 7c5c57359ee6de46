"""What a person does about their phone numbers, with a mouse."""

from __future__ import annotations

from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

VERIFIED = "Your phone number is verified."
PROMOTED = "Your primary phone number is changed."
REMOVED = "The phone number is removed."


def section(page: Page) -> Locator:
    """Return the section of the phone numbers."""
    return page.locator("#userkit-phone_numbers")


def opener(page: Page) -> Locator:
    """Return the last row, which adds a number."""
    return section(page).locator("a.userkit-item__add")


def numbers(page: Page) -> Locator:
    """Return the numbers in their order."""
    return section(page).locator(".userkit-item__title")


def number_field(page: Page) -> Locator:
    """Return the field for the number."""
    return page.get_by_role("textbox", name="Phone number")


def country_field(page: Page) -> Locator:
    """Return the country beside it."""
    return page.get_by_role("combobox", name="Country")


def code_field(page: Page) -> Locator:
    """Return the field for the six digits."""
    return section(page).get_by_role("textbox", name="Code")


def open_menu(page: Page, number: str) -> Locator:
    """Press the three dots of a number, and return what they open."""
    section(page).get_by_role("button", name=f"Actions for {number}").click()
    menu = section(page).get_by_role("list", name=f"Actions for {number}")
    expect(menu).to_be_visible()
    return menu


def type_number(page: Page, country: str, number: str) -> None:
    """Choose the country and type the number."""
    country_field(page).select_option(country)
    number_field(page).fill(number)
