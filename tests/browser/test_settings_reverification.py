"""Confirming that it is you inside a page of the example app, which stays what it was."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.browser.email_address_prompts import DONE
from tests.browser.email_address_prompts import LATE
from tests.browser.email_address_prompts import PLACES
from tests.browser.email_address_prompts import Place
from tests.browser.email_address_prompts import give_address
from tests.browser.sites import NO_LIMITS
from tests.browser.sites import LocalSite
from tests.browser.test_settings import HTMX_2
from tests.example.conftest import make_example as make_example  # a fixture
from tests.example.steps import MakeExample
from tests.rig.browser import PHONE
from tests.rig.browser import Screen
from tests.rig.browser import overflow
from tests.rig.clock import Clock
from tests.rig.people import Person
from tests.rig.people import new_address

pytestmark = pytest.mark.browser
SETTINGS = "/settings"
HERE = re.compile(rf"^{SETTINGS}(\?|$)")
each_place = pytest.mark.parametrize("name", PLACES)


@pytest.fixture
def app(make_example: MakeExample, database_url: str) -> Flask:
    return make_example(database_url, USERKIT_RATE_LIMITS=NO_LIMITS)


@pytest.fixture
def server(local_site: LocalSite) -> LocalSite:
    """The example app in this process, so that its clock can be moved."""
    return local_site


@pytest.fixture
def clock(app: Flask) -> Clock:
    """Its clock; the kit of the example app has an app only where one is current."""
    clock = Clock()
    with app.app_context():
        app.extensions["userkit"].clock = clock
    return clock


@pytest.fixture
def second(app: Flask, ada: Person) -> str:
    """Another verified address of hers."""
    return give_address(app, ada)


def assert_embedded(page: Page, place: Place) -> None:
    """Fail where the section is no longer the one of the app's page, or leads elsewhere."""
    expect(place.section.locator("h3.userkit-section__title")).to_have_text("Email addresses")
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
    for link in place.section.locator("a").all():
        expect(link).to_have_attribute("href", HERE)


@pytest.mark.parametrize("htmx", ["kit", "own"], ids=["htmx 4", "htmx 2"])
@each_place
def test_the_section_stays_the_one_of_the_page(
    open_as: OpenAs, ada: Person, second: str, clock: Clock, name: str, htmx: str
) -> None:
    page = open_as(ada)
    if htmx == "own":
        page.route("**/vendor/htmx*.js", lambda route: route.fulfill(body=HTMX_2))
    clock.tick(minutes=10)
    page.goto(SETTINGS)
    url, place = page.url, Place(name, page, new_address() if name == "add" else second)
    place.ask()
    assert_embedded(page, place)
    assert_sound(page)
    place.cancel()
    expect(place.opener).to_be_focused()
    assert_embedded(page, place)
    place.ask()
    place.confirm("not the password")
    expect(place.password).to_have_accessible_description("That password is not right.")
    clock.tick(minutes=10)
    place.confirm(ada.password)
    expect(place.section.get_by_role("alert").filter(has_text=LATE)).to_be_visible()
    assert_embedded(page, place)
    clock.tick(minutes=10)
    if name == "add":
        place.field.fill(place.address)
    place.send()
    place.confirm(ada.password)
    expect(place.section.get_by_text(DONE[name]).first).to_be_visible()
    assert_embedded(page, place)
    assert page.url == url


@each_place
def test_without_a_script_it_leads_back_to_the_page(
    open_as: OpenAs, ada: Person, second: str, clock: Clock, name: str
) -> None:
    page = open_as(ada, Screen(PHONE, javascript=False))
    clock.tick(minutes=10)
    page.goto(SETTINGS)
    place = Place(name, page, new_address() if name == "add" else second)
    place.ask()
    assert overflow(page) == 0
    place.cancel()
    steps.arrive(page, SETTINGS)
    place.ask()
    place.confirm("not the password")
    expect(place.prompt).to_contain_text("That password is not right.")
    place.confirm(ada.password)
    steps.arrive(page, SETTINGS)
    expect(place.section.get_by_text(DONE[name]).first).to_be_visible()
    assert_embedded(page, place)
