"""People come to Reading list by Meadow ID, each as what their account there is worth."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.example.meadow import at_meadow
from tests.example.steps import MakeExample
from tests.example.steps import run_demo
from tests.rig.clients import request
from tests.rig.fixtures.servers import StartServer
from tests.rig.servers import example_app
from tests.rig.visitor import Visitor


@pytest.fixture
def visitor(
    make_example: MakeExample, database_url: str, start_server: StartServer, tmp_path: Path
) -> Visitor:
    """Somebody at the sign-in page of the demo."""
    run_demo(make_example(database_url))
    visitor = Visitor(start_server(example_app(tmp_path / "example")).client())
    visitor.open("/account/sign-in")
    visitor.submit("/sign-in/meadow")
    return visitor


def test_ada_is_who_she_was(visitor: Visitor) -> None:
    page = at_meadow(visitor, "Ada")
    assert page.url == "/my-list"
    assert "Middlemarch" in page.words
    page = visitor.open("/account/")
    assert page.html.select_one("#userkit-connected_accounts .userkit-badge") is None
    assert "ada@example.com" in page.words


def test_somebody_new_brings_name_address_and_picture(visitor: Visitor) -> None:
    at_meadow(visitor, "Mary")
    page = visitor.open("/account/")
    account = page.html.select_one("#userkit-connected_accounts")
    assert account is not None
    assert "mary@example.com" in account.get_text()
    picture = page.html.select_one("header .userkit-avatar img")
    assert picture is not None
    found = request(visitor.client, "GET", str(picture["src"]))
    assert (found.status, found.header("Content-Type")) == (200, "image/webp")
    assert "Mary Somerville" in page.words


@pytest.mark.parametrize("first_name", ["Charles", "G.", "Emmy"])
def test_an_address_that_nobody_vouches_for_is_proven_first(
    visitor: Visitor, first_name: str
) -> None:
    page = at_meadow(visitor, first_name)
    assert page.url == "/account/oauth/sign-up"
    assert visitor.open("/my-list").url.startswith("/account/sign-in")
