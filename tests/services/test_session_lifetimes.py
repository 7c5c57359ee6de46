"""Sessions end by the second: without a request, and however busy they are."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
import typing as t
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy import update

from flask_userkit import UserKit
from flask_userkit.models import Event
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.services import engines
from flask_userkit.services import reverification
from flask_userkit.services.identity import identify
from flask_userkit.services.identity import touch
from flask_userkit.services.kit import Kit
from flask_userkit.services.sessions import SignedIn
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.services.acts import let_in
from tests.services.support import identified
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
LIFETIME, IDLE = 7200, 600
HOUR = 3600
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(
        USERKIT_OUTBOX="worker",
        USERKIT_SESSION_LIFETIME=LIFETIME,
        USERKIT_SESSION_IDLE_TIMEOUT=IDLE,
    )


@pytest.fixture
def ada(userkit: Kits, clock: Clock) -> SignedIn:
    assert clock()
    return let_in(userkit, userkit.users.create_user(email_address=[new_address()]).id)


def request(kit: Kit, who: SignedIn) -> bool:
    """Do what a request does, and tell whether somebody was signed in."""
    found = identify(kit, who.token)
    if found is not None:
        touch(kit, found)
    return found is not None


def expired(kit: Kit) -> list[tuple[str | None, t.Any]]:
    found = rows(kit, Event, Event.name == "session.expired")
    return [(event.user_id, event.data["session_id"]) for event in found]


def test_without_a_request_it_ends_at_the_second(kit: Kit, clock: Clock, ada: SignedIn) -> None:
    for _ in range(3):
        clock.tick(IDLE - 1)
        assert request(kit, ada)
    clock.tick(IDLE)
    assert not request(kit, ada)


def test_it_ends_at_the_second_however_busy_it_is(kit: Kit, clock: Clock, ada: SignedIn) -> None:
    end = clock.now.timestamp() + LIFETIME
    while clock.now.timestamp() + 500 < end:
        clock.tick(500)
        assert request(kit, ada)
    clock.tick(end - clock.now.timestamp() - 1)
    assert request(kit, ada)
    clock.tick(1)
    assert not request(kit, ada)


@pytest.mark.parametrize("idle", [20, 120, 600, HOUR])
def test_it_is_never_open_for_longer_and_by_a_tenth_sooner_at_most(
    make_app: MakeApp, clock: Clock, idle: int
) -> None:
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_SESSION_IDLE_TIMEOUT=idle)
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        userkit.clock = clock
        kit = userkit.kit
        who = let_in(userkit, userkit.users.create_user(email_address=[new_address()]).id)
        # The worst that can be: a request just before it is time to write again.
        clock.tick(min(60, idle // 10) - 1)
        assert request(kit, who)
        clock.tick(idle * 9 // 10)
        assert request(kit, who)
        clock.tick(idle)
        assert not request(kit, who)


@pytest.mark.parametrize("way", ["idle", "lifetime"])
def test_a_clock_that_is_set_back_revives_nothing(
    userkit: Kits, kit: Kit, clock: Clock, ada: SignedIn, way: str
) -> None:
    in_flight = identify(kit, ada.token)
    assert in_flight is not None
    with userkit.transaction() as db:
        if way == "lifetime":
            db.execute(update(Session).values(expire_at=clock() + (IDLE - 1) * SECOND))
    clock.tick(IDLE)
    assert not request(kit, ada)
    (row,) = rows(kit, Session)
    assert (row.status, row.ended_at) == ("expired", clock())
    clock.tick(-HOUR)
    assert not request(kit, ada)
    touch(kit, in_flight)
    assert not request(kit, ada)
    assert rows(kit, Session)[0].status == "expired"
    assert expired(kit) == [(ada.user_id, ada.session_id)]


def test_a_clock_that_is_set_back_lets_nobody_be_idle_for_longer(
    kit: Kit, clock: Clock, ada: SignedIn
) -> None:
    clock.tick(-HOUR)
    assert request(kit, ada)
    assert rows(kit, Session)[0].last_active_at == clock()
    clock.tick(IDLE)
    assert not request(kit, ada)


def test_a_clock_that_is_set_back_makes_no_proof_last_longer(
    userkit: Kits, kit: Kit, clock: Clock, ada: SignedIn
) -> None:
    clock.tick(-59)
    assert reverification.is_fresh(kit, ada)
    clock.tick(-2)
    assert not reverification.is_fresh(kit, ada)


def test_that_a_session_expired_is_written_once(
    userkit: Kits, kit: Kit, clock: Clock, ada: SignedIn, heard: list[str]
) -> None:
    clock.tick(LIFETIME)
    heard.clear()
    assert [request(kit, ada) for _ in range(3)] == [False] * 3
    assert expired(kit) == [(ada.user_id, ada.session_id)]
    assert heard == ["session.expired"]


@pytest.fixture
def held(kit: Kit, ada: SignedIn, database_url: str) -> Iterator[None]:
    """Somebody else holds the row of the session, or where there is only one lock, that."""
    with ExitStack() as stack:
        if database_url.startswith("sqlite"):
            path = kit.database.engine.url.database or ""
            holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            stack.callback(holder.close)
            holder.execute("BEGIN IMMEDIATE")
        else:
            connection = stack.enter_context(kit.database.engine.connect())
            stack.enter_context(connection.begin())
            connection.execute(text("SELECT id FROM userkit_session FOR UPDATE"))
        yield


@pytest.mark.parametrize("seconds", [90, LIFETIME], ids=["a touch", "the end"])
def test_no_request_waits_for_who_holds_its_session(
    kit: Kit, app: Flask, clock: Clock, ada: SignedIn, held: None, seconds: int
) -> None:
    clock.tick(seconds)
    # Who waits for a lock does so for all of this, and the test for less.
    patience = engines.LOCK_TIMEOUT - 1
    done = threading.Event()

    def work() -> bool:
        with app.app_context():
            found = request(kit, ada)
        done.set()
        return found

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(work)
        assert done.wait(patience)
    assert answer.result() == (seconds == 90)
    assert rows(kit, Session)[0].status == "active"


def test_who_was_in_the_way_is_gone_at_the_next_request(
    kit: Kit, clock: Clock, ada: SignedIn
) -> None:
    clock.tick(90)
    assert request(kit, ada)
    assert rows(kit, Session)[0].last_active_at == clock()
    assert identified(kit, ada.token) == ada.user_id
