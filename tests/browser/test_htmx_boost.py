"""An app whose links and forms are all fetched by htmx: the kit's are not, and work as ever."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import OpenAs
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def server(gallery: Server) -> Server:
    return gallery


@pytest.fixture(params=[4, 2], ids=["htmx 4", "htmx 2"])
def home(request: pytest.FixtureRequest) -> str:
    return f"/boosted/{request.param}/home"


def go_on(page: Page) -> None:
    """Follow the app's own link, which loads no new page."""
    page.evaluate("window.same = true")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("heading", name="next")).to_be_visible()
    assert page.evaluate("window.same")


def test_a_refused_sign_in_is_shown(open_page: OpenPage, ada: Person, home: str) -> None:
    page = open_page()
    page.goto(home)
    origin = page.url.removesuffix(home)
    steps.fill_sign_in(page, ada.email_address, "not the password")
    expect(page.get_by_role("alert")).to_contain_text("do not go together")
    steps.fill_sign_in(page, ada.email_address, ada.password)
    expect(page).to_have_url(f"{origin}{home}")
    expect(steps.trigger(page)).to_be_visible()


def test_the_profile_comes_with_its_styles_and_scripts(
    open_as: OpenAs, ada: Person, home: str
) -> None:
    page = open_as(ada)
    page.goto(home)
    go_on(page)
    steps.open_modal(page)
    expect(page.locator("#userkit-profile")).to_have_css("display", "grid")
    steps.change_name(page, "Ada", "Lovelace")


def test_sign_out_leads_to_a_new_page(open_as: OpenAs, ada: Person, home: str) -> None:
    page = open_as(ada)
    page.goto(home)
    go_on(page)
    steps.sign_out(page)
    expect(steps.trigger(page)).to_have_count(0)
    assert not page.evaluate("Boolean(window.same)")


def test_the_name_in_the_button_is_not_kept_in_htmx_history(
    open_as: OpenAs, ada: Person, home: str
) -> None:
    page = open_as(ada)
    page.goto(home)
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {ada.username}")
    go_on(page)
    page.go_back()
    expect(page.get_by_role("heading", name="home")).to_be_visible()
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert str(ada.username) not in json.dumps(kept)
