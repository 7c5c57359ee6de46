"""What the tests of the example app do again and again."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func
from sqlalchemy import select
from werkzeug.test import TestResponse

from flask_userkit.models import Base
from flask_userkit.models import User
from tests.rig.pages import Page
from tests.rig.recorder import record
from tests.rig.visitor import Visitor

MakeExample = Callable[..., Flask]
FLATLAND: dict[str, t.Any] = {"title": "Flatland", "author": "Edwin A. Abbott"}


def add_book(visitor: Visitor, **values: str) -> int:
    """Add a book through the form, and return its id."""
    visitor.open("/my-list")
    visitor.submit("/my-list", **{**FLATLAND, **values})
    return max(int(number) for number in re.findall(r'id="book-(\d+)"', visitor.page.text))


def count(app: Flask, model: type[Base]) -> int:
    with app.app_context(), app.extensions["userkit"].transaction() as db:
        return db.scalar(select(func.count()).select_from(model)) or 0


def only_user_id(app: Flask) -> str:
    with app.app_context(), app.extensions["userkit"].transaction() as db:
        user_id: str = db.scalars(select(User.id)).one()
    return user_id


def csrf_token(visitor: Visitor) -> str:
    visitor.open("/my-list")
    return visitor.page.form("/my-list").values["csrf_token"]


def create(app: Flask, client: FlaskClient, **body: t.Any) -> TestResponse:
    """Call the API that makes users, with its key."""
    headers = {"Authorization": f"Bearer {app.config['API_KEY']}"}
    return client.post("/api/users", json=body, headers=headers)


def by_whom(page: Page) -> list[str]:
    return [tag.get_text() for tag in page.html.select(".book__by a")]


def likes_shown(visitor: Visitor) -> list[str]:
    return [tag.get_text() for tag in visitor.page.html.select(".like__count")]


def run_demo(app: Flask) -> list[str]:
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 0, result.output
    for line in result.output.splitlines():
        if "  " in line:
            record("password", line.partition("  ")[2])
    return result.output.splitlines()
