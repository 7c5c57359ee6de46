"""A section within an app's own page: by the kit's htmx, and by an app's own of version 2."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.rig.browser import Complaints
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser
TOO_LONG = "a" * 101


@pytest.fixture
def server(gallery: Server) -> Server:
    return gallery


@pytest.fixture(params=["kit", "own"], ids=["htmx 4", "htmx 2"])
def page(request: pytest.FixtureRequest, open_as: OpenAs, ada: Person) -> Page:
    """The settings page of somebody who is signed in."""
    page = open_as(ada)
    page.goto(f"/settings?htmx={request.param}")
    version = page.evaluate("window.htmx.version")
    assert version.startswith({"kit": "4.", "own": "2."}[request.param])
    return page


def test_update_users_first_and_last_name(page: Page) -> None:
    steps.change_name(page, "Ada", "Lovelace")
    expect(page).to_have_url(page.url)
    assert "/settings" in page.url
    expect(page.locator("#userkit-profile [data-userkit-name]")).to_have_text("Ada Lovelace")
    expect(page.get_by_label("First name")).to_be_hidden()
    expect(steps.opener(page)).to_be_focused()
    assert_sound(page)


def test_the_button_follows_a_changed_name_at_once(page: Page, ada: Person) -> None:
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {ada.username}")
    steps.change_name(page, "Ada", "Lovelace")
    expect(steps.trigger(page)).to_have_accessible_name("Account of Ada Lovelace")
    opened = steps.open_popover(page)
    expect(opened.locator("[data-userkit-name]")).to_have_text("Ada Lovelace")
    expect(opened.locator("[data-userkit-identifier]")).to_have_text(str(ada.username))
    assert set(page.locator("[data-userkit-avatar]").all_text_contents()) == {"AL"}


def test_a_saved_name_is_read_aloud_once(page: Page) -> None:
    steps.change_name(page, "Ada", "Lovelace")
    expect(page.get_by_role("status").filter(has_text=steps.SAVED)).to_have_count(1)


def test_the_apps_own_script_hears_of_it_once(page: Page) -> None:
    steps.change_name(page, "Ada", "Lovelace")
    expect(page.locator("#heard")).to_have_text("1")


def test_a_refused_name_comes_back_at_its_field(page: Page) -> None:
    steps.open_name(page)
    steps.type_name(page, TOO_LONG, "Lovelace")
    steps.save(page)
    field = page.get_by_label("First name")
    expect(field).to_have_accessible_description("The first name has up to 100 characters.")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(field).to_have_value(TOO_LONG)
    expect(page.get_by_label("Last name")).to_have_value("Lovelace")
    expect(page.locator("#userkit-profile")).to_have_count(1)
    expect(page.locator("#heard")).to_have_text("0")
    assert_sound(page)


def test_after_a_refusal_the_next_save_goes_through(page: Page) -> None:
    steps.open_name(page)
    steps.type_name(page, TOO_LONG, "Lovelace")
    steps.save(page)
    expect(page.get_by_label("First name")).to_have_attribute("aria-invalid", "true")
    steps.type_name(page, "Ada", "Lovelace")
    steps.save(page)
    expect(steps.trigger(page)).to_have_accessible_name("Account of Ada Lovelace")
    expect(page.get_by_label("First name")).to_be_hidden()


def test_pressing_save_twice_saves_once_and_does_no_harm(page: Page) -> None:
    steps.open_name(page)
    steps.type_name(page, "Ada", "Lovelace")
    page.get_by_role("button", name="Save").dblclick()
    expect(page.locator("#userkit-profile").get_by_text(steps.SAVED)).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("#userkit-profile")).to_have_count(1)
    expect(page.locator("#heard")).to_have_text("1")
    expect(steps.trigger(page)).to_have_accessible_name("Account of Ada Lovelace")


def test_a_session_that_has_ended_leads_the_whole_page_to_sign_in_and_back(
    page: Page, ada: Person
) -> None:
    asked = page.url
    steps.open_name(page)
    steps.type_name(page, "Ada", "Lovelace")
    page.context.clear_cookies()
    steps.save(page)
    steps.arrive(page, steps.SIGN_IN)
    expect(page.get_by_role("heading", name="Sign in to")).to_be_visible()
    expect(page.locator("#userkit-profile")).to_have_count(0)
    steps.fill_sign_in(page, ada.email_address, ada.password)
    expect(page).to_have_url(asked)


def test_what_never_arrives_is_told_and_stays_typed(page: Page, complaints: Complaints) -> None:
    steps.open_name(page)
    steps.type_name(page, "Ada", "Lovelace")
    page.context.set_offline(True)
    steps.save(page)
    expect(page.get_by_role("alert")).to_contain_text("That did not go through.")
    expect(page.get_by_label("First name")).to_have_value("Ada")
    page.context.set_offline(False)
    complaints.heard.clear()
    steps.save(page)
    expect(steps.trigger(page)).to_have_accessible_name("Account of Ada Lovelace")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_error_page_of_the_app_stays_out_of_the_section(
    page: Page, complaints: Complaints
) -> None:
    page.route(
        "**/account/profile",
        lambda route: route.fulfill(
            status=500, content_type="text/html", body="<!doctype html><h1>Out of order</h1>"
        ),
    )
    steps.open_name(page)
    steps.type_name(page, "Ada", "Lovelace")
    steps.save(page)
    expect(page.get_by_role("alert")).to_contain_text("That did not go through.")
    expect(page.get_by_text("Out of order")).to_have_count(0)
    expect(page.get_by_label("First name")).to_have_value("Ada")
    assert_sound(page)
    complaints.heard.clear()


def test_two_htmx_on_one_page_are_told_once(
    open_as: OpenAs, ada: Person, complaints: Complaints
) -> None:
    page = open_as(ada)
    page.goto("/settings?htmx=both")
    page.wait_for_load_state("load")
    (warning,) = complaints.heard
    assert "loads htmx twice" in warning
    complaints.heard.clear()
