"""Counters in Redis, shared by every process; while it is away the database counts."""

from __future__ import annotations

import secrets
import socket
import threading
import time
import typing as t
from contextlib import suppress

import pytest
import redis
from flask import Flask

from flask_userkit.errors import RateLimitError
from flask_userkit.errors import SetupError
from flask_userkit.models import LimitHit
from flask_userkit.services.kit import Kit
from tests.rig.fixtures.apps import MakeApp
from tests.rig.ports import free_port
from tests.rig.services import server_url
from tests.services.support import count
from tests.services.support import refused

LIMITS = {"sign_in:account": "5/5 seconds"}


@pytest.fixture
def key() -> str:
    """Somebody whom no other test counts."""
    return f"{secrets.token_hex(8)}@example.com"


def make_kit(make_app: MakeApp, url: str) -> tuple[Flask, Kit]:
    app = make_app(
        USERKIT_RATE_LIMITS=LIMITS, USERKIT_RATE_LIMIT_STORAGE_URL=url, USERKIT_OUTBOX="worker"
    )
    with app.app_context():
        return app, t.cast(Kit, app.extensions["userkit"].kit)


def taken(kit: Kit, key: str, times: int) -> int:
    """Return how many of so many hits were taken."""
    found = 0
    for _ in range(times):
        with suppress(RateLimitError):
            kit.limits.hit({"sign_in:account": key})
            found += 1
    return found


def test_two_apps_count_together(make_app: MakeApp, key: str) -> None:
    url = server_url("redis")
    (first_app, first), (_, second) = (make_kit(make_app, url) for _ in range(2))
    assert taken(first, key, 3) == 3
    with first_app.app_context():
        assert taken(second, key, 4) == 2
        with refused("too_many_requests") as refusal:
            first.limits.hit({"sign_in:account": key})
        assert count(first, LimitHit) == 0
    assert refusal.retry_after in range(1, 6)
    time.sleep(5.1)
    assert taken(second, key, 6) == 5


def test_a_success_takes_back_its_own_hit(make_app: MakeApp, key: str) -> None:
    _, kit = make_kit(make_app, server_url("redis"))
    assert taken(kit, key, 4) == 4
    kit.limits.hit({"sign_in:account": key}).forgive()
    assert taken(kit, key, 3) == 1


def test_redis_is_not_told_who_is_counted(make_app: MakeApp, key: str) -> None:
    url = server_url("redis")
    client = redis.Redis.from_url(url)
    before = set(client.keys())
    _, kit = make_kit(make_app, url)
    taken(kit, key, 1)
    new = set(client.keys()) - before
    assert new
    assert not [name for name in new if key.encode() in name]
    client.close()


def test_without_redis_the_database_counts_as_strictly(make_app: MakeApp, key: str) -> None:
    app, kit = make_kit(make_app, f"redis://127.0.0.1:{free_port()}")
    with app.app_context():
        assert taken(kit, key, 20) == 5
        assert count(kit, LimitHit) == 1
        kit.limits.hit({"sign_in:account": "bea"}).forgive()
        assert taken(kit, "bea", 6) == 5


def test_a_redis_that_says_nothing_holds_nobody_up(make_app: MakeApp, key: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connections: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    connections.append(silent.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        app, kit = make_kit(make_app, f"redis://127.0.0.1:{silent.getsockname()[1]}")
        done = threading.Event()

        def work() -> None:
            with app.app_context():
                taken(kit, key, 1)
                done.set()

        begun = time.monotonic()
        threading.Thread(target=work, daemon=True).start()
        assert done.wait(5), "one hit waits for Redis for more than five seconds"
        assert time.monotonic() - begun < 4
        for connection in connections:
            connection.close()


@pytest.mark.parametrize("url", ["nonsense", "memcached://nowhere", "mongo://x"])
def test_an_address_of_something_else_is_refused_at_the_start(make_app: MakeApp, url: str) -> None:
    with pytest.raises(SetupError, match="USERKIT_RATE_LIMIT_STORAGE_URL"):
        make_kit(make_app, url)
