"""Data exports: a copy of what is stored about somebody, which they alone can fetch for a day."""

from __future__ import annotations

import datetime as dt
import logging
import os
import typing as t
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import union_all
from sqlalchemy.orm import Session as DbSession

from ..errors import NotFoundError
from ..errors import UnavailableError
from ..events import EventName
from ..models import DataExport
from ..models import DataExportChunk
from ..models import DataExportStatus
from ..security.ids import new_id
from ..security.text import is_plain
from ..translations import gettext as _
from . import data_export_archive as archive
from . import events
from . import notices
from . import outbox
from .data_export_files import FILES
from .kit import Kit
from .kit import kit_of
from .prepared import PreparedRead
from .refusals import not_there
from .reverification import Who
from .reverification import check
from .reverification import require

#: How long one can be fetched.
LIFETIME = dt.timedelta(days=1)
#: What is asked for again so soon is what was asked for.
SAME = dt.timedelta(minutes=1)
#: With more rows than this it is prepared through the outbox.
SMALL = 1000
#: With more bytes too: a transaction of a request is not to write them.
SMALL_SIZE = 4 * 1024 * 1024

logger = logging.getLogger("flask_userkit.data_exports")


class Found(t.NamedTuple):
    """An export as its owner sees it."""

    id: str
    status: str
    size: int
    created_at: dt.datetime
    expire_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """What was made before the transaction begins.

    :param chunks: the encrypted file; None where the outbox is to prepare it.
    """

    chunks: list[bytes] | None
    size: int = 0


_COLUMNS = (
    DataExport.id,
    DataExport.status,
    DataExport.size,
    DataExport.created_at,
    DataExport.expire_at,
)
_MINE = PreparedRead(
    select(*_COLUMNS).where(
        DataExport.user_id == bindparam("user_id"), DataExport.expire_at > bindparam("now")
    )
)


def find(kit: Kit, user_id: str) -> Found | None:
    """Return the export of a user that has not expired, in one query."""
    with kit.database.reading() as connection:
        row = _MINE.first(connection, {"user_id": user_id, "now": kit.now()})
    return Found(*row) if row else None


def draft(kit: Kit, who: Who) -> Draft | None:
    """Make an export that is small, before any transaction begins; count what is asked for.

    :return: None where one was asked for just now, which is the one that is meant.
    :raises ReverificationError: ``session_reverification_required``.
    :raises RateLimitError: ``too_many_requests``.
    :raises UnavailableError: ``data_export_failed``: the app's own part could not be made.
    """
    check(kit, who)
    if _is_same(kit, find(kit, who.user_id)):
        return None
    hit = kit.limits.hit({"data_export:account": who.user_id})
    if _is_large(kit, who.user_id):
        return Draft(None)
    try:
        with archive.made(kit, who.user_id) as file:
            if file and _size(file) > SMALL_SIZE:
                return Draft(None)
            chunks = list(archive.chunks(file)) if file else []
    except Exception as error:
        hit.forgive()
        logger.exception("The data export of %s cannot be made.", who.user_id)
        raise _failed() from error
    return Draft([kit.keys.encrypt_bytes(chunk) for chunk in chunks], sum(map(len, chunks)))


def create(db: DbSession, who: Who, drafted: Draft | None) -> bool:
    """Store what was made, or have it prepared; it takes the place of the one before.

    :return: whether it can be fetched now.
    :raises ReverificationError: ``session_reverification_required``.
    """
    kit = kit_of(db)
    user = require(db, who)
    mine = select(*_COLUMNS).where(DataExport.user_id == user.id)
    # A locking read: in an app's own transaction MariaDB would show what was there at its start.
    row = db.execute(mine.with_for_update(read=True)).one_or_none()
    present = Found(*row) if row else None
    if drafted is None or _is_same(kit, present):
        return present is not None and present.status == DataExportStatus.READY.value
    forget(db, user.id)
    now, ready = kit.now(), drafted.chunks is not None
    export_id = new_id("exp")
    db.execute(
        insert(DataExport).values(
            id=export_id,
            user_id=user.id,
            status=(DataExportStatus.READY if ready else DataExportStatus.PREPARING).value,
            size=drafted.size,
            created_at=now,
            ready_at=now if ready else None,
            expire_at=now + LIFETIME,
        )
    )
    for number, content in enumerate(drafted.chunks or ()):
        values = {"export_id": export_id, "number": number, "content": content}
        db.execute(insert(DataExportChunk).values(values))
    if not ready:
        outbox.send_work(db, "data_export", user_id=user.id, export_id=export_id)
    tell = notices.before(db, user.id)
    events.emit(db, EventName.DATA_EXPORT_CREATED, user.id, tell, export_id=export_id)
    return ready


