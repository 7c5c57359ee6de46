"""The app acts for somebody at a provider: it shows their shelf there, once they let it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.example.meadow import at_meadow
from tests.rig.fixtures.servers import StartServer
from tests.rig.mailbox import Mailbox
from tests.rig.pages import Page
from tests.rig.people import sign_up
from tests.rig.servers import Server
from tests.rig.servers import example_app
from tests.rig.visitor import Visitor


@pytest.fixture
def server(start_server: StartServer, tmp_path: Path) -> Server:
    return start_server(example_app(tmp_path / "example"))


@pytest.fixture
def mary(server: Server) -> Visitor:
    """Somebody who has signed up by Meadow ID."""
    visitor = Visitor(server.client())
    visitor.open("/account/sign-up")
    visitor.submit("/sign-in/meadow")
    assert at_meadow(visitor).url == "/my-list"
    return visitor


def reconnect(visitor: Visitor) -> Page:
    """Connect the account of the settings once more."""
    visitor.open("/settings")
    assert "Reconnect to grant access." in visitor.page.words
    visitor.submit("/reconnection")
    return at_meadow(visitor)


def titles(page: Page) -> list[str]:
    return [tag.get_text() for tag in page.html.select(".book__title")]


def test_a_shelf_is_shown_once_its_reader_lets_the_app(mary: Visitor) -> None:
    page = mary.open("/shelf")
    assert "Reading list may not look at your shelf yet." in page.words
    assert titles(page) == []
    page = reconnect(mary)
    assert page.url.startswith("/settings?")
    assert "The account is connected once more." in page.words
    assert "Reconnect to grant access." not in page.words
    page = mary.open("/shelf")
    assert titles(page) == ["Northanger Abbey", "The Voyage of the Beagle"]
    page = mary.submit("/my-list")
    assert page.url == "/my-list"
    assert titles(page) == ["Northanger Abbey"]


def test_a_shelf_that_was_taken_back_says_so(mary: Visitor, tmp_path: Path) -> None:
    reconnect(mary)
    with closing(sqlite3.connect(tmp_path / "example" / "meadow.sqlite3")) as db, db:
        assert db.execute("DELETE FROM secret WHERE kind = 'access'").rowcount == 2
    page = mary.open("/shelf")
    assert "Meadow ID does not show your shelf any more." in page.words
    assert titles(page) == []


def test_whoever_has_no_account_there_is_led_to_connect_one(server: Server) -> None:
    visitor = Visitor(server.client())
    sign_up(visitor, Mailbox(server.client()))
    page = visitor.open("/shelf")
    link = page.html.select_one(".empty a")
    assert link is not None
    visitor.open(str(link["href"]))
    visitor.submit("/connected-accounts", button=("provider", "meadow"))
    assert "The account is connected." in at_meadow(visitor).words
    # What the settings ask for besides was asked for at once.
    assert titles(visitor.open("/shelf")) == ["Northanger Abbey", "The Voyage of the Beagle"]


def test_a_shelf_without_a_book_is_one(server: Server) -> None:
    visitor = Visitor(server.client())
    sign_up(visitor, Mailbox(server.client()))
    visitor.open("/settings?edit=connected_accounts")
    visitor.submit("/connected-accounts", button=("provider", "meadow"))
    at_meadow(visitor, "Emmy")
    assert "There is no book on your shelf." in visitor.open("/shelf").words


def test_nobody_else_gets_to_the_shelf(server: Server) -> None:
    page = Visitor(server.client()).open("/shelf")
    assert page.url == "/account/sign-in?next=/shelf"
