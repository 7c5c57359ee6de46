"""The purge: what is over is deleted, a few rows at a time, while the app goes on."""

from __future__ import annotations

import datetime as dt
import time
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import inspect
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from ..models import Base
from ..models import Client
from ..models import DataExport
from ..models import Event
from ..models import LimitHit
from ..models import OutboxMessage
from ..models import Session
from ..models import SignIn
from ..models import SignUp
from ..models import SuspendedForm
from ..models import Verification
from .kit import Kit

#: What could be in use a moment ago stays for another day, whatever clock each server has.
GRACE = dt.timedelta(days=1)
#: What somebody may ask about stays for longer: where they were signed in, whether mail was sent.
KEPT = dt.timedelta(days=30)
#: What holds all of somebody's data goes at once; nobody can fetch it any more.
NOTHING = dt.timedelta(0)
#: Rows of one transaction; on SQLite everybody who writes waits for it.
BATCH, SQLITE_BATCH = 5000, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What is deleted some time after a moment; a new one is registered in ``KINDS``.

    :param name: what the command calls them.
    :param since: the moment, which has an index.
    :param kept: for how long after it, by these settings; None is for ever.
    :param where: what is true of those besides.
    :param batch: rows of one transaction, where each takes many others along.
    """

    name: str
    since: InstrumentedAttribute[t.Any]
    kept: Callable[[Kit], dt.timedelta | None]
    where: tuple[ColumnElement[bool], ...] = ()
    batch: int = BATCH

    @property
    def model(self) -> type[Base]:
        """The table that they are in."""
        return t.cast("type[Base]", self.since.class_)


def _events_kept(kit: Kit) -> dt.timedelta | None:
    lifetime = kit.config.event_lifetime
    return dt.timedelta(seconds=lifetime) if lifetime else None


def _without(model: t.Any) -> ColumnElement[bool]:
    return ~exists().where(model.client_id == Client.id)


KINDS: t.Final = (
    Kind(name="kept forms", since=SuspendedForm.expire_at, kept=lambda kit: GRACE),
    Kind(name="unfinished sign-ins", since=SignIn.expire_at, kept=lambda kit: GRACE),
    Kind(name="unfinished sign-ups", since=SignUp.expire_at, kept=lambda kit: GRACE),
    Kind(name="codes and links", since=Verification.expire_at, kept=lambda kit: GRACE),
    Kind(name="ended sessions", since=Session.ended_at, kept=lambda kit: KEPT),
    Kind(name="expired sessions", since=Session.expire_at, kept=lambda kit: KEPT),
    Kind(
        name="browsers",
        since=Client.updated_at,
        kept=lambda kit: KEPT,
        where=(_without(Session), _without(SignIn), _without(SignUp)),
    ),
    # Up to a thousand pieces of 256 KB go with each.
    Kind(name="data exports", since=DataExport.expire_at, kept=lambda kit: NOTHING, batch=20),
    Kind(name="counters of limits", since=LimitHit.expire_at, kept=lambda kit: GRACE),
    Kind(name="sent messages", since=OutboxMessage.done_at, kept=lambda kit: KEPT),
    Kind(name="events", since=Event.created_at, kept=_events_kept),
)


def purge(kit: Kit) -> Iterator[tuple[str, int]]:
    """Delete what is over, and give the name and the number of each kind as it is done.

    Any number may run at once: each row is deleted, and counted, by one.
    """
    for kind in KINDS:
        kept = kind.kept(kit)
        yield kind.name, 0 if kept is None else _purge(kit, kind, kit.now() - kept)


def over(kind: Kind, before: dt.datetime, batch: int) -> Select[*tuple[t.Any, ...]]:
    """Return the read of the keys of some that are over, passing by those in use."""
    (key,) = inspect(kind.model).primary_key
    # In the order of the index, so that no row is looked at that stays.
    return (
        select(key)
        .where(and_(kind.since <= before, *kind.where))
        .order_by(kind.since)
        .limit(batch)
        .with_for_update(skip_locked=True, of=kind.model)
    )


def _purge(kit: Kit, kind: Kind, before: dt.datetime) -> int:
    sqlite = kit.database.engine.dialect.name == "sqlite"
    size = min(SQLITE_BATCH if sqlite else BATCH, kind.batch)
    total = 0
    while True:
        begun = time.monotonic()
        found, deleted = kit.database.retrying(lambda: _batch(kit, kind, before, size))
        total += deleted
        if found < size:
            return total
        if sqlite:
            # Whoever waits to write looks once in a while whether it can.
            time.sleep(time.monotonic() - begun)


def _batch(kit: Kit, kind: Kind, before: dt.datetime, size: int) -> tuple[int, int]:
    with kit.database.side() as connection:
        return _delete(connection, kind, over(kind, before, size))


def _delete(connection: Connection, kind: Kind, read: Select[t.Any]) -> tuple[int, int]:
    (key,) = inspect(kind.model).primary_key
    keys = connection.execute(read).scalars().all()
    if not keys:
        return 0, 0
    # By key, one by one: for a list of them MariaDB may read the whole table, and wait for rows
    # that others hold.
    result = connection.execute(
        delete(kind.model).where(key == bindparam("one")), [{"one": each} for each in keys]
    )
    return len(keys), result.rowcount
