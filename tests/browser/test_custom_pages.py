"""Pages and links that an app adds to the profile: alone, over a page, and in one of the app's."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.browser.custom import ABSOLUTE
from tests.rig.browser import PHONE
from tests.rig.browser import Complaints
from tests.rig.browser import Screen
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser
NAVIGATION = ["Profile", "Security", "Page 1", "Members", "Page 2", "Elsewhere"]
Open = Callable[[Page], Locator]


def over(page: Page) -> Locator:
    page.goto("/here")
    return steps.open_modal(page)


def alone(page: Page) -> Locator:
    page.goto(steps.ACCOUNT)
    return page.locator(".userkit-profile")


def within(page: Page) -> Locator:
    page.goto("/settings")
    return page.locator(".userkit-profile")


@pytest.fixture
def server(custom: Server) -> Server:
    return custom


@pytest.fixture(params=[over, alone, within], ids=["UserButton", "UserProfile", "in a page"])
def profile(request: pytest.FixtureRequest, page: Page) -> Locator:
    """The profile, each way in which it is shown."""
    opened: Locator = request.param(page)
    return opened


@pytest.fixture
def page(open_as: OpenAs, ada: Person) -> Page:
    return open_as(ada)


def go_to(profile: Locator, title: str) -> None:
    profile.get_by_role("navigation").get_by_role("link", name=title).click()


def arrived_at(profile: Locator, title: str) -> None:
    expect(profile.locator(".userkit-profile__title")).to_have_text(title)
    current = profile.get_by_role("navigation").locator("[aria-current=page]")
    expect(current).to_have_text(re.compile(rf"^\s*{title}\s*$"))


def answer_elsewhere(page: Page, complaints: Complaints) -> None:
    """Answer in place of the other site."""
    page.route(f"{ABSOLUTE}**", lambda route: route.fulfill(body="<title>Elsewhere</title>"))


def test_all_custom_pages_with_icons_in_the_side_nav_with_specified_order(
    profile: Locator,
) -> None:
    links = profile.get_by_role("navigation").get_by_role("link")
    expect(links).to_have_text([re.compile(rf"^\s*{name}\s*$") for name in NAVIGATION])
    assert links.locator("svg").count() == len(NAVIGATION)
    expect(links.filter(has_text="Page 2").locator("svg.own")).to_have_count(1)


def test_custom_page_1_stateful_counter_works(page: Page, profile: Locator) -> None:
    go_to(profile, "Page 1")
    arrived_at(profile, "Page 1")
    for number in ("1", "2"):
        profile.get_by_role("button", name="Count").click()
        expect(profile.locator("#counted")).to_have_text(number)
    expect(page.get_by_role("status").filter(has_text="Counted.")).to_have_count(1)
    page.reload()
    arrived_at(profile, "Page 1")
    expect(profile.locator("#counted")).to_have_text("2")


def test_renders_only_custom_pages_and_does_not_display_unrelated_children(
    profile: Locator,
) -> None:
    go_to(profile, "Page 2")
    arrived_at(profile, "Page 2")
    expect(profile.locator(".userkit-section")).to_have_count(1)
    expect(profile.get_by_text("What stands here alone.")).to_be_visible()
    go_to(profile, "Profile")
    arrived_at(profile, "Profile")
    expect(profile.get_by_text("What stands here alone.")).to_have_count(0)


def test_custom_external_absolute_link(
    page: Page, profile: Locator, complaints: Complaints
) -> None:
    answer_elsewhere(page, complaints)
    go_to(profile, "Elsewhere")
    expect(page).to_have_url(ABSOLUTE)
    complaints.heard.remove(f"a request left the site: {ABSOLUTE}")


def test_custom_internal_relative_link(page: Page, profile: Locator) -> None:
    go_to(profile, "Members")
    steps.arrive(page, "/members")


def test_user_profile_with_path_routing(page: Page) -> None:
    page.goto("/account/page-1")
    arrived_at(page.locator(".userkit-profile"), "Page 1")
    assert page.title().startswith("Page 1 · ")
    go_to(page.locator(".userkit-profile"), "Profile")
    steps.arrive(page, steps.ACCOUNT)
    page.go_back()
    arrived_at(page.locator(".userkit-profile"), "Page 1")


def test_a_page_within_the_modal_is_one_step_of_the_history_and_survives_a_reload(
    page: Page,
) -> None:
    modal = over(page)
    length = page.evaluate("history.length")
    for title in ("Page 1", "Page 2"):
        go_to(modal, title)
        arrived_at(modal, title)
        expect(modal).to_be_focused()
    assert page.evaluate("history.length") == length
    page.reload()
    arrived_at(modal, "Page 2")
    page.go_back()
    expect(modal).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/here$"))


def test_sign_in_leads_back_to_the_page_within_the_modal(page: Page, ada: Person) -> None:
    modal = over(page)
    go_to(modal, "Page 1")
    arrived_at(modal, "Page 1")
    page.context.clear_cookies()
    go_to(modal, "Page 2")
    steps.arrive(page, steps.SIGN_IN)
    steps.fill_sign_in(page, ada.email_address, ada.password)
    arrived_at(modal, "Page 2")


def test_without_a_script_its_pages_and_forms_work(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada, Screen(PHONE, javascript=False))
    for show in (alone, within):
        profile = show(page)
        asked = page.url
        go_to(profile, "Page 1")
        arrived_at(profile, "Page 1")
        counted = int(profile.locator("#counted").inner_text())
        profile.get_by_role("button", name="Count").click()
        expect(profile.locator("#counted")).to_have_text(str(counted + 1))
        expect(profile.get_by_text("Counted.")).to_be_visible()
        assert page.url.startswith(asked)


def test_custom_pages_are_sound(open_as: OpenAs, ada: Person, screen: Screen) -> None:
    page = open_as(ada, screen)
    for address in ("/account/page-1", "/settings?profile=page-2", "/settings?direction=rtl"):
        page.goto(address)
        assert_sound(page)
