"""The link in a mail, in a browser: one button, no script, an address without the token."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.browser.sites import LocalSite
from tests.http.links import send_link
from tests.http.site import Site
from tests.rig.browser import PHONE
from tests.rig.browser import WIDE
from tests.rig.browser import Screen
from tests.rig.browser import overflow
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person

pytestmark = pytest.mark.browser
URL = "/account/email-addresses/verification"
CONFIRMED = "Your email address is confirmed"
#: As long as an address may be, in parts that nothing breaks.
LONG = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.example"
each_width = pytest.mark.parametrize("width", [PHONE, WIDE])


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(USERKIT_USERNAME="optional", USERKIT_AFTER_SIGN_IN_URL="/members")


@pytest.fixture
def server(local_site: LocalSite) -> LocalSite:
    """An app in this process: the log of a server has every address, and so the token."""
    return local_site


@pytest.fixture
def site(app: Flask, mailbox: Mailbox, clock: Clock) -> Site:
    return Site(app, app.extensions["userkit"], mailbox, clock)


@each_width
def test_the_button_is_all_that_there_is_to_do(
    open_as: OpenAs, ada: Person, site: Site, width: int
) -> None:
    page = open_as(ada, Screen(width, javascript=False))
    page.goto(send_link(site, ada, LONG))
    assert page.url.endswith(URL)
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm your email address")
    for words in (LONG, str(ada.username)):
        expect(page.get_by_role("main").get_by_text(words, exact=True)).to_be_visible()
    assert overflow(page) == 0
    page.reload()
    page.get_by_role("button", name="Confirm email address").click()
    expect(page.get_by_role("heading", name=CONFIRMED)).to_be_visible()
    assert overflow(page) == 0
    page.get_by_role("link", name="Go to your account").click()
    steps.arrive(page, steps.ACCOUNT)


@each_width
def test_on_another_device_it_says_so_and_ends_there(
    open_page: OpenPage, ada: Person, site: Site, width: int
) -> None:
    link = send_link(site, ada, "countess@example.org")
    page = open_page(Screen(width, javascript=False))
    page.goto(link)
    page.get_by_role("button", name="Confirm email address").click()
    expect(page.get_by_role("heading", name=CONFIRMED)).to_be_visible()
    expect(page.get_by_text("You can close this page")).to_be_visible()
    expect(steps.trigger(page)).to_have_count(0)
    page.goto(link)
    expect(page.get_by_role("heading", name="This link cannot be used")).to_be_visible()
    expect(page.get_by_text("Use the newest one.")).to_be_visible()
    assert overflow(page) == 0


def test_axe_finds_nothing_on_any_of_its_pages(
    open_page: OpenPage, ada: Person, site: Site, screen: Screen
) -> None:
    page = open_page(screen)
    page.goto(URL)
    expect(page.get_by_role("heading", name="This link cannot be used")).to_be_visible()
    assert_sound(page)
    page.goto(send_link(site, ada, LONG))
    assert_sound(page)
    page.get_by_role("button", name="Confirm email address").click()
    expect(page.get_by_role("heading", name=CONFIRMED)).to_be_visible()
    assert_sound(page)