def open_file(db: DbSession, who: Who, export_id: str) -> Found:
    """Return one's own export that can be fetched now, and write down that it was.

    :raises NotFoundError: ``resource_not_found``: there is none, it is another's or too old.
    :raises ReverificationError: ``session_reverification_required``.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    look_at(kit, who, export_id)
    # Each is a line of the audit trail, and up to 256 MB.
    kit.limits.hit({"data_export_download:account": who.user_id})
    # Under the user's lock: who is being put out does not begin to fetch it.
    user = require(db, who)
    found = _of(kit, user.id, export_id, db)
    events.emit(db, EventName.DATA_EXPORT_DOWNLOADED, user.id, export_id=export_id)
    return found


def look_at(kit: Kit, who: Who, export_id: str) -> Found:
    """Return one's own export that can be fetched now, without fetching it.

    :raises NotFoundError: ``resource_not_found``: there is none, it is another's or too old.
    :raises ReverificationError: ``session_reverification_required``.
    """
    # First, since who may not fetch it is not asked to prove anything for it.
    found = _of(kit, who.user_id, export_id)
    check(kit, who)
    return found


def content_of(kit: Kit, export_id: str) -> Iterator[bytes]:
    """Return the file of an export piece by piece."""
    number = 0
    while True:
        mine = (DataExportChunk.export_id == export_id, DataExportChunk.number == number)
        with kit.database.reading() as connection:
            content = connection.scalar(select(DataExportChunk.content).where(*mine))
        if content is None:
            return
        plain = kit.keys.decrypt_bytes(content)
        if plain is None:
            logger.error("No key opens the data export %s.", export_id)
            return
        yield plain
        number += 1


def forget(db: DbSession, user_id: str) -> None:
    """Delete a user's exports; the caller holds their lock."""
    mine = select(DataExport.id).where(DataExport.user_id == user_id)
    # The foreign key does the same, but for an app's own SQLite, which does not enforce it.
    for statement in (
        delete(DataExportChunk).where(DataExportChunk.export_id.in_(mine)),
        delete(DataExport).where(DataExport.user_id == user_id),
    ):
        db.execute(statement.execution_options(synchronize_session=False))


def _of(kit: Kit, user_id: str, export_id: str, db: DbSession | None = None) -> Found:
    mine = (
        DataExport.id == (export_id if is_plain(export_id) else ""),
        DataExport.user_id == user_id,
        DataExport.status == DataExportStatus.READY.value,
        DataExport.expire_at > kit.now(),
    )
    statement = select(*_COLUMNS).where(*mine)
    if db is not None:
        # A locking read, as above.
        row = db.execute(statement.with_for_update(read=True)).one_or_none()
    else:
        with kit.database.reading() as connection:
            row = connection.execute(statement).one_or_none()
    if row is None:
        error = NotFoundError(_("There is no such export, or it is too old. Ask for a new one."))
        raise not_there(error, user_id, export_id)
    return Found(*row)


def _is_same(kit: Kit, found: Found | None) -> bool:
    if found is None or found.expire_at <= kit.now():
        return False
    if found.status == DataExportStatus.READY.value:
        return found.created_at > kit.now() - SAME
    return found.status == DataExportStatus.PREPARING.value


def _is_large(kit: Kit, user_id: str) -> bool:
    if any(hook.slow for hook in kit.hooks.data_exporters):
        return True
    some = (
        select(file.columns[0]).where(file.owner == user_id).limit(SMALL + 1).subquery()
        for file in FILES
    )
    counted = union_all(*(select(func.count().label("n")).select_from(each) for each in some))
    with kit.database.reading() as connection:
        return sum(connection.scalars(counted)) > SMALL


def _size(file: t.IO[bytes]) -> int:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def _failed() -> UnavailableError:
    message = _("Your data could not be put together. Try again later.")
    return UnavailableError(message, code="data_export_failed")
