"""Every page and state of the kit, to be looked at one after another."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.rig.people import Person

View = Callable[[Page], None]


def home(page: Page) -> None:
    page.goto("/")


def sign_in(page: Page) -> None:
    page.goto(steps.SIGN_IN)


def sign_in_refused(page: Page) -> None:
    page.goto(steps.SIGN_IN)
    steps.fill_sign_in(page, "nobody@example.com", "not the password")
    expect(page.get_by_role("alert")).to_be_visible()


def sign_up(page: Page) -> None:
    page.goto(steps.SIGN_UP)


def sign_up_refused(page: Page) -> None:
    page.goto(steps.SIGN_UP)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("alert")).to_be_visible()


def code(page: Page) -> None:
    page.goto(steps.SIGN_UP)
    steps.fill_sign_up(page, Person(username=f"code_{secrets.token_hex(4)}"))
    steps.arrive(page, "/account/sign-up/verification")


def code_refused(page: Page) -> None:
    code(page)
    steps.type_code(page, "12345")
    page.get_by_role("button", name="Continue").click()
    expect(steps.code_field(page)).to_have_attribute("aria-invalid", "true")


def mailbox(page: Page) -> None:
    page.goto("/account/mailbox")


def error(page: Page) -> None:
    page.goto("/account/assets/none")


def popover(page: Page) -> None:
    page.goto("/")
    steps.open_popover(page)


def account(page: Page) -> None:
    page.goto(steps.ACCOUNT)


def name(page: Page) -> None:
    page.goto(steps.ACCOUNT)
    steps.open_name(page)


def name_refused(page: Page) -> None:
    name(page)
    steps.type_name(page, "a" * 101, "b" * 101)
    steps.save(page)
    expect(page.get_by_role("alert")).to_be_visible()


def name_saved(page: Page) -> None:
    page.goto(steps.ACCOUNT)
    steps.change_name(page, "Ada", "Lovelace")


#: What somebody sees who is not signed in.
PUBLIC: tuple[View, ...] = (
    home,
    sign_in,
    sign_in_refused,
    sign_up,
    sign_up_refused,
    code,
    code_refused,
    mailbox,
    error,
)
#: What somebody sees who is, the change of the name last.
PERSONAL: tuple[View, ...] = (popover, account, name, name_refused, name_saved)
