"""The example app on a database, in place of the suite's host app."""

from __future__ import annotations

import secrets
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from example_app import create_app
from example_app.models import TABLES
from flask_userkit.models import Base
from tests.example.steps import MakeExample
from tests.rig.clients import RecordingClient
from tests.rig.fixtures.apps import MakeVisitor
from tests.rig.host import close
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import sign_up
from tests.rig.visitor import Visitor


@pytest.fixture
def make_example(tmp_path: Path) -> Iterator[MakeExample]:
    """Makes the app on a database; its own tables go at the end."""
    made: list[Flask] = []

    def make(database_url: str, **config: t.Any) -> Flask:
        defaults = {
            "DEBUG": True,
            "SECRET_KEY": secrets.token_urlsafe(32),
            "TESTING": True,
            "USERKIT_DATABASE_URL": database_url,
            "USERKIT_PASSWORD_HASH": "fast",
        }
        app = create_app({**defaults, **config}, instance_path=tmp_path / "example")
        app.test_client_class = RecordingClient
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            with app.extensions["userkit"].transaction() as db:
                Base.metadata.drop_all(db.connection(), tables=TABLES)
            close(app)


@pytest.fixture
def app(make_example: MakeExample, database_url: str) -> Flask:
    """The example app, in place of the suite's host app."""
    return make_example(database_url)


@pytest.fixture
def grace(make_visitor: MakeVisitor, mailbox: Mailbox) -> Visitor:
    """A second reader, signed in."""
    visitor = make_visitor()
    sign_up(visitor, mailbox, Person(first_name="Grace", last_name="Hopper"))
    return visitor
