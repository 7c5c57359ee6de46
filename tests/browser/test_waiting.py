"""What time does: a new code can be asked for, an old one expires, a session ends."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.sites import LocalSite
from tests.rig.browser import Complaints
from tests.rig.browser import Screen
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person

pytestmark = pytest.mark.browser
VERIFICATION = "/account/sign-in/verification"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(USERKIT_USERNAME="optional", USERKIT_AFTER_SIGN_IN_URL="/members")


@pytest.fixture
def server(local_site: LocalSite) -> LocalSite:
    """An app in this process, so that its clock can be moved."""
    return local_site


@pytest.fixture
def page(open_page: OpenPage, ada: Person, mailbox: Mailbox, clock: Clock) -> Page:
    """The page that asks for a code, in a browser whose clock can be moved, too."""
    page = open_page()
    page.clock.install()
    page.goto(steps.SIGN_IN)
    steps.ask_for_code(page, ada.email_address)
    steps.arrive(page, VERIFICATION)
    return page


def test_the_seconds_count_down_and_then_the_button_opens(page: Page) -> None:
    button = page.get_by_role("button", name="Send a new code")
    waiting = page.get_by_text("You can ask for a new code in")
    expect(waiting).to_contain_text(re.compile(r"(30|2\d) seconds"))
    expect(button).to_be_disabled()
    steps.stop_countdown(page, seconds=12)
    expect(waiting).to_contain_text("12 seconds")
    expect(button).to_have_accessible_description(waiting.inner_text())
    page.clock.fast_forward(11_000)
    expect(waiting).to_contain_text("in 1 second.")
    expect(button).to_be_disabled()
    page.clock.fast_forward(1_000)
    expect(button).to_be_enabled()
    expect(button).to_have_accessible_description("")
    expect(waiting).to_be_hidden()


def test_a_new_code_comes_and_the_old_one_is_no_longer_good(
    page: Page, ada: Person, mailbox: Mailbox, clock: Clock, complaints: Complaints
) -> None:
    old = mailbox.wait(ada.email_address).the_code
    clock.tick(30)
    page.clock.fast_forward(30_000)
    page.get_by_role("button", name="Send a new code").click()
    expect(page.get_by_role("status")).to_have_text(
        f"If {ada.email_address} has an account, a new code is on its way."
    )
    expect(page.get_by_role("button", name="Send a new code")).to_be_disabled()
    new = mailbox.wait(ada.email_address).the_code
    if new != old:
        steps.type_code(page, old)
        expect(steps.code_field(page)).to_have_accessible_description(
            "That code is not right. 4 attempts left."
        )
    steps.type_code(page, new)
    steps.arrive(page, "/members")


def test_without_a_script_looking_again_after_half_a_minute_opens_the_button(
    open_page: OpenPage, ada: Person, clock: Clock
) -> None:
    page = open_page(Screen(javascript=False))
    page.goto(steps.SIGN_IN)
    steps.ask_for_code(page, ada.email_address)
    clock.tick(30)
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Send a new code").click()
    expect(page.get_by_role("status")).to_contain_text("a new code is on its way")


def test_a_code_that_is_too_old_is_told_to_be(
    open_page: OpenPage, mailbox: Mailbox, clock: Clock, complaints: Complaints
) -> None:
    page, person = open_page(), Person()
    page.goto(steps.SIGN_UP)
    steps.fill_sign_up(page, person)
    code = mailbox.wait(person.email_address).the_code
    clock.tick(minutes=10)
    steps.type_code(page, code)
    expect(steps.code_field(page)).to_have_accessible_description(
        "This code is too old. Ask for a new one."
    )
    complaints.heard.clear()


def test_a_sign_in_that_took_too_long_says_so_and_begins_anew(
    page: Page, ada: Person, mailbox: Mailbox, clock: Clock, complaints: Complaints
) -> None:
    code = mailbox.wait(ada.email_address).the_code
    clock.tick(minutes=10)
    steps.type_code(page, code)
    expect(page.get_by_role("alert")).to_have_text("This took too long. Start again.")
    expect(page.get_by_label(steps.IDENTIFIER)).to_be_visible()
    complaints.heard.clear()


def test_a_session_that_has_expired_leads_the_whole_page_to_sign_in(
    page: Page, ada: Person, mailbox: Mailbox, clock: Clock
) -> None:
    steps.type_code(page, mailbox.wait(ada.email_address).the_code)
    steps.arrive(page, "/members")
    page.goto(steps.ACCOUNT)
    steps.open_name(page)
    clock.tick(days=7)
    steps.save(page)
    page.wait_for_url("**/account/sign-in?next=/account/")
    steps.fill_sign_in(page, ada.email_address, ada.password)
    steps.arrive(page, steps.ACCOUNT)
