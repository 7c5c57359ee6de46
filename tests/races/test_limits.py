"""A limit takes as many as it says, from any number of processes at once."""

from __future__ import annotations

import secrets
from dataclasses import replace

import pytest

from flask_userkit import UserKit
from flask_userkit.models import LimitHit
from flask_userkit.models import User
from flask_userkit.services.kit import Kit
from tests.races import works
from tests.races.conftest import ROUNDS
from tests.races.conftest import Race
from tests.races.workers import Scene
from tests.rig.services import server_url
from tests.services.support import rows

Kits = UserKit[User]
LIMIT = 17
BOTH = {"sign_in:ip": "192.0.2.1", "sign_in:account": "ada"}


@pytest.fixture
def scene(scene: Scene) -> Scene:
    limits = {"sign_in:account": f"{LIMIT}/hour; 1000/day", "sign_in:ip": "1000/hour"}
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


@pytest.mark.usefixtures("backend")
def test_those_who_count_the_same_things_never_wait_for_each_other(start_race: Race) -> None:
    outcomes = start_race(works.hit_in_any_order, BOTH, threads=5)
    assert outcomes == {"done": LIMIT, "too_many_requests": 200 - LIMIT}


@pytest.mark.parametrize("backend", ["postgresql", "mariadb"], indirect=True)
def test_counted_in_any_order_they_would(kit: Kit, start_race: Race) -> None:
    def lost() -> bool:
        outcomes = start_race(works.hit_in_any_order, BOTH, processes=2, threads=2, missing="order")
        return any("deadlock" in outcome.lower() for outcome in outcomes)

    assert any(lost() for _ in range(ROUNDS))


@pytest.mark.usefixtures("backend")
def test_what_all_take_back_is_as_if_it_had_never_been(kit: Kit, start_race: Race) -> None:
    purposes = {"sign_in:ip": "192.0.2.1"}
    assert start_race(works.hit_and_forgive, purposes, threads=5) == {"done": 20}
    assert [row.hits for row in rows(kit, LimitHit)] == [0]


@pytest.mark.usefixtures("backend")
def test_taken_back_by_what_was_read_something_would_be_left(kit: Kit, start_race: Race) -> None:
    purposes = {"sign_in:ip": "192.0.2.1"}
    kit.limits.hit(purposes).forgive()

    def lost() -> bool:
        start_race(works.hit_and_forgive, purposes, threads=2, missing="count")
        return [row.hits for row in rows(kit, LimitHit)] != [0]

    assert any(lost() for _ in range(ROUNDS))


def test_redis_counts_exactly_too(scene: Scene) -> None:
    # The database takes over from a Redis that is slow, which many at once make of it.
    url = f"{server_url('redis')}?socket_timeout=30&socket_connect_timeout=30"
    settings = (*scene.settings, ("USERKIT_RATE_LIMIT_STORAGE_URL", url))
    outcomes = Race(replace(scene, settings=settings))(
        works.hit, {"sign_in:account": secrets.token_hex(8)}, threads=5
    )
    assert outcomes == {"done": LIMIT, "too_many_requests": 200 - LIMIT}
