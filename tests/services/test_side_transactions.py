"""What must be counted even if the request fails runs beside it, and never behind it."""

from __future__ import annotations

import functools
import threading
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy import insert
from sqlalchemy import update

from flask_userkit import UserKit
from flask_userkit.models import Event
from flask_userkit.models import User
from flask_userkit.security.ids import new_id
from flask_userkit.services import engines
from flask_userkit.services.kit import Kit
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_password
from tests.services.acts import sign_in
from tests.services.support import Mishap
from tests.services.support import count
from tests.services.support import listening
from tests.services.support import mishap
from tests.services.support import refused

Kits = UserKit[User]
THREADS = 4


def write_beside(kit: Kit) -> None:
    """Write a row in a side transaction."""
    row = {"id": new_id("evt"), "name": "beside", "data": {}, "created_at": kit.now()}
    with kit.database.side() as connection:
        connection.execute(insert(Event).values(row))


@pytest.mark.usefixtures("backend")
def test_beside_and_then_a_transaction(userkit: Kits, kit: Kit) -> None:
    with mishap(), kit.database.transaction() as db:
        write_beside(kit)
        db.execute(update(User).values(first_name="Ada"))
        raise Mishap
    assert count(kit, Event) == 1


@pytest.mark.usefixtures("backend")
def test_inside_an_open_transaction_it_is_refused_at_once(userkit: Kits, kit: Kit) -> None:
    userkit.users.create_user(username="ada_1815")
    before = count(kit, Event)
    begun = time.monotonic()
    with kit.database.transaction() as db:
        db.execute(update(User).values(first_name="Ada"))
        with pytest.raises(RuntimeError, match="inside a transaction"):
            write_beside(kit)
    assert time.monotonic() - begun < engines.LOCK_TIMEOUT - 1
    assert count(kit, Event) == before
    write_beside(kit)
    assert count(kit, Event) == before + 1


@pytest.mark.usefixtures("backend")
def test_after_a_commit_inside_it_is_taken_again(kit: Kit) -> None:
    with kit.database.transaction() as db:
        db.execute(update(User).values(first_name="Ada"))
        db.commit()
        write_beside(kit)
        db.execute(update(User).values(first_name="Bea"))
    assert count(kit, Event) == 1


@pytest.mark.usefixtures("backend")
def test_what_fails_beside_leaves_nothing(kit: Kit) -> None:
    with mishap(), kit.database.side() as connection:
        row = {"id": new_id("evt"), "name": "beside", "data": {}, "created_at": kit.now()}
        connection.execute(insert(Event).values(row))
        raise Mishap
    assert count(kit, Event) == 0


@pytest.mark.usefixtures("backend")
def test_a_pool_as_large_as_the_threads_is_large_enough(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = functools.partial(create_engine, pool_size=THREADS, max_overflow=0)
    monkeypatch.setattr(engines, "create_engine", small)
    limits = dict.fromkeys(("sign_in:account_ip", "sign_in:ip", "sign_in:account"), "1000/hour")
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_RATE_LIMITS=limits)
    userkit = t.cast(Kits, app.extensions["userkit"])
    password = new_password()
    with app.app_context():
        userkit.users.create_user(username="ada_1815", password=password)
    ready = threading.Barrier(THREADS)

    def work(number: int) -> int:
        client = app.test_client()
        form = client.get("/account/sign-in").text
        token = form.partition('name="userkit_csrf" value="')[2].partition('"')[0]
        ready.wait(10)
        for _ in range(5):
            typed = password if number % 2 else "not the password"
            data = {"userkit_csrf": token, "identifier": "ada_1815", "password": typed}
            status = client.post("/account/sign-in", data=data).status_code
            client.get("/whoami")
            if status == 303:
                break
        return status

    begun = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        statuses = list(pool.map(work, range(THREADS)))
    assert sorted(statuses) == [303, 303, 422, 422]
    assert time.monotonic() - begun < engines.LOCK_TIMEOUT


@pytest.fixture
def in_memory(make_app: MakeApp, tmp_path: Path) -> Flask:
    return make_app(USERKIT_DATABASE_URL="sqlite:///:memory:", USERKIT_OUTBOX="worker")


def test_sqlite_in_memory_does_all_of_it_in_several_threads(in_memory: Flask) -> None:
    userkit = t.cast(Kits, in_memory.extensions["userkit"])
    password = new_password()

    def work(number: int) -> str:
        with in_memory.app_context():
            name = f"reader_{number}"
            userkit.users.create_user(username=name, password=password)
            with refused("form_password_or_identifier_incorrect"):
                sign_in(userkit, name, "not the password")
            return sign_in(userkit, name, password).user_id

    with listening(userkit) as heard, ThreadPoolExecutor(THREADS) as pool:
        ids = list(pool.map(work, range(2 * THREADS)))
    assert len(set(ids)) == 2 * THREADS
    assert heard.count("session.created") == heard.count("sign_in.failed") == 2 * THREADS
    with in_memory.app_context():
        kit = userkit.kit
        assert count(kit, Event, Event.name == "sign_in.failed") == 2 * THREADS
        with kit.database.transaction() as db:
            write_beside(kit)
            db.execute(update(User).values(first_name="Ada"))
            with pytest.raises(RuntimeError, match="inside a transaction"):
                write_beside(kit)
