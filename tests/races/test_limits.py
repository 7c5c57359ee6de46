"""A limit takes as many as it says, from any number of processes at once."""

from __future__ import annotations

import secrets
from dataclasses import replace

import pytest

from flask_userkit import UserKit
from flask_userkit.models import User
from tests.races import works
from tests.races.conftest import ROUNDS
from tests.races.conftest import Race
from tests.races.workers import Scene
from tests.rig.services import server_url

Kits = UserKit[User]
LIMIT = 17


@pytest.fixture
def scene(scene: Scene) -> Scene:
    limits = {"sign_in:account": f"{LIMIT}/hour; 1000/day"}
    return replace(scene, settings=(("USERKIT_RATE_LIMITS", limits),))


@pytest.mark.usefixtures("backend")
def test_two_hundred_at_once_are_counted_exactly(start_race: Race) -> None:
    outcomes = start_race(works.hit, {"sign_in:account": "ada"}, threads=5)
    assert outcomes == {"done": LIMIT, "too_many_requests": 200 - LIMIT}


@pytest.mark.usefixtures("backend")
def test_read_and_then_written_more_would_be_let_through(userkit: Kits, start_race: Race) -> None:
    def lost(turn: int) -> bool:
        purposes = {"sign_in:account": f"ada{turn}"}
        userkit.kit.limits.hit(purposes)
        return start_race(works.hit, purposes, threads=5, missing="count")["done"] > LIMIT - 1

    assert any(lost(turn) for turn in range(ROUNDS))


def test_redis_counts_exactly_too(scene: Scene) -> None:
    settings = (*scene.settings, ("USERKIT_RATE_LIMIT_STORAGE_URL", server_url("redis")))
    outcomes = Race(replace(scene, settings=settings))(
        works.hit, {"sign_in:account": secrets.token_hex(8)}, threads=5
    )
    assert outcomes == {"done": LIMIT, "too_many_requests": 200 - LIMIT}
