"""Text of twice the size, as a person sets it in the browser, fits its boxes and the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Playwright
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import too_wide
from tests.browser.conftest import OpenAs
from tests.browser.views import PERSONAL
from tests.browser.views import PUBLIC
from tests.browser.views import account
from tests.browser.views import code
from tests.browser.views import security
from tests.rig.browser import PHONE
from tests.rig.browser import WIDE
from tests.rig.browser import Screen
from tests.rig.chromium import find_chromium
from tests.rig.fixtures.browsers import ARGUMENTS
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser
LARGE_TEXT = "--blink-settings=defaultFontSize=32,defaultFixedFontSize=26"


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium of somebody who has chosen the largest text."""
    browser = playwright.chromium.launch(
        executable_path=find_chromium(), args=[*ARGUMENTS, LARGE_TEXT]
    )
    yield browser
    browser.close()


@pytest.fixture
def server(either_site: Server) -> Server:
    return either_site


@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_everything_fits(open_page: OpenPage, open_as: OpenAs, ada: Person, width: int) -> None:
    assert too_wide(open_page(Screen(width)), PUBLIC) == []
    assert too_wide(open_as(ada, Screen(width)), PERSONAL) == []


def test_the_account_pages_fit_the_narrowest_window(open_as: OpenAs, ada: Person) -> None:
    assert too_wide(open_as(ada, Screen(320)), (account, security)) == []


def test_the_text_of_the_kit_is_twice_as_large(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(steps.SIGN_IN)
    expect(page.locator("label").first).to_have_css("font-size", "26px")


def test_a_name_is_not_written_letter_by_letter(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada, Screen(PHONE))
    page.goto(steps.ACCOUNT)
    name = page.locator("#userkit-profile [data-userkit-name]")
    box = name.bounding_box()
    assert box is not None
    line = name.evaluate("name => parseFloat(getComputedStyle(name).lineHeight)")
    assert box["height"] <= 3 * line


def test_all_six_digits_are_seen_at_once(open_page: OpenPage) -> None:
    page = open_page(Screen(PHONE))
    code(page)
    field = steps.code_field(page)
    field.evaluate("field => field.value = '123456'")
    assert field.evaluate("field => field.scrollWidth - field.clientWidth") == 0
