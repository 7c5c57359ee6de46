"""The field for a phone number: by keys, on a phone, from right to left, and without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import FloatRect
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser.checks import assert_sound
from tests.rig.browser import PHONE
from tests.rig.browser import SCREENS
from tests.rig.browser import Screen
from tests.rig.browser import overflow
from tests.rig.fixtures.browsers import OpenPage

pytestmark = pytest.mark.browser
FIELD = "/gallery/phone_field"
RTL = "?direction=rtl"


def parts(page: Page, example: str = "empty") -> tuple[Locator, Locator]:
    """Return the country and the number of an example."""
    within = page.locator(f"#example-{example}")
    return (
        within.get_by_role("combobox", name="Country"),
        within.get_by_role("textbox", name="Phone number"),
    )


def boxes(country: Locator, number: Locator) -> tuple[FloatRect, FloatRect]:
    found = country.bounding_box(), number.bounding_box()
    assert found[0] is not None
    assert found[1] is not None
    return found[0], found[1]


@pytest.mark.parametrize("screen", SCREENS, ids=str)
@pytest.mark.parametrize("look", ["", RTL, "?scheme=both&direction=both"])
def test_it_is_sound_in_every_look(open_page: OpenPage, screen: Screen, look: str) -> None:
    page = open_page(screen)
    page.goto(f"{FIELD}{look}")
    assert_sound(page)


@pytest.mark.parametrize("screen", [Screen(), Screen(javascript=False)], ids=str)
def test_a_country_is_found_by_its_letters_and_tab_leads_to_the_number(
    open_page: OpenPage, screen: Screen
) -> None:
    page = open_page(screen)
    page.goto(FIELD)
    country, number = parts(page)
    country.select_option("US")
    page.get_by_role("link", name="Both").last.focus()
    page.keyboard.press("Tab")
    expect(country).to_be_focused()
    page.keyboard.type("Ger")
    expect(country).to_have_value("DE")
    page.keyboard.press("Tab")
    expect(number).to_be_focused()
    page.keyboard.type("0151 23456789")
    expect(number).to_have_value("0151 23456789")


def test_it_is_one_group_and_both_parts_have_a_name(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(FIELD)
    country, number = parts(page, "wrong")
    group = page.locator("#example-wrong").get_by_role("group", name="Phone number")
    expect(group).to_have_count(1)
    expect(group.get_by_role("combobox")).to_have_accessible_name("Country")
    expect(number).to_have_accessible_description(
        "This is not a whole number in Austria. We send a 6-digit code to it."
    )
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(number).to_have_value("0664 12")
    expect(country).to_have_value("AT")
    group.locator("label").click()
    expect(number).to_be_focused()


def test_browsers_and_phones_are_told_what_it_is_for(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(FIELD)
    country, number = parts(page)
    expect(country).to_have_attribute("autocomplete", "tel-country-code")
    expect(number).to_have_attribute("autocomplete", "tel")
    expect(number).to_have_attribute("inputmode", "tel")


@pytest.mark.parametrize(("look", "mirrored"), [("", False), (RTL, True)])
def test_the_number_stands_beside_the_country(
    open_page: OpenPage, look: str, mirrored: bool
) -> None:
    page = open_page()
    page.goto(f"{FIELD}{look}")
    country, number = boxes(*parts(page))
    assert country["y"] == number["y"]
    assert country["height"] == number["height"]
    assert (number["x"] < country["x"]) is mirrored


@pytest.mark.parametrize("look", ["", RTL])
def test_on_a_phone_it_stands_below_and_nothing_sticks_out(open_page: OpenPage, look: str) -> None:
    page = open_page(Screen(PHONE))
    page.goto(f"{FIELD}{look}")
    for example in ("empty", "wrong", "a-long-name", "few-countries"):
        country, number = boxes(*parts(page, example))
        assert number["y"] >= country["y"] + country["height"]
        assert (number["x"], number["width"]) == (country["x"], country["width"])
        assert number["x"] >= 0
        assert number["x"] + number["width"] <= PHONE
    assert overflow(page) == 0


@pytest.mark.parametrize(("look", "start"), [("", "left"), (RTL, "right")])
def test_digits_run_from_left_to_right_and_stand_where_lines_begin(
    open_page: OpenPage, look: str, start: str
) -> None:
    page = open_page()
    page.goto(f"{FIELD}{look}")
    country, number = parts(page, "a-long-name")
    direction, align = number.evaluate(
        "one => [getComputedStyle(one).direction, getComputedStyle(one).textAlign]"
    )
    assert direction == "ltr"
    assert {"start": "left", "end": "right"}.get(align, align) == start
    expect(country).to_have_css("direction", "rtl" if look else "ltr")
