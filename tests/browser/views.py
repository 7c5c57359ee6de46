"""Every page and state of the kit, to be looked at one after another."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import address_steps
from tests.browser import steps
from tests.rig.people import Person

View = Callable[[Page], None]
#: Anybody may wait for it, so each person who looks at the pages has it once.
SECOND = "second.address@example.com"


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


def security(page: Page) -> None:
    page.goto(steps.SECURITY)


def name(page: Page) -> None:
    page.goto(steps.ACCOUNT)
    steps.open_name(page)


def name_refused(page: Page) -> None:
    name(page)
    steps.type_name(page, "a" * 101, "b" * 101)
    steps.save(page)
    expect(page.get_by_role("alert")).to_be_visible()


def username(page: Page) -> None:
    page.goto(steps.ACCOUNT)
    steps.open_username(page)


def username_refused(page: Page) -> None:
    page.goto(steps.ACCOUNT)
    steps.open_username(page).fill("x" * 65)
    steps.save(page)
    expect(page.locator("#userkit-username-username")).to_have_attribute("aria-invalid", "true")


def username_removal(page: Page) -> None:
    page.goto(steps.ACCOUNT)
    steps.ask_to_remove_username(page)


def password(page: Page) -> None:
    page.goto("/account/security?edit=password")
    expect(page.get_by_label("New password")).to_be_visible()


def password_refused(page: Page) -> None:
    password(page)
    page.get_by_label("New password").fill("september")
    page.get_by_label("Confirm password").fill("september")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_label("New password")).to_have_attribute("aria-invalid", "true")


def email_address(page: Page) -> None:
    page.goto(steps.ACCOUNT)
    address_steps.open_form(page)


def email_address_refused(page: Page) -> None:
    email_address(page)
    address_steps.section(page).get_by_role("textbox").fill("x" * 65)
    address_steps.section(page).get_by_role("button", name="Send code").click()
    expect(address_steps.section(page).get_by_role("textbox")).to_have_attribute(
        "aria-invalid", "true"
    )


def email_address_code(page: Page) -> None:
    page.goto(steps.ACCOUNT)
    address_steps.claim(page, SECOND)


def email_address_code_refused(page: Page) -> None:
    email_address_code(page)
    address_steps.code_field(page).press_sequentially("12345")
    address_steps.section(page).get_by_role("button", name="Verify").click()
    expect(address_steps.code_field(page)).to_have_attribute("aria-invalid", "true")


def email_address_menu(page: Page) -> None:
    email_address_code(page)
    address_steps.open_menu(page, SECOND)


def email_address_menu_of_the_last(page: Page) -> None:
    page.goto(steps.ACCOUNT)
    section = address_steps.section(page)
    section.get_by_role("button", name="Actions for").first.click()
    expect(section.locator("[aria-disabled=true]")).to_be_visible()


def email_address_removal(page: Page) -> None:
    email_address_code(page)
    address_steps.ask_to_remove(page, SECOND)


def data_export(page: Page) -> None:
    security(page)
    steps.start_export(page)


def deletion(page: Page) -> None:
    security(page)
    steps.open_deletion(page)


def deletion_refused(page: Page) -> None:
    deletion(page)
    steps.deletion_field(page).fill("delete")
    steps.delete_account(page)
    expect(steps.deletion_field(page)).to_have_attribute("aria-invalid", "true")


def settings(page: Page) -> None:
    page.goto("/settings")


def modal(page: Page) -> None:
    page.goto("/")
    steps.open_modal(page)


def modal_name_refused(page: Page) -> None:
    modal(page)
    steps.open_name(page)
    steps.type_name(page, "a" * 101, "b" * 101)
    steps.save(page)
    expect(steps.modal(page).get_by_role("alert")).to_be_visible()


def modal_page(page: Page) -> None:
    """The last page of the profile, which in the example app is its own."""
    modal(page)
    link = steps.modal(page).locator("[data-userkit-page]").last
    title = link.inner_text().strip()
    link.click()
    expect(steps.modal(page).locator(".userkit-profile__title")).to_have_text(title)


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
PERSONAL: tuple[View, ...] = (
    popover,
    account,
    security,
    name,
    name_refused,
    username,
    username_refused,
    username_removal,
    password,
    password_refused,
    email_address,
    email_address_refused,
    email_address_code,
    email_address_code_refused,
    email_address_menu,
    email_address_menu_of_the_last,
    email_address_removal,
    data_export,
    deletion,
    deletion_refused,
    settings,
    modal,
    modal_name_refused,
    modal_page,
    name_saved,
)
