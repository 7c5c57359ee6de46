"""Every control can be hit, has a name, and grows under a finger."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenAs
from tests.browser.views import PERSONAL
from tests.browser.views import PUBLIC
from tests.browser.views import View
from tests.browser.views import name
from tests.browser.views import popover
from tests.browser.views import sign_in
from tests.browser.views import sign_up
from tests.rig.browser import PHONE
from tests.rig.browser import Screen
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser
SMALLEST = 24
BIG = 44
FINGER: dict[str, bool] = {"has_touch": True, "is_mobile": True}
#: A link within a sentence is as high as its line, which the rule allows.
IN_A_SENTENCE = "p a, li a"
ROLES = {"button", "link", "textbox", "checkbox", "radio", "combobox", "DisclosureTriangle"}
_SIZES = """(inSentence) => Array.from(document.querySelectorAll(
  "a[href], button, input:not([type=hidden]), summary, select, textarea"))
  .filter((control) => control.checkVisibility({ visibilityProperty: true }))
  .filter((control) => !control.matches(inSentence))
  .filter((control) => getComputedStyle(control).clipPath === "none")
  .map((control) => {
    const { width, height } = control.getBoundingClientRect()
    return [control.outerHTML.slice(0, 90), Math.min(width, height)]
  })"""


@pytest.fixture
def server(either_site: Server) -> Server:
    return either_site


def nameless(page: Page) -> list[str]:
    """Return the role of each control that the browser tells a screen reader no name of."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    controls = [node for node in tree["nodes"] if node.get("role", {}).get("value") in ROLES]
    assert controls, f"{page.url} has no control"
    return [node["role"]["value"] for node in controls if not node["name"]["value"].strip()]


def small(page: Page) -> list[object]:
    """Return the controls that are too small in one direction or the other."""
    page.wait_for_load_state()
    sizes = page.evaluate(_SIZES, IN_A_SENTENCE)
    assert sizes, f"{page.url} has no control"
    return [[html, size] for html, size in sizes if size < SMALLEST]


def see(page: Page, views: tuple[View, ...]) -> list[tuple[str, list[object], list[str]]]:
    """Look at each view, and return what is too small or nameless there."""
    found = []
    for view in views:
        view(page)
        found.append((view.__name__, small(page), nameless(page)))
    return [item for item in found if item[1] or item[2]]


def test_every_control_is_24_pixels_or_more_and_has_a_name(
    open_page: OpenPage, open_as: OpenAs, ada: Person
) -> None:
    assert see(open_page(Screen(PHONE)), PUBLIC) == []
    assert see(open_as(ada, Screen(PHONE)), PERSONAL) == []


def least(page: Page, selector: str, css: str) -> float:
    """Return the smallest computed value of a property under a finger."""
    assert page.evaluate("matchMedia('(pointer: coarse)').matches")
    values = page.locator(selector).evaluate_all(
        "(all, css) => all.map((one) => parseFloat(getComputedStyle(one)[css]))", css
    )
    return float(min(values))


@pytest.mark.parametrize("view", [sign_in, sign_up])
def test_under_a_finger_what_matters_is_44_pixels_high(open_page: OpenPage, view: View) -> None:
    page = open_page(Screen(PHONE), **FINGER)
    view(page)
    assert least(page, "form .userkit-button, .userkit-input", "height") >= BIG


def test_under_a_finger_the_button_and_its_rows_are_44_pixels_high(
    open_as: OpenAs, ada: Person
) -> None:
    page = open_as(ada, Screen(PHONE), **FINGER)
    popover(page)
    rows = ".userkit-user-button__trigger--popover, .userkit-user-button__row"
    assert least(page, rows, "height") >= BIG


def test_under_a_finger_the_form_of_the_name_is_44_pixels_high(
    open_as: OpenAs, ada: Person
) -> None:
    page = open_as(ada, Screen(PHONE), **FINGER)
    name(page)
    form = "form[action$='/account/profile']"
    controls = f"{form} :is(.userkit-button, .userkit-input), #userkit-profile a"
    assert least(page, controls, "height") >= BIG


def test_a_phone_does_not_zoom_into_a_field(open_page: OpenPage) -> None:
    """Safari does, where the text of a field is smaller than 16 px."""
    page = open_page(Screen(PHONE), **FINGER)
    sign_up(page)
    assert least(page, ".userkit-input", "fontSize") >= 16
