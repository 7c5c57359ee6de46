"""The activity, read in the browser: by each htmx, by keys, without a script, in each look."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser.checks import assert_sound
from tests.browser.conftest import NewPerson
from tests.browser.conftest import OpenAs
from tests.browser.keys import Keys
from tests.rig.browser import PHONE
from tests.rig.browser import SCREENS
from tests.rig.browser import Screen
from tests.rig.browser import overflow
from tests.rig.people import Person
from tests.rig.people import sign_in
from tests.rig.servers import Server
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.browser
URL = "/account/security"
EARLIER, NEWEST = "Earlier activity", "Newest activity"


@pytest.fixture
def server(gallery: Server) -> Server:
    return gallery


@pytest.fixture
def busy(new_person: NewPerson, server: Server) -> Person:
    """Somebody who has signed in at eight other places, and elsewhere with a wrong password."""
    person = new_person()
    for _ in range(8):
        sign_in(Visitor(server.client()), person)
    stranger = Visitor(server.client())
    stranger.open("/account/sign-in")
    for _ in range(3):
        stranger.submit("/sign-in", identifier=person.email_address, password="wrong")
    return person


def section(page: Page) -> Locator:
    return page.locator("#userkit-activity")


def rows(page: Page) -> Locator:
    return section(page).locator(".userkit-item__row--compact")


def turn(page: Page, name: str) -> None:
    section(page).get_by_role("link", name=name).click()


@pytest.mark.parametrize("htmx", ["kit", "own"], ids=["htmx 4", "htmx 2"])
def test_pages_are_turned_in_place(open_as: OpenAs, busy: Person, htmx: str) -> None:
    page = open_as(busy)
    page.goto(f"/settings?htmx={htmx}&profile=security")
    url = page.url
    expect(rows(page)).to_have_count(8)
    expect(rows(page).nth(1)).to_contain_text("Sign-in attempt with a wrong password")
    expect(rows(page).nth(1)).to_contain_text("3 times · 127.0.0.1")
    turn(page, EARLIER)
    expect(section(page).get_by_role("link", name=NEWEST)).to_be_visible()
    expect(section(page).get_by_role("list")).to_be_focused()
    expect(rows(page).last).to_contain_text("Account created")
    expect(section(page).get_by_role("link", name=EARLIER)).to_have_count(0)
    assert page.url == url
    assert_sound(page)
    turn(page, NEWEST)
    expect(section(page).get_by_role("link", name=NEWEST)).to_have_count(0)
    expect(rows(page).nth(1)).to_contain_text("Sign-in attempt with a wrong password")
    assert page.url == url


def test_it_is_turned_by_keys_alone(open_as: OpenAs, busy: Person) -> None:
    page = open_as(busy, Screen(PHONE))
    keys = Keys(page)
    page.goto(URL)
    keys.go_to(EARLIER)
    assert keys.outline >= 2
    keys.press("Enter")
    expect(section(page).get_by_role("list")).to_be_focused()
    keys.press("Tab")
    assert keys.at == NEWEST
    keys.press("Enter")
    expect(section(page).get_by_role("link", name=EARLIER)).to_be_visible()
    assert overflow(page) == 0


def test_without_a_script_each_page_is_one(open_as: OpenAs, busy: Person) -> None:
    page = open_as(busy, Screen(PHONE, javascript=False))
    page.goto(URL)
    with page.expect_navigation():
        turn(page, EARLIER)
    # Where the page begins that was asked for, and not at the top of all.
    expect(section(page).get_by_role("list")).to_be_focused()
    expect(rows(page).last).to_contain_text("Account created")
    assert overflow(page) == 0
    with page.expect_navigation():
        turn(page, NEWEST)
    expect(rows(page)).to_have_count(8)


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_it_is_sound_in_each_look(open_as: OpenAs, busy: Person, screen: Screen) -> None:
    page = open_as(busy, screen)
    page.goto(URL)
    expect(rows(page)).to_have_count(8)
    assert_sound(page)
    # A list on its own line on a phone, and beside its title in a wide window.
    moment, title = rows(page).first.locator("time"), rows(page).first.locator("span").nth(2)
    below = moment.bounding_box() or {"y": 0}
    beside = title.bounding_box() or {"y": 0}
    assert (below["y"] > beside["y"] + 10) is (screen.width == PHONE)


def test_addresses_are_read_from_left_to_right(open_as: OpenAs, busy: Person) -> None:
    page = open_as(busy, Screen(PHONE))
    page.goto("/settings?direction=rtl&profile=security")
    expect(rows(page)).to_have_count(8)
    assert rows(page).first.locator("bdi").inner_text() == "127.0.0.1"
    expect(rows(page).first.locator("bdi")).to_have_css("unicode-bidi", "isolate")
    icon, text = rows(page).first.locator("svg"), rows(page).first.locator("bdi")
    assert (icon.bounding_box() or {"x": 0})["x"] > (text.bounding_box() or {"x": 0})["x"]
    assert overflow(page) == 0
