"""The kit of an app that sends no mail by itself, so that a test decides when."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.services.kit import Kit
from tests.rig.fixtures.apps import MakeApp
from tests.services.acts import Post
from tests.services.support import listening


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(USERKIT_OUTBOX="worker")


@pytest.fixture
def userkit(app: Flask) -> Iterator[UserKit[User]]:
    """The kit, with its app as the current one."""
    with app.app_context():
        yield t.cast("UserKit[User]", app.extensions["userkit"])


@pytest.fixture
def kit(userkit: UserKit[User]) -> Kit:
    """What services see."""
    return userkit.kit


@pytest.fixture
def post(kit: Kit) -> Post:
    """The post office."""
    return Post(kit)


@pytest.fixture
def heard(userkit: UserKit[User]) -> Iterator[list[str]]:
    """The names of the signals that were sent, in order."""
    with listening(userkit) as names:
        yield names
