"""What time does to an address that waits: the code, the link, and the page that waits for it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import address_steps as act
from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.browser.sites import LocalSite
from tests.rig.browser import PHONE
from tests.rig.browser import Screen
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import new_address

pytestmark = pytest.mark.browser
by_link = pytest.mark.parametrize("proof", ["link"])


@pytest.fixture
def proof() -> str:
    return "code"


@pytest.fixture
def app(make_app: MakeApp, proof: str) -> Flask:
    return make_app(USERKIT_EMAIL_VERIFICATION=proof, USERKIT_USERNAME="optional")


@pytest.fixture
def server(local_site: LocalSite) -> LocalSite:
    """An app in this process, so that its clock can be moved."""
    return local_site


@pytest.fixture
def new() -> str:
    """An address that nobody has."""
    return new_address()


@pytest.fixture
def page(open_as: OpenAs, ada: Person, clock: Clock) -> Page:
    """The account page, in a browser whose clock can be moved, too."""
    page = open_as(ada)
    page.clock.install()
    page.goto(steps.ACCOUNT)
    return page


def wait_for_link(page: Page, new: str) -> None:
    """Add an address, up to the card that waits for its link."""
    act.open_form(page).fill(new)
    act.section(page).get_by_role("button", name="Send link").click()
    expect(act.section(page).get_by_text("Open the link in your mail")).to_be_visible()


def open_link(page: Page, server: LocalSite, mailbox: Mailbox, new: str) -> None:
    """Open the newest link in another browser and press its button."""
    (link,) = mailbox.wait(new).links
    page.goto(link.replace("http://localhost:5000", server.url))
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("main")).to_contain_text("confirmed")


def test_the_seconds_count_down_and_another_code_comes(
    page: Page, mailbox: Mailbox, clock: Clock, new: str
) -> None:
    act.claim(page, new)
    old = mailbox.wait(new).the_code
    button = act.section(page).get_by_role("button", name="Send a new code")
    waiting = act.section(page).get_by_text("You can ask for a new code in")
    expect(waiting).to_contain_text(re.compile(r"(30|2\d) seconds"))
    expect(button).to_be_disabled()
    steps.stop_countdown(page, seconds=12)
    expect(waiting).to_contain_text("12 seconds")
    page.clock.fast_forward(12_000)
    page.clock.resume()
    clock.tick(30)
    button.click()
    told = page.get_by_role("status").filter(has_text="A new message is on its way.")
    expect(told).to_have_count(1)
    expect(button).to_be_disabled()
    expect(act.code_field(page)).to_be_focused()
    new_code = mailbox.wait(new).the_code
    if new_code != old:
        act.code_field(page).press_sequentially(old)
        expect(act.code_field(page)).to_have_attribute("aria-invalid", "true")
    page.keyboard.type(new_code)
    expect(act.section(page).get_by_text(act.VERIFIED)).to_be_visible()


def test_a_code_that_is_too_old_is_told_to_be(
    page: Page, mailbox: Mailbox, clock: Clock, new: str
) -> None:
    act.claim(page, new)
    code = mailbox.wait(new).the_code
    clock.tick(minutes=10)
    act.code_field(page).press_sequentially(code)
    expect(act.code_field(page)).to_have_accessible_description(
        "This code is too old. Ask for a new one."
    )
    assert_sound(page)
    act.section(page).get_by_role("button", name="Send a new code").click()
    # The click took the focus there; it comes back with the answer.
    expect(act.code_field(page)).to_be_focused()
    code = mailbox.wait(new).the_code
    act.code_field(page).press_sequentially(code)
    expect(act.section(page).get_by_text(act.VERIFIED)).to_be_visible()


def test_five_wrong_codes_end_it(page: Page, mailbox: Mailbox, new: str) -> None:
    act.claim(page, new)
    code = int(mailbox.wait(new).the_code)
    told = [f"That code is not right. {left} attempts left." for left in (4, 3, 2)]
    told += ["That code is not right. 1 attempt left."]
    told += [
        "That code is not right, and it was the last attempt. Ask for a new one in 10 minutes."
    ]
    for number, sentence in enumerate(told, 1):
        act.code_field(page).press_sequentially(f"{(code + number) % 10**6:06}")
        expect(act.code_field(page)).to_have_accessible_description(sentence)
    act.code_field(page).press_sequentially(f"{code:06}")
    expect(act.code_field(page)).to_have_accessible_description(
        "There were too many attempts. Ask for a new code in 10 minutes."
    )
    expect(act.row(page, new)).to_contain_text("Unverified")


@by_link
def test_the_first_page_notices_that_the_link_was_opened_elsewhere(
    open_as: OpenAs, open_page: OpenPage, server: LocalSite, ada: Person, mailbox: Mailbox, new: str
) -> None:
    page = open_as(ada, Screen(PHONE))
    page.goto(steps.ACCOUNT)
    wait_for_link(page, new)
    assert_sound(page)
    other = open_page()
    open_link(other, server, mailbox, new)
    expect(act.section(page).get_by_text(act.VERIFIED)).to_be_visible(timeout=15_000)
    expect(act.row(page, new)).not_to_contain_text("Unverified")
    expect(act.section(page).get_by_text("Open the link in your mail")).to_be_hidden()
    expect(act.opener(page)).to_be_focused()
    assert_sound(page)
    other.goto("/whoami")
    expect(other.locator("body")).to_contain_text("null")


@by_link
def test_a_link_that_is_too_old_is_asked_for_again_once(
    page: Page, open_page: OpenPage, server: LocalSite, mailbox: Mailbox, clock: Clock, new: str
) -> None:
    wait_for_link(page, new)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    clock.tick(minutes=10)
    page.clock.fast_forward(3_000)
    expect(act.section(page).get_by_text("This link is too old.")).to_be_visible()
    assert_sound(page)
    asked.clear()
    for _ in range(5):
        page.clock.fast_forward(3_000)
    assert asked == [], "it does not ask for ever"
    mailbox.wait(new)
    act.section(page).get_by_role("button", name="Send a new link").click()
    expect(act.section(page).get_by_text("Open the link in your mail")).to_be_visible()
    open_link(open_page(), server, mailbox, new)
    page.clock.fast_forward(3_000)
    expect(act.section(page).get_by_text(act.VERIFIED)).to_be_visible()


@by_link
def test_a_page_that_waits_for_what_is_gone_stops(page: Page, app: Flask, new: str) -> None:
    wait_for_link(page, new)
    other = page.context.new_page()
    other.goto(steps.ACCOUNT)
    act.remove(other, new)
    page.clock.fast_forward(3_000)
    expect(act.section(page).get_by_text("Open the link in your mail")).to_be_hidden()
    expect(act.addresses(page)).to_have_count(1)


@by_link
def test_without_a_script_the_page_is_looked_at_again(
    open_as: OpenAs, open_page: OpenPage, server: LocalSite, ada: Person, mailbox: Mailbox, new: str
) -> None:
    page = open_as(ada, Screen(PHONE, javascript=False))
    page.goto(steps.ACCOUNT)
    wait_for_link(page, new)
    look = act.section(page).get_by_role("link", name="I have opened it")
    look.click()
    expect(look).to_be_visible()
    open_link(open_page(), server, mailbox, new)
    look.click()
    expect(act.section(page).get_by_text(act.VERIFIED)).to_be_visible()
