"""An account is deleted in the browser: from page and modal, by keys, without a script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import NewPerson
from tests.browser.conftest import OpenAs
from tests.browser.keys import Keys
from tests.rig.browser import PHONE
from tests.rig.browser import Screen
from tests.rig.browser import overflow
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser
HOME = re.compile(r"^https?://[^/]+/$")


@pytest.fixture
def server(gallery: Server) -> Server:
    return gallery


@pytest.fixture
def leaver(new_person: NewPerson) -> Person:
    """Somebody whom no other test needs."""
    return new_person()


def assert_gone(page: Page) -> None:
    """Tell that it ends at the home page with no cookie of a session."""
    page.wait_for_url(HOME)
    names = [cookie.get("name") for cookie in page.context.cookies()]
    assert "userkit" not in names, names
    expect(steps.trigger(page)).to_have_count(0)


@pytest.mark.parametrize("htmx", ["kit", "own"], ids=["htmx 4", "htmx 2"])
def test_can_delete_account(open_as: OpenAs, leaver: Person, htmx: str) -> None:
    page = open_as(leaver)
    page.goto(f"/settings?htmx={htmx}&profile=security")
    steps.open_deletion(page).fill("delete account")
    steps.delete_account(page)
    expect(steps.deletion_field(page)).to_be_focused()
    expect(steps.deletion_field(page)).to_have_attribute("aria-invalid", "true")
    assert_sound(page)
    steps.deletion_field(page).fill("Delete account")
    steps.delete_account(page)
    assert_gone(page)


def test_closes_the_modal_after_delete(open_as: OpenAs, leaver: Person) -> None:
    page = open_as(leaver)
    page.goto("/")
    modal = steps.open_modal(page)
    modal.get_by_role("link", name="Security").click()
    steps.open_deletion(page).fill("Delete account")
    steps.delete_account(page)
    assert_gone(page)
    expect(modal).to_have_count(0)


def test_who_thinks_better_of_it_keeps_the_account(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    page.goto(steps.SECURITY)
    steps.open_deletion(page).fill("Delete account")
    page.get_by_role("link", name="Keep account").click()
    expect(steps.deletion_field(page)).to_be_hidden()
    expect(page.get_by_role("link", name="Delete your account")).to_be_focused()


def test_without_a_script_on_a_phone(open_as: OpenAs, leaver: Person) -> None:
    page = open_as(leaver, Screen(PHONE, javascript=False))
    page.goto(steps.SECURITY)
    steps.open_deletion(page).fill("Delete account")
    assert overflow(page) == 0
    steps.delete_account(page)
    assert_gone(page)


def test_by_keys_alone(open_as: OpenAs, leaver: Person) -> None:
    page = open_as(leaver)
    keys = Keys(page)
    page.goto(steps.SECURITY)
    keys.go_to("Delete your account")
    keys.press("Enter")
    expect(steps.deletion_field(page)).to_be_focused()
    keys.type("Delete account")
    keys.press("Enter")
    assert_gone(page)
