"""Somebody takes their books along, and goes."""

from __future__ import annotations

import pytest
from flask import Flask

from example_app.models import Book
from example_app.models import Goal
from example_app.models import Like
from tests.example.steps import FLATLAND
from tests.example.steps import add_book
from tests.example.steps import count
from tests.rig.clients import request
from tests.rig.visitor import Visitor
from tests.services.export_acts import files_of
from tests.services.export_acts import json_in

SECURITY = "/account/security"


@pytest.mark.usefixtures("backend", "ada")
def test_the_books_go_along_and_then_with_the_account(app: Flask, visitor: Visitor) -> None:
    add_book(visitor, note="Two dimensions suffice. 📐")
    visitor.open("/account/?edit=reading_goal")
    visitor.submit("/reading-goal", books="12")
    visitor.open(SECURITY)
    page = visitor.submit("/account/data-exports")
    link = page.html.select_one("a[href*='/data-exports/']")
    assert link is not None
    files = files_of(request(visitor.client, "GET", str(link["href"])).body)
    (book,) = json_in(files, "books")
    assert (book["title"], book["note"]) == (FLATLAND["title"], "Two dimensions suffice. 📐")
    assert (json_in(files, "wanted"), json_in(files, "goal")) == ([], {"books": 12})
    visitor.open(f"{SECURITY}?edit=deletion")
    page = visitor.submit("/account/deletion", confirmation="Delete account")
    assert page.url == "/"
    assert "Flatland" not in page.words
    assert [count(app, model) for model in (Book, Like, Goal)] == [0, 0, 0]
