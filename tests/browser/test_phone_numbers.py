"""Phone numbers on the account page: by keys alone, with a mouse, and without a script."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page
from playwright.sync_api import expect

from flask_userkit.security.phone_numbers import format_phone_number
from tests.browser import gallery
from tests.browser import phone_steps as act
from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.browser.sites import NO_LIMITS
from tests.browser.sites import LocalSite
from tests.rig.browser import PHONE
from tests.rig.browser import SCREENS
from tests.rig.browser import WIDE
from tests.rig.browser import Screen
from tests.rig.fixtures.apps import MakeApp
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import new_number

pytestmark = pytest.mark.browser
WRONG = "This is not a phone number. Choose the country, or begin with a plus sign."


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app(
        USERKIT_PHONE_NUMBER="optional",
        USERKIT_USERNAME="optional",
        USERKIT_RATE_LIMITS=NO_LIMITS,
    )
    gallery.add_pages(app)
    return app


@pytest.fixture
def server(local_site: LocalSite) -> LocalSite:
    return local_site


def national(number: str) -> str:
    return number.replace("+49", "0")


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_by_keys_alone_a_number_is_added_and_what_was_wrong_stays_typed(
    open_as: OpenAs, ada: Person, mailbox: Mailbox
) -> None:
    page, number = open_as(ada), new_number()
    page.goto("/account/")
    act.opener(page).focus()
    page.keyboard.press("Enter")
    expect(act.number_field(page)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(act.country_field(page)).to_be_focused()
    page.keyboard.type("Germ")
    expect(act.country_field(page)).to_have_value("DE")
    page.keyboard.press("Tab")
    page.keyboard.type("0151 12")
    page.keyboard.press("Enter")
    expect(act.section(page).get_by_text(WRONG).last).to_be_visible()
    expect(act.number_field(page)).to_have_value("0151 12")
    expect(act.number_field(page)).to_be_focused()
    expect(act.country_field(page)).to_have_value("DE")
    page.keyboard.press("Control+A")
    page.keyboard.type(national(number))
    page.keyboard.press("Enter")
    expect(act.code_field(page)).to_be_focused()
    expect(act.numbers(page)).to_have_text([format_phone_number(number)])
    code = mailbox.wait(number).the_code
    page.keyboard.type(wrong(code))
    expect(act.section(page).get_by_text("That code is not right").last).to_be_visible()
    page.keyboard.press("Control+A")
    page.keyboard.type(code)
    expect(act.section(page).get_by_text(act.VERIFIED)).to_be_visible()
    expect(act.opener(page)).to_be_focused()
    expect(act.section(page)).to_contain_text("Primary")


def add(page: Page, screen: Screen, mailbox: Mailbox, number: str) -> None:
    """Add a number, up to the page that says it is verified; without a script, too."""
    act.opener(page).click()
    act.type_number(page, "DE", national(number))
    act.section(page).get_by_role("button", name="Send code").click()
    expect(act.code_field(page)).to_be_visible()
    act.code_field(page).press_sequentially(mailbox.wait(number).the_code)
    if not screen.javascript:
        # Where scripts run, the sixth digit sends the form.
        act.section(page).get_by_role("button", name="Verify").click()
    expect(act.section(page).get_by_text(act.VERIFIED)).to_be_visible()


@pytest.mark.parametrize("screen", [Screen(WIDE), Screen(PHONE, javascript=False)], ids=str)
def test_one_of_two_is_made_primary_and_the_other_removed(
    open_as: OpenAs, ada: Person, mailbox: Mailbox, screen: Screen
) -> None:
    first, second = new_number(), new_number()
    page = open_as(ada, screen)
    page.goto("/account/")
    for number in (first, second):
        add(page, screen, mailbox, number)
    shown = [format_phone_number(number) for number in (first, second)]
    expect(act.numbers(page)).to_have_text(shown)
    act.open_menu(page, shown[1]).get_by_text("Make primary").click()
    expect(act.section(page).get_by_text(act.PROMOTED)).to_be_visible()
    expect(act.numbers(page)).to_have_text(shown[::-1])
    act.open_menu(page, shown[0]).get_by_text("Remove").click()
    act.section(page).get_by_role("button", name="Remove", exact=True).click()
    expect(act.section(page).get_by_text(act.REMOVED)).to_be_visible()
    expect(act.numbers(page)).to_have_text(shown[1:])


@pytest.mark.parametrize(
    ("screen", "url"),
    [*((screen, "/account/") for screen in SCREENS), (Screen(PHONE), "/settings?direction=rtl")],
    ids=str,
)
def test_it_is_sound_with_the_card_its_error_the_code_and_the_menu_open(
    open_as: OpenAs, ada: Person, mailbox: Mailbox, screen: Screen, url: str
) -> None:
    number = new_number()
    page = open_as(ada, screen)
    page.goto(url)
    act.opener(page).click()
    expect(act.number_field(page)).to_be_focused()
    assert_sound(page)
    act.type_number(page, "DE", "12")
    act.section(page).get_by_role("button", name="Send code").click()
    expect(act.section(page).get_by_text(WRONG).last).to_be_visible()
    assert_sound(page)
    act.number_field(page).fill(national(number))
    act.section(page).get_by_role("button", name="Send code").click()
    expect(act.code_field(page)).to_be_focused()
    assert_sound(page)
    act.open_menu(page, format_phone_number(number))
    assert_sound(page)
    expect(act.numbers(page)).to_have_text([format_phone_number(number)])
