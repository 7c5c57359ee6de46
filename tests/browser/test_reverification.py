"""Confirming that it is you, in place: by each htmx, by keys, on a phone, and without a script."""

from __future__ import annotations

import secrets

import pytest
from flask import Flask
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from flask_userkit import UserKit
from flask_userkit import reverification_required
from flask_userkit.models import EmailAddress
from flask_userkit.models import User
from flask_userkit.services.limits import DEFAULTS
from tests.browser import gallery
from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.browser.keys import Keys
from tests.browser.sites import LocalSite
from tests.rig.browser import PHONE
from tests.rig.browser import Screen
from tests.rig.browser import overflow
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person

pytestmark = pytest.mark.browser
NO_SCRIPT = Screen(PHONE, javascript=False)
CARD = "/account/?edit=username"
TITLE = "Confirm that it is you"
LATE = "This took too long, so nothing has changed. Send it again."
EACH_HTMX = pytest.mark.parametrize("htmx", ["kit", "own"], ids=["htmx 4", "htmx 2"])


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app(
        USERKIT_USERNAME="optional",
        USERKIT_RATE_LIMITS=dict.fromkeys(DEFAULTS, "1000000/hour"),
    )
    gallery.add_pages(app)

    @app.get("/secret")
    @reverification_required()
    def secret() -> str:
        return "<!doctype html><html lang=en><title>Secret</title><h1>The secret</h1></html>"

    return app


@pytest.fixture
def server(local_site: LocalSite) -> LocalSite:
    """An app in this process, so that its clock can be moved."""
    return local_site


@pytest.fixture
def name() -> str:
    """A username that nobody has."""
    return f"countess_{secrets.token_hex(4)}"


def prompt(page: Page) -> Locator:
    """Return what asks who one is."""
    return page.get_by_role("group", name=TITLE)


def ask(page: Page, name: str) -> Locator:
    """Send the username's form, and return the prompt that takes its place."""
    steps.username_section(page).get_by_role("textbox", name="Username").fill(name)
    steps.save(page)
    expect(prompt(page)).to_be_visible()
    return prompt(page)


def confirm(page: Page, password: str) -> None:
    prompt(page).get_by_label("Password", exact=True).fill(password)
    prompt(page).get_by_role("button", name="Continue").click()


@EACH_HTMX
def test_it_is_asked_in_place_and_the_form_goes_on(
    open_as: OpenAs, ada: Person, clock: Clock, name: str, htmx: str
) -> None:
    page = open_as(ada)
    clock.tick(minutes=10)
    page.goto(f"/settings?htmx={htmx}&edit=username")
    field = ask(page, name).get_by_label("Password", exact=True)
    expect(field).to_be_focused()
    expect(steps.username_section(page).locator(".userkit-item__row")).to_contain_text(
        str(ada.username)
    )
    assert_sound(page)
    confirm(page, "not the password")
    expect(field).to_have_accessible_description("That password is not right.")
    expect(field).to_be_focused()
    assert_sound(page)
    confirm(page, ada.password)
    section = steps.username_section(page)
    expect(section.get_by_text(steps.USERNAME_SAVED)).to_be_visible()
    expect(section.locator(".userkit-item__row bdi")).to_have_text(name)
    expect(prompt(page)).to_have_count(0)
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {name}")
    assert page.url.endswith(f"/settings?htmx={htmx}&edit=username")
    assert_sound(page)
    # The forms that were on the page before go on: their tokens came along.
    steps.sign_out(page)


@EACH_HTMX
def test_cancelled_it_leaves_all_as_it_was(
    open_as: OpenAs, ada: Person, clock: Clock, name: str, htmx: str
) -> None:
    page = open_as(ada)
    clock.tick(minutes=10)
    page.goto(f"/settings?htmx={htmx}&edit=username")
    ask(page, name).get_by_role("link", name="Cancel").click()
    expect(prompt(page)).to_have_count(0)
    section = steps.username_section(page)
    expect(section.locator(".userkit-item__row bdi")).to_have_text(str(ada.username))
    expect(section.get_by_role("link", name="Change")).to_be_focused()
    page.reload()
    expect(section.locator(".userkit-item__row bdi")).to_have_text(str(ada.username))


