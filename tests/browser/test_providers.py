"""Providers as people see them: before the forms of sign-in and sign-up, and in their section."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from markupsafe import Markup
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from flask_userkit import UserKit
from flask_userkit.models import ExternalAccount
from flask_userkit.models import User
from flask_userkit.services.limits import DEFAULTS
from tests.browser.checks import assert_sound
from tests.browser.checks import too_wide
from tests.browser.conftest import OpenAs
from tests.browser.keys import Keys
from tests.browser.sites import LocalSite
from tests.rig.browser import PHONE
from tests.rig.browser import SCREENS
from tests.rig.browser import Screen
from tests.rig.browser import overflow
from tests.rig.fixtures.apps import MakeApp
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.people import Person

pytestmark = pytest.mark.browser
NARROWEST = Screen(320)
NO_SCRIPT = Screen(PHONE, javascript=False)
LONG = "Single sign-on of the Analytical Engine Company"
DRAWING = Markup('<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 2l6 12H2z"/></svg>')
IDS = {"client_id": "reading-list", "client_secret": "for these tests alone"}
CONNECTIONS = {
    **dict.fromkeys(("google", "github", "facebook", "gitlab", "discord", "linkedin"), IDS),
    "acme": {
        **IDS,
        "label": LONG,
        "icon": DRAWING,
        "server_metadata_url": "https://sso.example/.well-known/openid-configuration",
    },
}
#: What Ada has connected: the provider, what she is called there, and what is wrong with it.
ROWS = (
    ("google", "ada@example.com", None),
    ("github", "ada-lovelace", "oauth_fetch_user_error"),
    ("acme", f"ada@{'very-' * 9}long.example", None),
    ("gone", None, None),
)
PAGES = (
    "/account/",
    "/account/?edit=connected_accounts",
    "/account/?edit=connected_accounts.removal.eac_google",
    "/account/?saved=oauth_access_denied",
    "/account/?saved=external-account",
)


@pytest.fixture
def settings() -> dict[str, object]:
    return {}


@pytest.fixture
def app(make_app: MakeApp, settings: dict[str, object]) -> Flask:
    return make_app(
        USERKIT_CONNECTIONS=CONNECTIONS,
        USERKIT_RATE_LIMITS=dict.fromkeys(DEFAULTS, "1000000/hour"),
        **settings,
    )


@pytest.fixture
def server(local_site: LocalSite) -> LocalSite:
    """An app in this process, where a test can write rows."""
    return local_site


@pytest.fixture
def connected(app: Flask, userkit: UserKit[User], ada: Person) -> Person:
    """Ada, who has connected accounts."""
    with app.app_context():
        (user,) = userkit.users.get_user_list(email_address=[ada.email_address]).data
        with userkit.transaction() as db:
            db.add_all(account(user, *row) for row in ROWS)
    return ada


def account(user: User, provider: str, name: str | None, error: str | None) -> ExternalAccount:
    now = dt.datetime.now(dt.UTC)
    return ExternalAccount(
        id=f"eac_{provider}",
        user_id=user.id,
        provider=provider,
        issuer=f"https://{provider}.example",
        provider_user_id=user.id,
        username=name,
        approved_scopes="openid",
        error_code=error,
        created_at=now,
        updated_at=now,
    )


def section(page: Page) -> Locator:
    return page.get_by_role("region", name="Connected accounts")


def row(page: Page, label: str) -> Locator:
    return section(page).get_by_role("listitem").filter(has_text=label).first


def use_last(page: Page, site: LocalSite, provider: str) -> None:
    """Have the browser remember a provider."""
    page.context.add_cookies([{"name": "userkit-provider", "value": provider, "url": site.url}])


@pytest.mark.parametrize("path", ["/account/sign-in", "/account/sign-up"])
def test_every_provider_stands_before_the_form(
    open_page: OpenPage, server: LocalSite, path: str
) -> None:
    for screen in (*SCREENS, NARROWEST):
        page = open_page(screen)
        use_last(page, server, "acme")
        page.goto(path)
        buttons = page.get_by_role("button", name="Continue with")
        expect(buttons).to_have_count(len(CONNECTIONS))
        expect(buttons.first).to_have_accessible_name("Continue with Google")
        expect(buttons.last).to_have_accessible_name(f"Continue with {LONG} Last used")
        above, below = buttons.last.bounding_box(), page.get_by_label("Email").bounding_box()
        assert above is not None
        assert below is not None
        assert above["y"] + above["height"] < below["y"]
        assert_sound(page)


def test_a_drawing_of_the_apps_own_is_as_large_as_the_kits(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/account/sign-in")
    own = page.get_by_role("button", name=LONG).locator("svg")
    assert own.evaluate("svg => [svg.clientWidth, svg.clientHeight]") == [16, 16]


@pytest.mark.parametrize("dark", [False, True])
def test_a_drawing_of_the_apps_own_is_seen_in_the_dark_too(open_page: OpenPage, dark: bool) -> None:
    page = open_page(Screen(dark=dark))
    page.goto("/account/sign-in")
    own = page.get_by_role("button", name=LONG).locator("svg")
    assert own.evaluate("svg => getComputedStyle(svg).fill === getComputedStyle(svg).color")


def test_after_a_refusal_the_form_is_ready_for_another_way(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/account/sign-in")
    button = page.get_by_role("button", name="Continue with Google")
    button.evaluate("button => button.form.action = '/account/sign-in/nobody'")
    button.click()
    expect(page.get_by_role("alert")).to_have_text("There is no such provider here.")
    expect(page.get_by_label("Email address")).to_be_focused()


@pytest.mark.parametrize(
    "settings", [{"USERKIT_PASSWORD": "off", "USERKIT_EMAIL_CODE_SIGN_IN": False}], ids=["alone"]
)
@pytest.mark.parametrize("path", ["/account/sign-in", "/account/sign-up"])
def test_providers_alone_need_no_form_and_no_divider(open_page: OpenPage, path: str) -> None:
    page = open_page(Screen(PHONE))
    page.goto(path)
    expect(page.get_by_role("button", name="Continue with")).to_have_count(len(CONNECTIONS))
    expect(page.get_by_role("textbox")).to_have_count(0)
    expect(page.locator(".userkit-divider")).to_have_count(0)
    expect(
        page.get_by_role("link", name="account" if "sign-in" in path else "Sign in")
    ).to_be_visible()
    assert_sound(page)


def test_the_section_is_sound_on_every_screen(open_as: OpenAs, connected: Person) -> None:
    for screen in (*SCREENS, NARROWEST):
        page = open_as(connected, screen)
        for path in PAGES:
            page.goto(path)
            expect(section(page)).to_be_visible()
            assert_sound(page)


def test_nothing_of_a_row_lies_over_anything_else(open_as: OpenAs, connected: Person) -> None:
    page = open_as(connected, NARROWEST)
    page.goto("/account/")
    button = row(page, "GitHub").get_by_role("button", name="Reconnect GitHub").bounding_box()
    text = row(page, "GitHub").locator(".userkit-item__body").bounding_box()
    assert button is not None
    assert text is not None
    assert text["y"] + text["height"] <= button["y"]


def large(page: Page) -> None:
    """The section as somebody sees it whose text is twice as large."""
    page.goto(PAGES[2])
    page.evaluate("document.documentElement.style.fontSize = '32px'")


def test_large_text_in_the_narrowest_window_cuts_nothing_off(
    open_as: OpenAs, connected: Person
) -> None:
    assert too_wide(open_as(connected, NARROWEST), [large]) == []


def test_a_row_says_what_is_wrong_and_how_to_mend_it(open_as: OpenAs, connected: Person) -> None:
    page = open_as(connected)
    page.goto("/account/")
    broken = row(page, "GitHub")
    expect(broken).to_contain_text("Reconnect needed")
    expect(broken).to_contain_text("GitHub no longer shares your profile.")
    mend = broken.get_by_role("button", name="Reconnect GitHub")
    expect(mend).to_have_accessible_description("ada-lovelace")
    expect(row(page, "Google").get_by_role("button", name="Reconnect")).to_have_count(0)
    expect(row(page, "Gone")).to_contain_text("This provider is no longer offered here.")


def test_the_card_opens_and_gives_the_focus_back(open_as: OpenAs, connected: Person) -> None:
    page = open_as(connected)
    page.goto("/account/")
    keys = Keys(page)
    keys.go_to("Connect account")
    keys.press("Enter")
    card = section(page).get_by_role("form", name="Connect account")
    expect(card.get_by_role("button", name="Google")).to_be_focused()
    expect(card.get_by_role("button")).to_have_count(len(CONNECTIONS))
    card.get_by_role("link", name="Cancel").press("Enter")
    expect(section(page).get_by_role("link", name="Connect account")).to_be_focused()


def test_the_way_to_disconnect_is_asked_and_can_be_left(open_as: OpenAs, connected: Person) -> None:
    page = open_as(connected)
    page.goto("/account/")
    opener = row(page, "Google").get_by_role("button", name="Actions for Google ada@example.com")
    opener.click()
    page.locator(".userkit-menu__list:popover-open").get_by_text("Disconnect").click()
    form = section(page).get_by_role("form", name="Disconnect Google?")
    expect(form).to_contain_text("You can no longer sign in with this account.")
    expect(form.get_by_role("link", name="Keep it")).to_be_focused()
    page.keyboard.press("Enter")
    expect(opener).to_be_focused()


def test_what_went_wrong_at_the_provider_has_the_focus(open_as: OpenAs, connected: Person) -> None:
    page = open_as(connected)
    page.goto("/account/?saved=oauth_access_denied")
    alert = section(page).get_by_role("alert")
    expect(alert).to_have_text("Nothing was shared, so nothing was connected.")
    expect(alert).to_be_focused()


def test_all_of_it_is_there_without_a_script(open_as: OpenAs, connected: Person) -> None:
    page = open_as(connected, NO_SCRIPT)
    page.goto("/account/")
    section(page).get_by_role("link", name="Connect account").click()
    form = section(page).get_by_role("form", name="Connect account")
    expect(form.get_by_role("button", name="Discord")).to_be_visible()
    form.get_by_role("link", name="Cancel").click()
    row(page, "Google").get_by_role("button", name="Actions for Google").click()
    page.locator(".userkit-menu__list:popover-open").get_by_text("Disconnect").click()
    expect(section(page).get_by_role("button", name="Disconnect")).to_be_visible()
    assert overflow(page) == 0
