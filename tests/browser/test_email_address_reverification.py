"""Confirming that it is you in the email section: by each htmx, in the modal, without a script."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from playwright.sync_api import Page
from playwright.sync_api import expect

from flask_userkit.services.limits import DEFAULTS
from tests.browser import gallery
from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.browser.email_address_prompts import DONE
from tests.browser.email_address_prompts import LATE
from tests.browser.email_address_prompts import PLACES
from tests.browser.email_address_prompts import TITLE
from tests.browser.email_address_prompts import Place
from tests.browser.email_address_prompts import give_address
from tests.browser.keys import Keys
from tests.browser.sites import LocalSite
from tests.rig.browser import PHONE
from tests.rig.browser import Screen
from tests.rig.browser import axe
from tests.rig.browser import overflow
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import new_address

pytestmark = pytest.mark.browser
NO_SCRIPT = Screen(PHONE, javascript=False)
each_htmx = pytest.mark.parametrize("htmx", ["kit", "own"], ids=["htmx 4", "htmx 2"])
each_place = pytest.mark.parametrize("name", PLACES)


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app(USERKIT_RATE_LIMITS=dict.fromkeys(DEFAULTS, "1000000/hour"))
    gallery.add_pages(app)
    return app


@pytest.fixture
def server(local_site: LocalSite) -> LocalSite:
    """An app in this process, so that its clock can be moved."""
    return local_site


@pytest.fixture
def second(app: Flask, ada: Person) -> str:
    """Another verified address of hers."""
    return give_address(app, ada)


Open = t.Callable[..., Page]


@pytest.fixture
def open_late(open_as: OpenAs, ada: Person, clock: Clock) -> Open:
    """Opens a page in the browser of somebody who signed in ten minutes ago."""

    def open_one(url: str, screen: Screen | None = None) -> Page:
        page = open_as(ada, screen)
        clock.tick(minutes=10)
        page.goto(url)
        return page

    return open_one


@pytest.fixture(params=["settings kit", "settings own", "modal none", "modal own"])
def page(request: pytest.FixtureRequest, open_late: Open) -> Page:
    """The section in a page and over one, by htmx 4 and 2."""
    where, htmx = request.param.split()
    if where == "settings":
        return open_late(f"/settings?htmx={htmx}")
    page = open_late(f"/under?htmx={htmx}")
    steps.open_modal(page)
    return page


def test_reverification_prompt_on_adding_new_email_address(
    page: Page, ada: Person, mailbox: Mailbox
) -> None:
    url, address = page.url, new_address()
    place = Place("add", page, address)
    place.ask()
    expect(place.password).to_be_focused()
    expect(place.rows).to_have_text([ada.email_address])
    assert axe(page) == []
    place.confirm(ada.password)
    code = place.section.get_by_role("textbox", name="Code")
    expect(code).to_be_focused()
    expect(place.prompt).to_have_count(0)
    expect(place.rows).to_have_text([ada.email_address, address])
    code.press_sequentially(mailbox.wait(address).the_code)
    expect(place.section.get_by_text("Your email address is verified.")).to_be_visible()
    assert [mail.to for mail in mailbox.all()].count(address) == 1
    assert page.url == url


def test_reverification_prompt_can_be_cancelled_when_adding_email(
    page: Page, ada: Person, mailbox: Mailbox
) -> None:
    address = new_address()
    place = Place("add", page, address)
    place.ask()
    place.cancel()
    expect(place.opener).to_be_focused()
    expect(place.rows).to_have_text([ada.email_address])
    # What was typed is not kept either.
    place.opener.click()
    expect(place.field).to_have_value("")
    page.goto(steps.ACCOUNT)
    expect(place.rows).to_have_text([ada.email_address])
    assert [mail for mail in mailbox.all() if mail.to == address] == []


def test_prompt_at_make_primary(page: Page, ada: Person, second: str) -> None:
    url, place = page.url, Place("primary", page, second)
    page.reload()
    place.ask()
    expect(place.password).to_be_focused()
    expect(place.rows).to_have_text([ada.email_address, second])
    expect(place.row).to_contain_text(TITLE)
    assert axe(page) == []
    place.cancel()
    expect(place.opener).to_be_focused()
    expect(place.rows).to_have_text([ada.email_address, second])
    place.ask()
    place.confirm(ada.password)
    assert_done(place)
    expect(place.rows).to_have_text([second, ada.email_address])
    assert page.url == url


def test_prompt_at_remove(page: Page, ada: Person, second: str) -> None:
    url, place = page.url, Place("removal", page, second)
    page.reload()
    place.ask()
    expect(place.password).to_be_focused()
    expect(place.row).to_contain_text(TITLE)
    expect(place.section.get_by_role("link", name="Keep it")).to_have_count(0)
    assert axe(page) == []
    place.cancel()
    expect(place.opener).to_be_focused()
    place.ask()
    place.confirm(ada.password)
    assert_done(place)
    expect(place.rows).to_have_text([ada.email_address])
    assert page.url == url


def assert_done(place: Place) -> None:
    """Fail where it is not told, once aloud, or the focus is nowhere."""
    expect(place.section.get_by_text(DONE[place.name])).to_be_visible()
    told = place.page.get_by_role("status").filter(has_text=DONE[place.name])
    expect(told).to_have_count(1)
    expect(place.prompt).to_have_count(0)
    add = place.section.get_by_role("link", name="Add email address")
    expect(add).to_be_focused()
    expect(add).to_have_accessible_description(DONE[place.name])


@each_htmx
@each_place
def test_a_wrong_password_stands_at_its_field(
    open_late: Open, ada: Person, second: str, name: str, htmx: str
) -> None:
    page = open_late(f"/settings?htmx={htmx}")
    place = Place(name, page, new_address() if name == "add" else second)
    place.ask()
    rows = place.rows.all_text_contents()
    place.confirm("not the password")
    expect(place.password).to_have_accessible_description("That password is not right.")
    expect(place.password).to_have_attribute("aria-invalid", "true")
    expect(place.password).to_be_focused()
    expect(place.rows).to_have_text(rows)
    assert_sound(page)
    place.confirm(ada.password)
    expect(place.section.get_by_text(DONE[name]).first).to_be_visible()


@each_htmx
@each_place
def test_after_ten_minutes_it_is_asked_for_again(
    open_late: Open, ada: Person, second: str, clock: Clock, name: str, htmx: str
) -> None:
    page = open_late(f"/settings?htmx={htmx}")
    place = Place(name, page, new_address() if name == "add" else second)
    place.ask()
    rows = place.rows.all_text_contents()
    clock.tick(minutes=10)
    place.confirm(ada.password)
    expect(place.section.get_by_role("alert").filter(has_text=LATE)).to_be_visible()
    expect(place.prompt).to_have_count(0)
    expect(place.rows).to_have_text(rows)
    assert_sound(page)
    if name == "add":
        place.field.fill(place.address)
    place.send()
    expect(place.section.get_by_text(DONE[name]).first).to_be_visible()


@each_place
def test_it_is_confirmed_by_keys_alone_on_a_phone(
    open_late: Open, ada: Person, second: str, name: str
) -> None:
    page = open_late(steps.ACCOUNT, Screen(PHONE))
    place = Place(name, page, new_address() if name == "add" else second)
    keys = Keys(page)
    keys.go_to("Add email address" if name == "add" else f"Actions for {second}")
    keys.press("Enter")
    if name == "add":
        keys.start_at("Email address")
        keys.type(place.address)
        keys.press("Enter")
    else:
        label = {"primary": "Make primary", "removal": "Remove"}[name]
        keys.start_at("Make primary")
        keys.go_to(label)
        keys.press("Enter")
    if name == "removal":
        keys.start_at("Keep it")
        keys.press("Shift+Tab", "Enter")
    keys.start_at("Password")
    assert overflow(page) == 0
    keys.type(ada.password)
    keys.press("Enter")
    expect(place.section.get_by_text(DONE[name]).first).to_be_visible()
    keys.start_at("Code" if name == "add" else "Add email address")


@each_place
def test_without_a_script_each_step_is_a_page(
    open_late: Open, ada: Person, second: str, name: str
) -> None:
    page = open_late(steps.ACCOUNT, NO_SCRIPT)
    place = Place(name, page, new_address() if name == "add" else second)
    rows = place.rows.all_text_contents()
    place.ask()
    expect(place.password).to_be_focused()
    assert overflow(page) == 0
    place.cancel()
    steps.arrive(page, steps.ACCOUNT)
    expect(place.rows).to_have_text(rows)
    place.ask()
    place.confirm("not the password")
    expect(place.prompt).to_contain_text("That password is not right.")
    assert overflow(page) == 0
    place.confirm(ada.password)
    expect(place.section.get_by_text(DONE[name]).first).to_be_visible()
    steps.arrive(page, steps.ACCOUNT)
    expect(place.prompt).to_have_count(0)


@each_place
def test_axe_finds_nothing_with_the_prompt_open(
    open_late: Open, second: str, name: str, screen: Screen
) -> None:
    page = open_late(steps.ACCOUNT, screen)
    Place(name, page, new_address() if name == "add" else second).ask()
    assert_sound(page)
