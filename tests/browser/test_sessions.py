"""Active devices in the browser: on every screen, by keys alone and without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.rig.browser import PHONE
from tests.rig.browser import Screen
from tests.rig.browser import overflow
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser
SECURITY = "/account/security"
DONE, DONE_ALL = "That device is signed out.", "All other devices are signed out."


@pytest.fixture
def server(gallery: Server) -> Server:
    return gallery


def section(page: Page) -> Locator:
    return page.locator("#userkit-sessions")


def devices(page: Page) -> Locator:
    """Return the rows of devices."""
    return section(page).locator(".userkit-item:has(time)")


def sign_in_elsewhere(open_as: OpenAs, ada: Person, number: int) -> None:
    for _ in range(number):
        open_as(ada)


def test_a_device_is_signed_out_of_and_then_all_others(
    open_as: OpenAs, ada: Person, screen: Screen
) -> None:
    sign_in_elsewhere(open_as, ada, 3)
    page = open_as(ada, screen)
    page.goto(SECURITY)
    # Besides those: where she signed up.
    expect(devices(page)).to_have_count(5)
    expect(devices(page).first).to_contain_text("This device")
    assert_sound(page)
    devices(page).nth(1).get_by_role("button", name="Sign out of").click()
    expect(section(page).get_by_text(DONE)).to_be_visible()
    expect(devices(page)).to_have_count(4)
    expect(devices(page).first.locator(".userkit-item__body")).to_be_focused()
    assert_sound(page)
    section(page).get_by_role("button", name="Sign out of all other devices").click()
    expect(section(page).get_by_text(DONE_ALL)).to_be_visible()
    expect(devices(page)).to_have_count(1)
    expect(section(page).get_by_role("button")).to_have_count(0)
    assert_sound(page)


def test_by_keys_alone_the_older_ones_are_reached_and_left(open_as: OpenAs, ada: Person) -> None:
    sign_in_elsewhere(open_as, ada, 11)
    page = open_as(ada, Screen(PHONE))
    page.goto(SECURITY)
    expect(devices(page)).to_have_count(11)
    older = section(page).get_by_role("link", name="Show older devices")
    older.focus()
    page.keyboard.press("Enter")
    newest = section(page).get_by_role("link", name="Show the newest devices")
    expect(newest).to_be_focused()
    expect(devices(page)).to_have_count(2)
    assert_sound(page)
    page.keyboard.press("Tab")
    expect(section(page).get_by_role("button", name="all other devices")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    steps.arrive(page, "/")
    expect(steps.trigger(page)).to_have_count(0)


def test_without_a_script_each_step_is_a_page(open_as: OpenAs, ada: Person) -> None:
    sign_in_elsewhere(open_as, ada, 10)
    page = open_as(ada, Screen(PHONE, javascript=False))
    page.goto(SECURITY)
    expect(devices(page)).to_have_count(11)
    section(page).get_by_role("link", name="Show older devices").click()
    expect(devices(page)).to_have_count(1)
    assert overflow(page) == 0
    devices(page).first.get_by_role("button", name="Sign out of").click()
    expect(section(page).get_by_text(DONE)).to_be_visible()
    expect(devices(page).first.locator(".userkit-item__body")).to_be_focused()
    section(page).get_by_role("button", name="Sign out of all other devices").click()
    expect(section(page).get_by_text(DONE_ALL)).to_be_visible()
    expect(devices(page)).to_have_count(1)
    assert overflow(page) == 0
