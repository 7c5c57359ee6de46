"""The popover is under its button and inside the window, wherever the button is."""

from __future__ import annotations

import pytest
from playwright.sync_api import FloatRect
from playwright.sync_api import Locator
from playwright.sync_api import Page

from tests.browser import steps
from tests.browser.conftest import OpenAs
from tests.rig.browser import HEIGHT
from tests.rig.browser import Screen
from tests.rig.browser import overflow
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser
NARROW = 320


@pytest.fixture
def server(gallery: Server) -> Server:
    return gallery


def box(element: Locator) -> FloatRect:
    found = element.bounding_box()
    assert found is not None
    return found


def assert_inside(page: Page, width: int) -> None:
    """Open the popover, and fail where any of it is out of sight."""
    place = box(steps.open_popover(page))
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= width
    assert place["y"] >= 0
    assert place["y"] + place["height"] <= HEIGHT
    assert overflow(page) == 0


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("width", [NARROW, 360, 1280])
def test_it_is_inside_the_window_in_both_directions_of_writing(
    open_as: OpenAs, ada: Person, width: int, direction: str
) -> None:
    page = open_as(ada, Screen(width))
    page.goto(f"/settings?direction={direction}")
    assert_inside(page, width)


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_it_ends_where_the_button_ends(open_as: OpenAs, ada: Person, direction: str) -> None:
    page = open_as(ada)
    page.goto(f"/settings?direction={direction}&place=end")
    popover, trigger = box(steps.open_popover(page)), box(steps.trigger(page))
    if direction == "ltr":
        assert popover["x"] + popover["width"] == pytest.approx(trigger["x"] + trigger["width"])
    else:
        assert popover["x"] == pytest.approx(trigger["x"])
    assert 0 <= popover["y"] - (trigger["y"] + trigger["height"]) <= 8


def test_at_the_foot_of_the_window_it_opens_upwards(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    page.goto("/settings?place=bottom")
    assert_inside(page, 1280)
    popover, trigger = box(steps.popover(page)), box(steps.trigger(page))
    assert popover["y"] + popover["height"] <= trigger["y"]


def test_in_a_very_low_window_it_scrolls_within_itself(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    page.set_viewport_size({"width": 640, "height": 160})
    page.goto("/")
    place = box(steps.open_popover(page))
    assert place["y"] >= 0
    assert place["y"] + place["height"] <= 160
    row = page.get_by_role("button", name="Sign out")
    row.scroll_into_view_if_needed()
    assert box(row)["y"] + box(row)["height"] <= 160
