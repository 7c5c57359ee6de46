"""The scene of a race, and its processes."""

from __future__ import annotations

import secrets
import typing as t
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.services.kit import Kit
from flask_userkit.services.limits import DEFAULTS
from tests.races.workers import Scene
from tests.races.workers import run
from tests.rig.host import close
from tests.rig.races import race
from tests.services.acts import Post

Work = Callable[[UserKit[User], int, t.Any], object]
#: The naive build loses its first round, unless so little gets done that who is late is not late
#: enough; a round that it wins proves nothing, and the first that it loses is the last.
ROUNDS = 5
PROCESSES, AT_ONCE = 4, 24


@pytest.fixture
def scene(database_url: str, tmp_path: Path) -> Scene:
    """One deployment without limits, since the races are about what is behind them."""
    limits = dict.fromkeys(DEFAULTS, "100000/minute")
    settings = (("USERKIT_RATE_LIMITS", limits), ("USERKIT_USERNAME", "optional"))
    return Scene(database_url, tmp_path / "instance", secrets.token_urlsafe(32), settings)


@pytest.fixture
def userkit(scene: Scene) -> Iterator[UserKit[User]]:
    """The kit in this process, which prepares the race and looks at its end."""
    app = scene.open()
    with app.app_context():
        yield app.extensions["userkit"]
    close(app)


@pytest.fixture
def kit(userkit: UserKit[User]) -> Kit:
    return userkit.kit


@pytest.fixture
def post(kit: Kit) -> Post:
    return Post(kit)


class Race:
    """Starts processes that do one thing at once, and counts what became of it."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def __call__(
        self,
        work: Work,
        given: t.Any,
        *,
        processes: int = PROCESSES,
        threads: int = AT_ONCE // PROCESSES,
        missing: str | None = None,
    ) -> Counter[str]:
        scene = replace(self._scene, missing=missing)
        if missing is not None:
            # Who is late waits for the others of one process.
            processes = 1
        outcomes = race(run, [(scene, threads, work, given)] * processes)
        assert [outcome.error for outcome in outcomes] == [None] * processes, outcomes
        return Counter(found for outcome in outcomes for found in outcome.value)


@pytest.fixture
def start_race(scene: Scene) -> Race:
    return Race(scene)
