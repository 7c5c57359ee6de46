"""Processes that start together upgrade an empty database once."""

from __future__ import annotations

import secrets
import typing as t
from collections.abc import Generator
from pathlib import Path

import pytest

from flask_userkit import UserKit
from flask_userkit.models import User
from tests.races.workers import Scene
from tests.rig.fixtures.databases import MakeDatabase
from tests.rig.host import close
from tests.rig.races import Outcome
from tests.rig.races import race


def start(scene: Scene) -> Generator[None, None, int]:
    yield
    app = scene.open()
    with app.app_context():
        userkit = t.cast("UserKit[User]", app.extensions["userkit"])
        total = userkit.users.get_user_list().total_count
    close(app)
    return total


@pytest.mark.usefixtures("backend")
def test_four_processes_start_on_an_empty_database(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    scene = Scene(make_database().url, tmp_path, secrets.token_urlsafe(32))
    assert race(start, [(scene,)] * 4) == [Outcome(value=0)] * 4
