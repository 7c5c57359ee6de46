"""The profile over a page, and a provider: one comes back to the page, with the profile open."""

from __future__ import annotations

import re
import secrets

import pytest
from flask import Flask
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import provider_steps as act
from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.browser.sites import LocalSite
from tests.rig.browser import PHONE
from tests.rig.browser import WIDE
from tests.rig.browser import Complaints
from tests.rig.browser import Screen
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.oidc_pages import log_in_by_browser
from tests.rig.oidc_provider import OidcProvider
from tests.rig.people import Person

pytestmark = pytest.mark.browser
UNDER = "/under?a=1"
OPEN = re.compile(r"/under\?a=1&userkit-profile=account$")
CLOSED = re.compile(r"/under\?a=1$")


@pytest.fixture
def app(make_app: MakeApp, oidc_provider: OidcProvider, complaints: Complaints) -> Flask:
    complaints.elsewhere.append(oidc_provider.issuer)
    return act.app_with_provider(make_app, oidc_provider)


@pytest.fixture
def server(local_site: LocalSite) -> LocalSite:
    return local_site


@pytest.fixture
def name() -> str:
    """Somebody at the provider whom nobody else is."""
    return f"ada-{secrets.token_hex(4)}"


def open_over(page: Page) -> None:
    page.goto(UNDER)
    steps.open_modal(page)


def assert_closes(page: Page) -> None:
    """Fail unless what is left after Escape is the page as it was."""
    page.keyboard.press("Escape")
    expect(steps.modal(page)).to_be_hidden()
    expect(page).to_have_url(CLOSED)
    expect(steps.trigger(page)).to_be_focused()


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_one_is_back_in_the_profile_over_the_page_and_told_so_once(
    open_as: OpenAs, ada: Person, name: str, width: int
) -> None:
    page = open_as(ada, Screen(width))
    open_over(page)
    act.connect(page, name)
    expect(steps.modal(page)).to_be_visible()
    expect(page).to_have_url(OPEN)
    expect(act.told(page, act.CONNECTED)).to_be_in_viewport()
    expect(act.row(page)).to_contain_text(f"{name}@example.com")
    link = act.section(page).get_by_role("link", name="Connect account")
    expect(link).to_be_focused()
    expect(link).to_have_accessible_description(act.CONNECTED)
    assert_sound(page)
    page.reload()
    expect(act.row(page)).to_be_visible()
    expect(act.section(page).get_by_text(act.CONNECTED)).to_have_count(0)
    assert_closes(page)


def test_what_was_refused_is_said_there_too_and_once(
    open_as: OpenAs, ada: Person, name: str
) -> None:
    page = open_as(ada)
    open_over(page)
    act.connect(page, name, "cancel")
    alert = act.section(page).get_by_role("alert")
    expect(alert).to_have_text("Nothing was shared, so nothing was connected.")
    expect(alert).to_be_focused()
    expect(alert).to_be_in_viewport()
    expect(page).to_have_url(OPEN)
    assert_sound(page)
    page.reload()
    expect(act.section(page)).to_be_visible()
    expect(alert).to_have_count(0)
    assert_closes(page)


def test_back_does_not_say_it_again(open_as: OpenAs, ada: Person, name: str) -> None:
    page = open_as(ada)
    open_over(page)
    act.connect(page, name)
    act.told(page, act.CONNECTED)
    page.goto("/")
    page.go_back()
    expect(page).to_have_url(OPEN)
    expect(act.row(page)).to_be_visible()
    page.reload()
    expect(act.row(page)).to_be_visible()
    expect(act.section(page).get_by_text(act.CONNECTED)).to_have_count(0)


@pytest.fixture
def page_of_bea(open_page: OpenPage, clock: Clock, name: str) -> Page:
    """The profile of somebody who has nothing but the provider to confirm by, over a page."""
    # The provider's clock cannot be moved, so that all begins in the past.
    clock.tick(minutes=-11)
    page = open_page()
    act.come_in(page, name)
    clock.tick(minutes=11)
    open_over(page)
    return page


def test_who_confirms_a_form_at_the_provider_is_back_there_once_it_is_done(
    page_of_bea: Page, name: str
) -> None:
    page = page_of_bea
    act.ask_to_disconnect(page).get_by_role("button", name="Disconnect").click()
    page.get_by_role("button", name=act.SIGN_IN).click()
    log_in_by_browser(page, name)
    page.get_by_role("button", name="Continue").click()
    expect(steps.modal(page)).to_be_visible()
    expect(page).to_have_url(OPEN)
    act.told(page, act.DISCONNECTED)
    page.reload()
    expect(act.section(page)).to_be_visible()
    expect(act.section(page).get_by_text(act.DISCONNECTED)).to_have_count(0)


def test_who_confirms_before_a_form_is_shown_is_back_there_too(
    page_of_bea: Page, name: str
) -> None:
    page = page_of_bea
    act.section(page).get_by_role("link", name="Connect account").click()
    act.section(page).get_by_role("button", name=act.SIGN_IN).click()
    log_in_by_browser(page, name)
    expect(steps.modal(page)).to_be_visible()
    expect(page).to_have_url(OPEN)
    act.connect(page, f"{name}-2")
    expect(page).to_have_url(OPEN)
    act.told(page, act.CONNECTED)


def test_by_keys_alone_one_goes_and_comes_back(open_as: OpenAs, ada: Person, name: str) -> None:
    page = open_as(ada)
    open_over(page)
    act.section(page).get_by_role("link", name="Connect account").focus()
    page.keyboard.press("Enter")
    button = act.section(page).get_by_role("button", name=act.LABEL)
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    log_in_by_browser(page, name)
    act.told(page, act.CONNECTED)
    assert_closes(page)


@pytest.mark.parametrize("notice", ["nothing", "../", "%22%3E%3Cb%3E", "x" * 3000])
def test_a_notice_that_nobody_has_sent_says_nothing_and_goes(
    open_as: OpenAs, ada: Person, notice: str
) -> None:
    page = open_as(ada)
    page.goto(f"{UNDER}&userkit-profile=account&saved={notice}")
    expect(act.section(page)).to_be_visible()
    expect(page).to_have_url(OPEN)
    expect(act.section(page).get_by_role("alert")).to_have_count(0)


def test_a_page_of_the_app_keeps_a_word_of_its_own(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    page.goto("/under?saved=external-account")
    steps.open_modal(page)
    expect(act.section(page)).to_be_visible()
    expect(act.section(page).get_by_text(act.CONNECTED)).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/under\?saved=external-account&userkit-profile=account$"))
