"""What waits for a proof in the email section, and the prompt in the place of each."""

from __future__ import annotations

from flask import Flask
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from tests.rig.people import Person
from tests.rig.people import new_address

TITLE = "Confirm that it is you"
LATE = "This took too long, so nothing has changed. Send it again."
#: What is said, or asked, once it is done.
DONE = {
    "add": "Enter the 6-digit code",
    "primary": "Your primary email address is changed.",
    "removal": "The email address is removed.",
}
PLACES = tuple(DONE)


def give_address(app: Flask, person: Person) -> str:
    """Give somebody another address that counts as proven."""
    address = new_address()
    with app.app_context():
        userkit: UserKit = app.extensions["userkit"]
        with userkit.transaction() as db:
            found = db.query(EmailAddress).filter_by(email_key=person.email_address).one()
            userkit.email_addresses.create(found.user_id, address, verified=True)
    return address


class Place:
    """One of them on a page.

    :param address: the one that is added, made primary or removed.
    """

    def __init__(self, name: str, page: Page, address: str) -> None:
        self.name = name
        self.page = page
        self.address = address
        self.section = page.locator("#userkit-email_addresses")
        self.rows = self.section.locator(".userkit-item__title")
        self.row = self.section.get_by_role("listitem").filter(has_text=address).first
        self.prompt = self.section.get_by_role("group", name=TITLE)
        self.password = self.prompt.get_by_label("Password", exact=True)

    @property
    def opener(self) -> Locator:
        """What leads to it."""
        if self.name == "add":
            return self.section.get_by_role("link", name="Add email address")
        return self.section.get_by_role("button", name=f"Actions for {self.address}")

    @property
    def field(self) -> Locator:
        """Where the address is typed that is added."""
        return self.section.get_by_role("textbox", name="Email address")

    def open(self) -> None:
        """Do what leads to the form, up to the button that sends it."""
        self.opener.click()
        if self.name == "removal":
            menu = self.section.get_by_role("list", name=f"Actions for {self.address}")
            menu.get_by_role("link", name="Remove").click()
        elif self.name == "add":
            self.field.fill(self.address)

    def send(self) -> None:
        """Press that button."""
        label = {"add": "Send code", "primary": "Make primary", "removal": "Remove"}[self.name]
        self.section.get_by_role("button", name=label, exact=True).click()

    def ask(self) -> None:
        """Send the form, and wait for the prompt, which says what it is about."""
        self.open()
        self.send()
        about = {
            "add": "Add email address",
            "primary": f"Make {self.address} your primary address",
            "removal": f"Remove {self.address}?",
        }[self.name]
        expect(self.prompt).to_have_accessible_description(about)
        expect(self.prompt.get_by_text(about, exact=True)).to_be_visible()

    def confirm(self, password: str) -> None:
        """Answer the prompt."""
        self.password.fill(password)
        self.prompt.get_by_role("button", name="Continue").click()

    def cancel(self) -> None:
        """Take it back."""
        self.prompt.get_by_role("link", name="Cancel").click()
        expect(self.prompt).to_have_count(0)
