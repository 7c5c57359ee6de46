"""Signing somebody out of thousands of devices, against one statement for each of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from flask_userkit import EventName
from flask_userkit.models import Client
from flask_userkit.models import Session
from flask_userkit.security.ids import new_id
from flask_userkit.services import events
from flask_userkit.services.kit import Kit
from flask_userkit.services.sessions import revoke_all

from .host import create_app
from .host import migrate
from .measure import Effort
from .measure import Work
from .measure import take_turns
from .report import Row
from .report import ratio

DEVICES = 5_000
#: An active session again, so that the next round finds it.
AGAIN = update(Session).values(status="active", ended_at=None)


def sessions(folder: Path, effort: Effort) -> Iterator[Row]:
    """Measure both on SQLite, each with an event for every session."""
    url = f"sqlite:///{folder}/userkit.sqlite3"
    migrate(folder, url)
    app = create_app(folder, url)
    userkit = app.extensions["userkit"]
    with app.app_context():
        kit: Kit = userkit.kit
        user_id = userkit.users.create_user(username="ada_1815").id
        _fill(kit, user_id)
        cases: dict[str, Work] = {
            "together": lambda: _together(kit, user_id),
            "one by one": lambda: _one_by_one(kit, user_id),
        }
        times = take_turns(cases, effort.for_slow_things())
        userkit.close()
    what = f"sign-out of {DEVICES:,} devices / one by one"
    yield ratio(what, times["together"], times["one by one"], 0.2)


def _fill(kit: Kit, user_id: str) -> None:
    now = kit.now()
    client = {"id": new_id("client"), "token_digest": b"x" * 32}
    row = {
        "user_id": user_id,
        "client_id": client["id"],
        "status": "active",
        "strategy": "password",
        "last_active_at": now,
        "expire_at": now + dt.timedelta(days=7),
        "created_at": now,
    }
    with kit.database.side() as connection:
        connection.execute(insert(Client).values(**client, created_at=now, updated_at=now))
        connection.execute(insert(Session), [{**row, "id": new_id("sess")} for _ in range(DEVICES)])


def _together(kit: Kit, user_id: str) -> None:
    with kit.database.transaction() as db:
        db.connection().execute(AGAIN)
        if revoke_all(db, user_id) != DEVICES:
            raise RuntimeError("A session was left.")


def _one_by_one(kit: Kit, user_id: str) -> None:
    with kit.database.transaction() as db:
        db.connection().execute(AGAIN)
        for session_id in db.scalars(select(Session.id).where(Session.user_id == user_id)).all():
            values = {"status": "revoked", "ended_at": kit.now()}
            db.connection().execute(
                update(Session).where(Session.id == session_id).values(**values)
            )
            events.emit(db, EventName.SESSION_REVOKED, user_id, session_id=session_id)
