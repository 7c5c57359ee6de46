"""A copy of one's data, asked for and downloaded: by each htmx, by keys and without a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import OpenAs
from tests.browser.keys import Keys
from tests.rig.browser import PHONE
from tests.rig.browser import Screen
from tests.rig.browser import overflow
from tests.rig.people import Person
from tests.rig.servers import Server
from tests.services.export_acts import files_of
from tests.services.export_acts import json_in

pytestmark = pytest.mark.browser
STATUS = "Your export is ready."


@pytest.fixture
def server(gallery: Server) -> Server:
    return gallery


def download(page: Page, ada: Person) -> None:
    """Download the file, which leaves the page as it is."""
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download").click()
    (address,) = json_in(files_of(Path(waiting.value.path()).read_bytes()), "email_addresses")
    assert waiting.value.suggested_filename.startswith("data-")
    assert address["email_address"] == ada.email_address
    expect(page.get_by_role("link", name="Download")).to_be_visible()


@pytest.mark.parametrize("htmx", ["kit", "own"], ids=["htmx 4", "htmx 2"])
def test_it_is_there_in_place_and_downloads(open_as: OpenAs, ada: Person, htmx: str) -> None:
    page = open_as(ada)
    page.goto(f"/settings?htmx={htmx}&profile=security")
    link = steps.start_export(page)
    expect(link).to_be_focused()
    expect(page.get_by_role("status").filter(has_text=STATUS)).to_have_count(1)
    assert_sound(page)
    download(page, ada)


def test_without_a_script_on_a_phone(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada, Screen(PHONE, javascript=False))
    page.goto(steps.SECURITY)
    steps.start_export(page)
    expect(page.get_by_text(STATUS)).to_be_visible()
    assert overflow(page) == 0
    download(page, ada)


def test_by_keys_alone(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    keys = Keys(page)
    page.goto(steps.SECURITY)
    keys.go_to("Start export")
    keys.press("Enter")
    expect(page.get_by_role("link", name="Download")).to_be_focused()
    with page.expect_download():
        keys.press("Enter")
