"""The button that shows a password."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.people import Person

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    page = open_page()
    page.goto(steps.SIGN_IN)
    return page


def test_the_button_shows_the_password_and_hides_it_again(page: Page) -> None:
    field = page.get_by_label("Password", exact=True)
    button = page.get_by_role("button", name="Show password")
    field.fill("correct horse")
    expect(field).to_have_attribute("type", "password")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(field).to_have_attribute("type", "text")
    expect(field).to_have_value("correct horse")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert_sound(page)
    button.click()
    expect(field).to_have_attribute("type", "password")


def test_a_shown_password_is_hidden_again_before_it_is_sent(page: Page, ada: Person) -> None:
    """A browser would remember what was text when the form went out."""
    field = page.get_by_label("Password", exact=True)
    field.evaluate(
        "field => field.form.addEventListener('submit', () => console.info(`sent ${field.type}`))"
    )
    page.get_by_label(steps.IDENTIFIER).fill(ada.email_address)
    field.fill(ada.password)
    page.get_by_role("button", name="Show password").click()
    expect(field).to_have_attribute("type", "text")
    with page.expect_console_message(lambda message: "sent" in message.text) as heard:
        field.press("Enter")
    assert heard.value.text == "sent password"
    steps.arrive(page, "/my-list")


def test_password_managers_are_told_which_password_it_is(page: Page) -> None:
    field = page.get_by_label("Password", exact=True)
    expect(field).to_have_attribute("autocomplete", "current-password")
    page.goto(steps.SIGN_UP)
    expect(field).to_have_attribute("autocomplete", "new-password")
