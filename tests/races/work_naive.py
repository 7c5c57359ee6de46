"""Messages, exports, counters and the purge without what guards them, for races to be lost."""

from __future__ import annotations

import datetime as dt
import time
import typing as t
from types import SimpleNamespace

from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import inspect
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session as DbSession

from flask_userkit.models import DataExport
from flask_userkit.models import LimitHit
from flask_userkit.models import OutboxMessage
from flask_userkit.security.ids import new_id
from flask_userkit.services import data_export_work
from flask_userkit.services import data_exports
from flask_userkit.services import limit_storage
from flask_userkit.services import limits
from flask_userkit.services import outbox
from flask_userkit.services import outbox_texts
from flask_userkit.services import purge
from flask_userkit.services.kit import Kit
from flask_userkit.services.outbox_texts import Claimed
from tests.races import pause
from tests.races.naive_tools import LOOK_ONCE
from tests.races.naive_tools import Work
from tests.races.naive_tools import all_of
from tests.races.naive_tools import late_before
from tests.races.naive_tools import put
from tests.races.naive_tools import without_locks

CLAIM = outbox._claim
INCREMENT = limit_storage._increment
#: A sender that has marked a mail as sent is killed before this is over.
UNTIL_KILLED = 600


def _claim(kit: Kit, kinds: frozenset[str] | None = None) -> Claimed | None:
    waiting = (OutboxMessage.done_at.is_(None), OutboxMessage.available_at <= kit.now())
    columns = (OutboxMessage.id, OutboxMessage.kind, OutboxMessage.payload)
    lease = new_id("lease")
    with kit.database.side() as connection:
        row = connection.execute(select(*columns).where(*waiting).limit(1)).one_or_none()
        if row is None:
            return None
        if kinds is None or row.kind in kinds:
            pause.late()
        mine = OutboxMessage.id == row.id
        values = {"lease": lease, "available_at": kit.now() + outbox.LEASE}
        connection.execute(update(OutboxMessage).where(mine).values(values))
    return Claimed(row.id, lease, row.kind, row.payload or "", 1)


def _claim_export(kit: Kit) -> Claimed | None:
    return _claim(kit, frozenset({"data_export"}))


def _claim_as_sent(kit: Kit) -> Claimed | None:
    claimed = CLAIM(kit)
    if claimed is not None:
        outbox._finish(kit, claimed, sent=True)
        time.sleep(UNTIL_KILLED)
    return claimed


def _end(work: data_export_work._Work, db: DbSession, status: str, **values: t.Any) -> bool:
    mine = DataExport.id == work.export_id
    db.execute(update(DataExport).where(mine).values(status=status, **values))
    return True


def _increment(
    connection: Connection, _now: dt.datetime, key: str, _expiry: int, amount: int
) -> int:
    digest = limit_storage._digest(key)
    hits = _hits(connection, digest)
    pause.late()
    connection.execute(update(LimitHit).where(LimitHit.key == digest).values(hits=hits + amount))
    return hits + amount


def _hits(connection: Connection, digest: bytes) -> int:
    return int(connection.execute(select(LimitHit.hits).where(LimitHit.key == digest)).scalar_one())


def _increment_and_meet(*args: t.Any) -> int:
    # Each has a first one then that the other wants next.
    counted = INCREMENT(*args)
    pause.meet()
    return counted


def _delete_what_was_read(
    connection: Connection, kind: purge.Kind, read: Select[t.Any]
) -> tuple[int, int]:
    (key,) = inspect(kind.model).primary_key
    keys = connection.execute(read).scalars().all()
    if keys:
        pause.late()
        one = delete(kind.model).where(key == bindparam("one"))
        connection.execute(one, [{"one": each} for each in keys])
    return len(keys), len(keys)


NAIVE: dict[str, Work] = {
    "claim": put(outbox, "_claim", _claim),
    "export lease": without_locks(
        put(outbox, "_claim", _claim_export),
        put(outbox, "renew", lambda *_: True),
        put(data_export_work._Work, "_end", _end),
        put(data_export_work._Work, "_put", lambda *_: None),
    ),
    # What is read of the one before is followed by its end.
    "lock of an export": without_locks(LOOK_ONCE, late_before(data_exports, "forget")),
    "mark after": put(outbox, "_claim", _claim_as_sent),
    "take a text": put(outbox_texts, "_take", lambda *_: True),
    "count": put(limit_storage, "_increment", _increment),
    "order": all_of(
        put(limits, "_ORDER", SimpleNamespace(index=lambda purpose: 0)),
        put(limit_storage, "_increment", _increment_and_meet),
    ),
    "purge": without_locks(put(purge, "_delete", _delete_what_was_read)),
}
