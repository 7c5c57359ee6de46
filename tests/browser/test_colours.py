"""Light and dark follow the app, and a person's own colours win."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import OpenAs
from tests.browser.keys import Keys
from tests.rig.browser import Screen
from tests.rig.browser import axe
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser
_LIGHTNESS = """element => {
  const canvas = document.createElement("canvas").getContext("2d")
  canvas.fillStyle = getComputedStyle(element).backgroundColor
  canvas.fillRect(0, 0, 1, 1)
  const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data
  return (red + green + blue) / 3 / 255
}"""


@pytest.fixture
def server(gallery: Server) -> Server:
    return gallery


def is_dark(element: Locator) -> bool:
    return float(element.evaluate(_LIGHTNESS)) < 0.5


@pytest.mark.parametrize(
    ("scheme", "system_is_dark", "dark"),
    [
        ("light dark", False, False),
        ("light dark", True, True),
        ("light", True, False),
        ("dark", False, True),
    ],
)
def test_the_popover_and_the_page_follow_the_apps_color_scheme(
    open_as: OpenAs, ada: Person, scheme: str, system_is_dark: bool, dark: bool
) -> None:
    page = open_as(ada, Screen(dark=system_is_dark))
    page.goto(f"/settings?scheme={scheme}")
    assert is_dark(steps.open_popover(page)) is dark
    assert is_dark(page.locator(".userkit-list").first) is dark
    assert axe(page, within=".userkit-popover") == []
    assert axe(page, within=".userkit-list") == []
    page.goto(f"/under?scheme={scheme}")
    assert is_dark(steps.open_modal(page)) is dark
    assert axe(page, within=".userkit-dialog--profile") == []


def test_an_app_that_names_no_scheme_stays_light_on_a_dark_system(
    open_as: OpenAs, ada: Person
) -> None:
    page = open_as(ada, Screen(dark=True))
    page.goto("/")
    assert is_dark(steps.open_popover(page)) is False
    assert axe(page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_in_a_persons_own_colours_all_edges_and_the_focus_are_there(
    open_as: OpenAs, ada: Person, dark: bool
) -> None:
    page = open_as(ada, Screen(dark=dark), forced_colors="active")
    page.goto(steps.ACCOUNT)
    expect(page.locator("#userkit-profile .userkit-avatar")).to_have_css("border-style", "solid")
    keys = Keys(page)
    keys.go_to("Edit name and picture")
    assert keys.outline >= 2
    keys.press("Enter")
    save = page.get_by_role("button", name="Save")
    expect(save).to_have_css("border-style", "solid")
    border, ground = save.evaluate(
        "save => [getComputedStyle(save).borderColor, getComputedStyle(save).backgroundColor]"
    )
    assert border != ground
    assert axe(page) == []
    expect(steps.open_popover(page)).to_have_css("border-style", "solid")
    page.goto("/under")
    expect(steps.open_modal(page)).to_have_css("border-style", "solid")
    assert axe(page) == []
