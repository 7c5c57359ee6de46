"""Who deletes an account, or takes its data along, confirms first that it is them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.browser.sites import LocalSite
from tests.rig.browser import PHONE
from tests.rig.browser import Screen
from tests.rig.clock import Clock
from tests.rig.people import Person

pytestmark = pytest.mark.browser
SCREENS = [Screen(), Screen(PHONE, javascript=False)]
each_screen = pytest.mark.parametrize("screen", SCREENS, ids=["htmx", "no script"])
HOME = re.compile(r"^https?://[^/]+/$")


@pytest.fixture
def server(local_site: LocalSite) -> LocalSite:
    """A site in this process, so that its clock can be moved."""
    return local_site


def confirm(page: Page, ada: Person) -> None:
    """Answer the prompt."""
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    # The section on the same page is labelled so, too.
    page.locator("input[name=password]").fill(ada.password)
    page.get_by_role("button", name="Continue").click()


@each_screen
def test_prompt_when_deleting_account(
    open_as: OpenAs, clock: Clock, ada: Person, screen: Screen
) -> None:
    page = open_as(ada, screen)
    clock.tick(minutes=11)
    page.goto(steps.SECURITY)
    page.get_by_role("link", name="Delete your account").click()
    steps.deletion_field(page).fill("Delete account")
    steps.delete_account(page)
    if screen.javascript:
        assert_sound(page)
    confirm(page, ada)
    page.wait_for_url(HOME)
    assert "userkit" not in [cookie.get("name") for cookie in page.context.cookies()]


@each_screen
def test_prompt_when_asking_for_data_and_when_downloading(
    open_as: OpenAs, clock: Clock, ada: Person, screen: Screen
) -> None:
    page = open_as(ada, screen)
    clock.tick(minutes=11)
    page.goto(steps.SECURITY)
    page.get_by_role("button", name="Start export").click()
    expect(page.get_by_role("button", name="Start export")).to_have_count(0)
    if screen.javascript:
        assert_sound(page)
    confirm(page, ada)
    link = page.get_by_role("link", name="Download")
    expect(link).to_be_visible()
    clock.tick(minutes=11)
    link.click()
    confirm(page, ada)
    expect(page.get_by_text("You can download your data now.")).to_be_visible()
    with page.expect_download():
        page.get_by_role("link", name="Download").click()
