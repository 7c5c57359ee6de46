"""The profile inside a page of the example app: each section by each htmx and without a script."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from dataclasses import replace

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.browser.gallery import FILES
from tests.rig.browser import PHONE
from tests.rig.browser import Screen
from tests.rig.people import Person

pytestmark = pytest.mark.browser
SETTINGS = "/settings"
#: No style of its own, as the policy of the page wants it.
HTMX_2 = f"{FILES['htmx-2.js']};htmx.config.includeIndicatorStyles = false"


@dataclass(frozen=True)
class Card:
    """A section with a form."""

    name: str
    label: str
    good: str
    bad: str
    refusal: str
    saved: str

    def section(self, page: Page) -> Locator:
        return page.locator(f"#userkit-{self.name}")

    def field(self, page: Page) -> Locator:
        return self.section(page).get_by_role("textbox", name=self.label).first

    def open(self, page: Page) -> Locator:
        steps.opener(page, self.name).click()
        expect(self.field(page)).to_be_visible()
        return self.field(page)

    def save(self, page: Page) -> None:
        self.section(page).get_by_role("button", name="Save").first.click()


CARDS = (
    Card(
        "profile",
        "First name",
        "Augusta",
        "a" * 101,
        "The first name has up to 100 characters.",
        steps.SAVED,
    ),
    Card(
        "username",
        "Username",
        "countess",
        "a b",
        "letters from a to z",
        steps.USERNAME_SAVED,
    ),
    Card(
        "reading_goal",
        "Books a year",
        "24",
        "a dozen",
        "Enter a number from 1 to 1000.",
        "Your goal is saved.",
    ),
)


@pytest.fixture(params=["kit", "own"], ids=["htmx 4", "htmx 2"])
def page(request: pytest.FixtureRequest, open_as: OpenAs, ada: Person) -> Page:
    """The settings of somebody who is signed in."""
    page = open_as(ada)
    if request.param == "own":
        page.route("**/vendor/htmx*.js", lambda route: route.fulfill(body=HTMX_2))
    page.goto(SETTINGS)
    assert page.evaluate("htmx.version").startswith({"kit": "4.", "own": "2."}[request.param])
    return page


@pytest.fixture(params=CARDS, ids=lambda card: card.name)
def card(request: pytest.FixtureRequest) -> Card:
    found: Card = request.param
    # Nobody else may have the username.
    return replace(found, good=f"c_{secrets.token_hex(4)}") if found.name == "username" else found


def test_an_error_stands_at_its_field_and_the_next_save_goes_through(
    page: Page, card: Card
) -> None:
    card.open(page).fill(card.bad)
    card.save(page)
    field = card.field(page)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile(re.escape(card.refusal)))
    expect(field).to_be_focused()
    expect(field).to_have_value(card.bad)
    expect(page).to_have_url(re.compile(rf"{SETTINGS}$"))
    assert_sound(page)
    field.fill(card.good)
    card.save(page)
    expect(page.get_by_role("status").filter(has_text=card.saved)).to_have_count(1)
    expect(card.section(page)).to_have_count(1)
    expect(card.section(page)).to_contain_text(card.good)
    expect(card.field(page)).to_be_hidden()
    expect(steps.opener(page, card.name)).to_be_focused()
    expect(page).to_have_url(re.compile(rf"{SETTINGS}$"))


def test_without_a_script_an_error_is_a_page_that_leads_back(
    open_as: OpenAs, ada: Person, card: Card
) -> None:
    page = open_as(ada, Screen(PHONE, javascript=False))
    page.goto(SETTINGS)
    for way in ("Cancel", "Save"):
        card.open(page).fill(card.bad)
        with page.expect_navigation() as navigation:
            card.save(page)
        assert navigation.value.status == 422
        expect(page.get_by_role("banner").get_by_role("link", name="Reading list")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_have_text("Profile")
        expect(card.field(page)).to_have_value(card.bad)
        expect(card.field(page)).to_be_focused()
        expect(card.field(page)).to_have_accessible_description(re.compile(re.escape(card.refusal)))
        navigation_link = page.get_by_role("navigation", name="Account").get_by_role("link").first
        expect(navigation_link).to_have_attribute("href", SETTINGS)
        if way == "Cancel":
            card.section(page).get_by_role("link", name="Cancel").first.click()
            expect(page).to_have_url(re.compile(rf"{SETTINGS}$"))
    card.field(page).fill(card.good)
    card.save(page)
    expect(page).to_have_url(re.compile(rf"{SETTINGS}\?saved={card.name}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
    expect(card.section(page).get_by_text(card.saved)).to_be_visible()
    expect(card.section(page)).to_contain_text(card.good)


def test_account_one_card_is_saved_and_the_others_stay_as_they_are(page: Page) -> None:
    first, _username, goal = CARDS
    first.open(page).fill("Not sent yet")
    goal.open(page).fill("7")
    goal.save(page)
    expect(goal.section(page)).to_contain_text("7 books")
    expect(first.field(page)).to_have_value("Not sent yet")


def test_its_own_page_keeps_its_place_in_the_address(page: Page) -> None:
    page.get_by_role("navigation", name="Account").get_by_role("link", name="Reading").click()
    expect(page).to_have_url(re.compile(rf"{SETTINGS}\?profile=statistics$"))
    expect(page.get_by_role("heading", name="Reading", level=2)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Reading", level=2)).to_be_visible()


def test_opens_profile_on_manage_account_and_the_apps_own_page_of_it(
    open_as: OpenAs, ada: Person
) -> None:
    page = open_as(ada)
    page.goto("/")
    modal = steps.open_modal(page)
    goal = CARDS[-1]
    goal.open(page).fill("12")
    goal.save(page)
    expect(goal.section(page)).to_contain_text("12 books")
    modal.get_by_role("link", name="Reading", exact=True).click()
    expect(modal.get_by_role("heading", name="Reading", level=1)).to_be_visible()
    modal.get_by_role("link", name="My list").click()
    steps.arrive(page, "/my-list")
    steps.open_popover(page).get_by_role("link", name="Your reading").click()
    expect(modal.get_by_role("heading", name="Reading", level=1)).to_be_visible()
