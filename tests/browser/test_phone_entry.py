"""Signing up, signing in and getting back in by phone: with a script, without, on a phone."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page
from playwright.sync_api import expect

from flask_userkit.security.phone_numbers import format_phone_number
from tests.browser import phone_steps as act
from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.sites import NO_LIMITS
from tests.browser.sites import LocalSite
from tests.rig.browser import PHONE
from tests.rig.browser import Screen
from tests.rig.browser import overflow
from tests.rig.fixtures.apps import MakeApp
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.mailbox import Mailbox
from tests.rig.people import new_address
from tests.rig.people import new_number
from tests.rig.people import new_password

pytestmark = pytest.mark.browser
SCREENS = [Screen(), Screen(PHONE, dark=True), Screen(PHONE, javascript=False)]
NAMED = "Email address or phone number"


@pytest.fixture
def app(make_app: MakeApp, request: pytest.FixtureRequest) -> Flask:
    return make_app(
        USERKIT_EMAIL_ADDRESS=getattr(request, "param", "optional"),
        USERKIT_PHONE_NUMBER=getattr(request, "param", "optional"),
        USERKIT_USERNAME="off",
        USERKIT_RATE_LIMITS=NO_LIMITS,
    )


@pytest.fixture
def server(local_site: LocalSite) -> LocalSite:
    return local_site


def type_code(page: Page, screen: Screen, code: str) -> None:
    steps.type_code(page, code)
    if not screen.javascript:
        page.get_by_role("button", name="Continue").click()


def assert_shown(page: Page, screen: Screen) -> None:
    """Look at all of a page with a script; axe is one."""
    if screen.javascript:
        assert_sound(page)
    assert overflow(page) == 0


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_a_number_signs_up_signs_in_and_gets_the_password_back(
    open_page: OpenPage, mailbox: Mailbox, screen: Screen
) -> None:
    page, number = open_page(screen), new_number()
    shown, password = format_phone_number(number), new_password()

    page.goto("/account/sign-up")
    page.get_by_role("link", name="Use a phone number instead").click()
    assert_shown(page, screen)
    act.type_number(page, "DE", "0151")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Create account").click()
    expect(act.number_field(page)).to_have_value("0151")
    expect(act.country_field(page)).to_have_value("DE")
    expect(act.number_field(page)).to_have_attribute("aria-invalid", "true")
    assert_shown(page, screen)
    act.number_field(page).fill(number.replace("+49", "0"))
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Check your phone")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(shown)
    assert_shown(page, screen)
    type_code(page, screen, mailbox.wait(number).the_code)
    steps.arrive(page, "/")
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {shown}")

    page.context.clear_cookies()
    page.goto("/account/sign-in")
    page.get_by_label(NAMED).fill(number)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", name="Check your phone")).to_be_visible()
    expect(page.get_by_role("link", name="Use another number")).to_be_visible()
    type_code(page, screen, mailbox.wait(number).the_code)
    steps.arrive(page, "/")

    page.context.clear_cookies()
    page.goto("/account/sign-in")
    page.get_by_role("link", name="Forgot password?").click()
    page.get_by_label(NAMED).fill(number)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(shown)
    assert_shown(page, screen)
    page.get_by_label("New password", exact=True).fill(new_password())
    steps.code_field(page).fill(mailbox.wait(number).the_code)
    page.get_by_role("button", name="Set new password").click()
    steps.arrive(page, "/")
    expect(steps.trigger(page)).to_be_visible()


@pytest.mark.parametrize("app", ["required"], indirect=True)
@pytest.mark.parametrize("screen", [Screen(), Screen(PHONE, javascript=False)], ids=str)
def test_where_both_are_asked_for_one_code_comes_after_the_other(
    open_page: OpenPage, mailbox: Mailbox, screen: Screen
) -> None:
    page, address, number = open_page(screen), new_address(), new_number()
    page.goto("/account/sign-up")
    page.get_by_label("Email address").fill(address)
    act.type_number(page, "DE", number)
    page.get_by_label("Password", exact=True).fill(new_password())
    assert_shown(page, screen)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    type_code(page, screen, mailbox.wait(address).the_code)
    expect(page.get_by_role("heading", name="Check your phone")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(format_phone_number(number))
    type_code(page, screen, mailbox.wait(number).the_code)
    steps.arrive(page, "/")
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {address}")
