"""What people do with a provider, from sign-up to the end, with a script and without."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

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
from tests.rig.browser import Complaints
from tests.rig.browser import Screen
from tests.rig.browser import overflow
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.oidc_pages import log_in_by_browser
from tests.rig.oidc_provider import OidcProvider
from tests.rig.people import Person

pytestmark = pytest.mark.browser
SCREENS = (Screen(), Screen(PHONE, javascript=False))
each_screen = pytest.mark.parametrize("screen", SCREENS, ids=str)


@pytest.fixture
def settings() -> dict[str, object]:
    return {}


@pytest.fixture
def app(
    make_app: MakeApp,
    oidc_provider: OidcProvider,
    complaints: Complaints,
    settings: dict[str, object],
) -> Flask:
    complaints.elsewhere.append(oidc_provider.issuer)
    return act.app_with_provider(make_app, oidc_provider, **settings)


@pytest.fixture
def server(local_site: LocalSite) -> LocalSite:
    return local_site


@pytest.fixture
def name() -> str:
    """Somebody at the provider whom nobody else is."""
    return f"ada-{secrets.token_hex(4)}"


def look(page: Page, screen: Screen) -> None:
    """Fail where a state of the page is not sound."""
    if screen.javascript:
        assert_sound(page)
    else:
        assert overflow(page) == 0


@each_screen
def test_somebody_signs_up_and_in_again_by_the_way_that_is_marked(
    open_page: OpenPage, name: str, screen: Screen
) -> None:
    page = open_page(screen)
    act.come_in(page, name, steps.SIGN_UP)
    steps.arrive(page, "/")
    expect(steps.trigger(page)).to_be_visible()
    steps.sign_out(page)
    page.goto(steps.SIGN_IN)
    button = page.get_by_role("button", name=act.SIGN_IN)
    expect(button).to_have_accessible_name(f"{act.SIGN_IN} Last used")
    look(page, screen)
    # The provider remembers who they are, and what they have allowed.
    button.click()
    steps.arrive(page, "/")
    page.goto(steps.ACCOUNT)
    expect(act.row(page)).to_contain_text(f"{name}@example.com")
    look(page, screen)


@pytest.mark.parametrize("settings", [{"USERKIT_USERNAME": "required"}], ids=["username"])
@each_screen
def test_what_is_missing_is_asked_for_and_ends_in_the_account(
    open_page: OpenPage, oidc_provider: OidcProvider, name: str, screen: Screen
) -> None:
    oidc_provider.set_account(name, preferred_username=None)
    page = open_page(screen)
    act.come_in(page, name, steps.SIGN_UP)
    steps.arrive(page, "/account/oauth/sign-up")
    field = page.get_by_role("textbox", name="Username")
    expect(field).to_be_focused()
    look(page, screen)
    page.get_by_role("button", name="Create account").click()
    expect(field).to_have_attribute("aria-invalid", "true")
    look(page, screen)
    field.fill(name.replace("-", "_"))
    page.get_by_role("button", name="Create account").click()
    steps.arrive(page, "/")
    expect(steps.trigger(page)).to_be_visible()


@each_screen
def test_an_account_is_connected_and_disconnected(
    open_as: OpenAs, ada: Person, name: str, screen: Screen
) -> None:
    page = open_as(ada, screen)
    page.goto(steps.ACCOUNT)
    act.connect(page, name)
    steps.arrive(page, steps.ACCOUNT)
    act.told(page, act.CONNECTED)
    expect(act.section(page).get_by_role("link", name="Connect account")).to_be_focused()
    expect(act.row(page)).to_contain_text(f"{name}@example.com")
    look(page, screen)
    form = act.ask_to_disconnect(page)
    expect(form.get_by_role("link", name="Keep it")).to_be_focused()
    look(page, screen)
    form.get_by_role("button", name="Disconnect").click()
    act.told(page, act.DISCONNECTED)
    expect(act.section(page).get_by_text(name)).to_have_count(0)
    expect(act.section(page).get_by_role("link", name="Connect account")).to_be_focused()
    look(page, screen)


@each_screen
def test_what_was_not_granted_is_granted_by_connecting_once_more(
    open_as: OpenAs, ada: Person, name: str, screen: Screen
) -> None:
    page = open_as(ada, screen)
    page.goto(steps.ACCOUNT)
    act.connect(page, name)
    act.told(page, act.CONNECTED)
    page.goto("/books")
    expect(act.row(page)).to_contain_text("Reconnect to grant access.")
    look(page, screen)
    act.row(page).get_by_role("button", name=f"Reconnect {act.LABEL}").click()
    log_in_by_browser(page, name)
    steps.arrive(page, "/books")
    act.told(page, act.CONNECTED_AGAIN)
    expect(act.row(page).get_by_role("button", name="Reconnect")).to_have_count(0)
    look(page, screen)


@each_screen
def test_another_account_mends_nothing_and_says_so(
    open_as: OpenAs, ada: Person, oidc_provider: OidcProvider, name: str, screen: Screen
) -> None:
    page = open_as(ada, screen)
    page.goto(steps.ACCOUNT)
    act.connect(page, name)
    act.told(page, act.CONNECTED)
    # The provider has forgotten who they are.
    page.context.clear_cookies(domain=urlsplit(oidc_provider.issuer).hostname or "")
    page.goto("/books")
    act.row(page).get_by_role("button", name=f"Reconnect {act.LABEL}").click()
    log_in_by_browser(page, f"{name}-2")
    steps.arrive(page, "/books")
    alert = act.section(page).get_by_role("alert")
    expect(alert).to_contain_text("That was another account of the provider.")
    expect(alert).to_be_focused()
    expect(act.row(page)).to_contain_text("Reconnect to grant access.")
    look(page, screen)


@pytest.mark.parametrize("settings", [{"USERKIT_EMAIL_CODE_SIGN_IN": False}], ids=["no codes"])
@each_screen
def test_the_only_way_in_says_before_the_click_why_it_stays(
    open_page: OpenPage, name: str, screen: Screen
) -> None:
    page = open_page(screen)
    act.come_in(page, name)
    page.goto(steps.ACCOUNT)
    item = act.open_menu(page)
    expect(item).to_have_attribute("aria-disabled", "true")
    expect(item).to_contain_text("This is your only way to sign in.")
    look(page, screen)
    item.click(force=True)
    expect(act.section(page).get_by_role("form")).to_have_count(0)
    expect(act.row(page)).to_be_visible()


@each_screen
def test_after_a_while_the_provider_confirms_who_disconnects(
    open_page: OpenPage, clock: Clock, name: str, screen: Screen
) -> None:
    # The provider's clock cannot be moved, so that all begins in the past.
    clock.tick(minutes=-11)
    page = open_page(screen)
    act.come_in(page, name)
    clock.tick(minutes=11)
    page.goto(steps.ACCOUNT)
    act.ask_to_disconnect(page).get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    button = page.get_by_role("button", name=act.SIGN_IN)
    expect(button).to_be_focused()
    look(page, screen)
    button.click()
    log_in_by_browser(page, name)
    expect(page.get_by_role("heading", name="It is you")).to_be_visible()
    look(page, screen)
    page.get_by_role("button", name="Continue").click()
    act.told(page, act.DISCONNECTED)
    look(page, screen)


@each_screen
def test_whoever_shares_nothing_is_back_where_it_began(
    open_page: OpenPage, name: str, screen: Screen
) -> None:
    page = open_page(screen)
    page.goto(steps.SIGN_IN)
    page.get_by_role("button", name=act.SIGN_IN).click()
    log_in_by_browser(page, name, "cancel")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Email address")).to_be_focused()
    look(page, screen)
