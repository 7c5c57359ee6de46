"""The button in the header and what it opens."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import NewPerson
from tests.browser.conftest import OpenAs
from tests.rig.browser import Screen
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def server(gallery: Server) -> Server:
    return gallery


@pytest.fixture
def page(open_as: OpenAs, ada: Person) -> Page:
    """The home page of somebody who is signed in."""
    page = open_as(ada)
    page.goto("/")
    return page


def test_no_button_when_no_user(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/")
    expect(steps.trigger(page)).to_have_count(0)
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()


def test_opens_popover(page: Page) -> None:
    expect(steps.popover(page)).to_be_hidden()
    opened = steps.open_popover(page)
    expect(opened.get_by_role("link", name="Manage account")).to_be_visible()
    expect(opened.get_by_role("button", name="Sign out")).to_be_visible()


def test_opens_profile_on_manage_account(page: Page) -> None:
    steps.open_modal(page)
    expect(page.get_by_role("heading", name="Home", level=1)).to_be_visible()


def test_sign_out_navigates_to_the_home_page(page: Page) -> None:
    steps.sign_out(page)
    expect(steps.trigger(page)).to_have_count(0)


def test_dialog_semantics_and_labels_of_groups(page: Page) -> None:
    expect(steps.trigger(page)).to_have_attribute("aria-haspopup", "dialog")
    opened = steps.open_popover(page)
    expect(opened).to_have_role("dialog")
    expect(opened).to_have_accessible_name("Account")
    expect(opened.get_by_role("group", name="Account actions")).to_be_visible()
    assert page.get_by_role("menu").count() == 0


def test_the_browser_says_whether_it_is_open(page: Page) -> None:
    def expanded() -> list[str]:
        tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
        return [
            str(prop["value"]["value"])
            for node in tree["nodes"]
            if node["role"]["value"] == "button"
            for prop in node["properties"]
            if prop["name"] == "expanded"
        ]

    assert expanded() == ["False"]
    steps.open_popover(page)
    assert expanded() == ["True"]


def test_a_click_beside_it_closes_it(page: Page) -> None:
    steps.open_popover(page)
    page.get_by_role("heading", level=1).click()
    expect(steps.popover(page)).to_be_hidden()


def test_name_then_username_then_email_address(open_as: OpenAs, new_person: NewPerson) -> None:
    person = new_person(username="")
    page = open_as(person)
    page.goto("/")
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {person.email_address}")
    page.goto(steps.ACCOUNT)
    steps.change_name(page, "Ada", "Lovelace")
    expect(steps.trigger(page)).to_have_accessible_name("Account of Ada Lovelace")
    opened = steps.open_popover(page)
    expect(opened.locator("[data-userkit-identifier]")).to_have_text(person.email_address)


def test_the_name_beside_the_picture_is_hidden_unless_asked_for(page: Page, ada: Person) -> None:
    shown = steps.trigger(page).locator(".userkit-user-button__name")
    expect(shown).to_have_text(str(ada.username))
    page.goto(steps.ACCOUNT)
    expect(steps.trigger(page)).to_be_visible()
    expect(shown).to_have_count(0)


def test_default_open_opens_it_under_its_button(page: Page) -> None:
    page.goto("/settings?open")
    expect(steps.popover(page)).to_be_visible()
    under, above = steps.popover(page).bounding_box(), steps.trigger(page).bounding_box()
    assert under is not None
    assert above is not None
    assert under["y"] >= above["y"] + above["height"]
    assert_sound(page)


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "nojs"])
def test_a_long_name_is_cut_in_the_button_and_whole_in_the_popover(
    open_as: OpenAs, ada: Person, javascript: bool
) -> None:
    page = open_as(ada, Screen(360, javascript=javascript))
    page.goto(steps.ACCOUNT)
    steps.change_name(page, "Wolfeschlegelsteinhausen" * 3, "Bergerdorff")
    page.goto("/")
    box = steps.trigger(page).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    popover = steps.open_popover(page)
    expect(popover).to_contain_text("Bergerdorff")
    assert popover.evaluate("popover => popover.scrollWidth - popover.clientWidth") == 0