@EACH_HTMX
def test_after_ten_minutes_it_says_so_and_asks_for_the_form_again(
    open_as: OpenAs, ada: Person, clock: Clock, name: str, htmx: str
) -> None:
    page = open_as(ada)
    clock.tick(minutes=10)
    page.goto(f"/settings?htmx={htmx}&edit=username")
    ask(page, name)
    clock.tick(minutes=10)
    confirm(page, ada.password)
    expect(page.get_by_role("alert").filter(has_text=LATE)).to_be_visible()
    field = steps.username_section(page).get_by_role("textbox", name="Username")
    expect(field).to_have_value(str(ada.username))
    assert_sound(page)
    field.fill(name)
    steps.save(page)
    expect(steps.username_section(page).get_by_text(steps.USERNAME_SAVED)).to_be_visible()


def test_a_code_that_is_typed_sends_itself(
    open_as: OpenAs,
    ada: Person,
    app: Flask,
    clock: Clock,
    mailbox: Mailbox,
    name: str,
) -> None:
    page = open_as(ada)
    forget_password(app, ada)
    clock.tick(minutes=10)
    page.goto("/settings?edit=username")
    card = ask(page, name)
    expect(card).to_contain_text(f"We have sent a 6-digit code to {ada.email_address}")
    expect(card.get_by_label("Code")).to_be_focused()
    resend = card.get_by_role("button", name="Send a new code")
    expect(resend).to_be_disabled()
    expect(card).to_contain_text("You can ask for a new code in")
    assert_sound(page)
    code = mailbox.wait(ada.email_address).the_code
    page.keyboard.type(f"{(int(code) + 1) % 10**6:06}")
    expect(card).to_contain_text("That code is not right. 4 attempts left.")
    page.keyboard.type(code)
    expect(steps.username_section(page).get_by_text(steps.USERNAME_SAVED)).to_be_visible()


def forget_password(app: Flask, person: Person) -> None:
    """Take somebody's password away, as if they had never had one."""
    with app.app_context():
        userkit: UserKit = app.extensions["userkit"]
        with userkit.transaction() as db:
            key = person.email_address
            owned = db.query(EmailAddress).filter(EmailAddress.email_key == key).one()
            db.get_one(User, owned.user_id).password_digest = None


def test_it_is_confirmed_by_keys_alone_on_a_phone(
    open_as: OpenAs, ada: Person, clock: Clock, name: str
) -> None:
    page = open_as(ada, Screen(PHONE))
    clock.tick(minutes=10)
    keys = Keys(page)
    page.goto(CARD)
    keys.start_at("Username")
    keys.press("Control+A")
    keys.type(name)
    keys.press("Enter")
    expect(prompt(page)).to_be_visible()
    keys.start_at("Password")
    assert overflow(page) == 0
    keys.press("Tab")
    assert keys.at == "Show password"
    keys.press("Tab")
    assert keys.at == "Continue"
    keys.press("Tab")
    assert keys.at == "Cancel"
    keys.press("Shift+Tab", "Shift+Tab", "Shift+Tab")
    keys.type(ada.password)
    keys.press("Enter")
    expect(steps.username_section(page).get_by_text(steps.USERNAME_SAVED)).to_be_visible()
    keys.start_at("Change username")


def test_without_a_script_each_step_is_a_page(
    open_as: OpenAs, ada: Person, clock: Clock, name: str
) -> None:
    page = open_as(ada, NO_SCRIPT)
    clock.tick(minutes=10)
    page.goto(CARD)
    card = ask(page, name)
    assert overflow(page) == 0
    card.get_by_role("link", name="Cancel").click()
    section = steps.username_section(page)
    expect(section.locator(".userkit-item__row bdi")).to_have_text(str(ada.username))
    page.goto(CARD)
    ask(page, name)
    confirm(page, "not the password")
    expect(prompt(page)).to_contain_text("That password is not right.")
    confirm(page, ada.password)
    expect(section.get_by_text(steps.USERNAME_SAVED)).to_be_visible()
    expect(section.locator(".userkit-item__row bdi")).to_have_text(name)


@pytest.mark.parametrize("screen", [Screen(PHONE), NO_SCRIPT], ids=["phone", "no script"])
def test_a_page_of_the_app_comes_after_it(
    open_as: OpenAs, ada: Person, clock: Clock, screen: Screen
) -> None:
    page = open_as(ada, screen)
    clock.tick(minutes=10)
    page.goto("/secret")
    expect(page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    assert overflow(page) == 0
    if screen.javascript:
        assert_sound(page)
    page.get_by_label("Password", exact=True).fill(ada.password)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The secret")
