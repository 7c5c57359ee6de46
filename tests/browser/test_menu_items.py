"""Items that an app puts into the button's menu, as somebody meets them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import OpenAs
from tests.browser.custom import ABSOLUTE
from tests.browser.keys import Keys
from tests.browser.test_custom_pages import arrived_at
from tests.rig.browser import PHONE
from tests.rig.browser import Complaints
from tests.rig.browser import Screen
from tests.rig.browser import axe
from tests.rig.browser import overflow
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser
ORDER = [
    "Press",
    "Elsewhere",
    "Manage account",
    "Page 1",
    "Chat is OFF",
    "Sign out",
    "Members",
]


@pytest.fixture
def server(custom: Server) -> Server:
    return custom


@pytest.fixture
def page(open_as: OpenAs, ada: Person) -> Page:
    page = open_as(ada)
    page.goto("/here")
    return page


def rows(page: Page) -> Locator:
    return steps.popover(page).locator(".userkit-user-button__row")


def test_custom_items_at_the_specified_order(page: Page) -> None:
    steps.open_popover(page)
    expect(rows(page)).to_have_text([re.compile(rf"^\s*{name}\s*$") for name in ORDER])


def test_visit_external_absolute_link(page: Page, complaints: Complaints) -> None:
    page.route(f"{ABSOLUTE}**", lambda route: route.fulfill(body="<title>Elsewhere</title>"))
    steps.open_popover(page).get_by_role("link", name="Elsewhere").click()
    expect(page).to_have_url(ABSOLUTE)
    complaints.heard.remove(f"a request left the site: {ABSOLUTE}")


def test_visit_internal_relative_link(page: Page) -> None:
    link = steps.open_popover(page).get_by_role("link", name="Members")
    expect(link).to_have_attribute("rel", "help")
    link.click()
    steps.arrive(page, "/members")


def test_on_click_custom_item_action(page: Page) -> None:
    for number in ("1", "2"):
        steps.open_popover(page).get_by_role("button", name="Press").click()
        expect(page.locator("#pressed")).to_have_text(number)
        expect(steps.popover(page)).to_be_hidden()
        expect(steps.trigger(page)).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "nojs"])
def test_dynamic_labels(open_as: OpenAs, ada: Person, javascript: bool) -> None:
    page = open_as(ada, Screen(PHONE, javascript=javascript))
    page.goto("/here")
    for now, then in (("OFF", "ON"), ("ON", "OFF")):
        steps.open_popover(page).get_by_role("button", name=f"Chat is {now}").click()
        steps.arrive(page, "/here")
        expect(steps.popover(page)).to_be_hidden()
        opened = steps.open_popover(page)
        expect(opened.get_by_role("button", name=f"Chat is {then}")).to_be_visible()
        page.keyboard.press("Escape")


def test_dynamic_labels_and_custom_page(page: Page) -> None:
    steps.open_popover(page).get_by_role("button", name="Chat is OFF").click()
    expect(steps.popover(page)).to_be_hidden()
    steps.open_popover(page).get_by_role("link", name="Page 1").click()
    arrived_at(steps.modal(page), "Page 1")
    expect(page).to_have_url(re.compile(r"\?userkit-profile=page-1$"))
    page.keyboard.press("Escape")
    expect(steps.trigger(page)).to_be_focused()
    expect(steps.open_popover(page).get_by_role("button", name="Chat is ON")).to_be_visible()


def test_dynamically_rendered_menu_items_with_icons(page: Page) -> None:
    talk = steps.open_popover(page).get_by_role("link", name="Talk")
    expect(talk).to_have_count(0)
    steps.popover(page).get_by_role("button", name="Chat is OFF").click()
    expect(steps.popover(page)).to_be_hidden()
    steps.open_popover(page)
    expect(talk.locator("svg.own")).to_be_visible()


def test_from_user_button_opens_actions_correctly(page: Page) -> None:
    steps.open_popover(page).get_by_role("link", name="Page 1").click()
    arrived_at(steps.modal(page), "Page 1")
    page.goto("/here?mode=navigation")
    steps.open_popover(page).get_by_role("link", name="Page 1").click()
    steps.arrive(page, "/account/page-1")
    arrived_at(page.locator(".userkit-profile"), "Page 1")


def test_every_item_is_reached_by_key_presses_in_the_order_of_what_is_seen(page: Page) -> None:
    keys = Keys(page)
    keys.press("Tab", "Enter")
    for name in ORDER:
        keys.press("Tab")
        assert (keys.at, keys.outline) == (name, 2)


def test_no_other_popover_has_the_focus_once_it_is_left(page: Page) -> None:
    steps.open_popover(page)
    page.keyboard.press("Escape")
    expect(steps.trigger(page)).to_be_focused()


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_the_menu_is_sound_on_every_screen(
    open_as: OpenAs, ada: Person, screen: Screen, direction: str
) -> None:
    page = open_as(ada, screen)
    page.goto(f"/here?direction={direction}")
    steps.open_popover(page)
    assert overflow(page) == 0
    assert axe(page) == []
    texts = rows(page).locator("> span:last-child")
    starts = texts.evaluate_all(
        "(all, side) => all.map((one) => one.getBoundingClientRect()[side])",
        "left" if direction == "ltr" else "right",
    )
    assert len(set(starts)) == 1, "with an icon or without, the words stand in one line"
