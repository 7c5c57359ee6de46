"""The pages of Meadow ID in a browser: on every screen, by keys alone, and without JavaScript."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.example.meadow import address
from tests.rig.browser import PHONE
from tests.rig.browser import Screen
from tests.rig.browser import axe
from tests.rig.browser import overflow
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.fixtures.servers import StartServer
from tests.rig.servers import Server
from tests.rig.servers import example_app

pytestmark = pytest.mark.browser
NARROWEST = 320


@pytest.fixture
def server(start_server: StartServer, tmp_path: Path) -> Server:
    return start_server(example_app(tmp_path / "example"))


def test_its_pages_fit_and_axe_finds_nothing(
    open_page: OpenPage, server: Server, screen: Screen
) -> None:
    page = open_page(screen)
    for path, title in (
        (at(server), "Who are you?"),
        (at(server, client_id="another-app"), "This does not work"),
    ):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        assert overflow(page) == 0
        assert axe(page) == []


@pytest.mark.parametrize("width", [NARROWEST, PHONE])
def test_somebody_signs_up_without_javascript(open_page: OpenPage, width: int) -> None:
    page = open_page(Screen(width, javascript=False))
    page.goto("/account/sign-up")
    page.get_by_role("button", name="Continue with Meadow ID").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who are you?")
    assert overflow(page) == 0
    page.get_by_text("Mary Somerville").click()
    expect(page.get_by_role("radio", name="Mary Somerville")).to_be_checked()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/my-list")
    expect(page.get_by_text("Mary Somerville").first).to_be_attached()


def test_somebody_chooses_and_goes_on_by_keys_alone(open_page: OpenPage, server: Server) -> None:
    page = open_page()
    page.goto("/account/sign-in")
    page.get_by_role("button", name="Continue with Meadow ID").press("Enter")
    expect(page.get_by_role("radio", name="Ada Lovelace")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    mary = page.get_by_role("radio", name="Mary Somerville")
    expect(mary).to_be_checked()
    expect(mary).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/my-list")


def test_whoever_cancels_is_back_at_sign_in(open_page: OpenPage) -> None:
    page = open_page(Screen(PHONE))
    page.goto("/account/sign-in")
    page.get_by_role("button", name="Continue with Meadow ID").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name="Continue with Meadow ID")).to_be_visible()


def at(server: Server, **changed: str) -> str:
    """Return the address of the page of this server."""
    return address(**{"redirect_uri": f"{server.url}/account/oauth/meadow/callback", **changed})
