"""Data exports that are large: prepared through the outbox, by one process at a time."""

from __future__ import annotations

import datetime as dt
import logging
import typing as t

from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..delivery.errors import DeliveryError
from ..events import EventName
from ..models import DataExport
from ..models import DataExportChunk
from ..models import DataExportStatus
from ..translations import use_locale
from . import data_export_archive as archive
from . import events
from . import notices
from . import outbox
from .data_exports import LIFETIME
from .kit import Kit
from .locks import lock_user
from .outbox_texts import Claimed

#: Longer than a hook of the app should take: only then another process begins anew.
LEASE = dt.timedelta(minutes=10)
#: How often that is renewed.
RENEWAL = dt.timedelta(minutes=1)
#: After so many tries it has failed, also where each of them took its process along.
MAX_ATTEMPTS = 5

logger = logging.getLogger("flask_userkit.data_exports")


class _Lost(Exception):
    """Another process does it by now, or nobody wants it any more."""


class _Work:
    """One export in the hands of one process, for as long as its lease is renewed."""

    def __init__(self, kit: Kit, claimed: Claimed) -> None:
        payload = outbox.payload_of(kit, claimed)
        self.locale: str = payload["locale"]
        self.user_id: str = payload["context"]["user_id"]
        self.export_id: str = payload["context"]["export_id"]
        self._kit = kit
        self._claimed = claimed
        self._renewed: dt.datetime | None = None

    def hold(self) -> None:
        """Go on holding it, while the app's own part or a long file is made.

        :raises _Lost: it is not held any more.
        """
        now = self._kit.now()
        if self._renewed is not None and now - self._renewed < RENEWAL:
            return
        with self._kit.database.side() as connection:
            if not outbox.renew(connection, self._kit, self._claimed, LEASE):
                raise _Lost
        self._renewed = now

    def is_wanted(self) -> bool:
        """Tell whether there is such an export still."""
        mine = select(DataExport.id).where(DataExport.id == self.export_id)
        with self._kit.database.reading() as connection:
            return connection.scalar(mine) is not None

    def store(self, file: t.IO[bytes]) -> int:
        """Store the file piece by piece, and return its length.

        :raises _Lost: it is not held any more, or its export is gone.
        """
        size = 0
        for number, chunk in enumerate(archive.chunks(file)):
            self._put(number, self._kit.keys.encrypt_bytes(chunk))
            size += len(chunk)
        return size

    def _put(self, number: int, content: bytes) -> None:
        mine = DataExportChunk.export_id == self.export_id
        values = {"export_id": self.export_id, "number": number, "content": content}

        def work() -> None:
            with self._kit.database.side() as connection:
                if number == 0:
                    # What is left of a try that came to nothing.
                    connection.execute(delete(DataExportChunk).where(mine))
                connection.execute(insert(DataExportChunk).values(values))
                # Last, in the order of who deletes the user: the export, then its message. Who
                # does not hold it any more takes back what was written.
                if not outbox.renew(connection, self._kit, self._claimed, LEASE):
                    raise _Lost

        try:
            self._kit.database.retrying(work)
        except IntegrityError as error:
            raise _Lost from error

    def finish(self, size: int) -> None:
        """Let the owner fetch it for a day, and tell them.

        :raises _Lost: it is not held any more, or its export is gone.
        """
        now = self._kit.now()
        values = {"size": size, "ready_at": now, "expire_at": now + LIFETIME}
        with self._kit.database.side_transaction() as db:
            if not self._end(db, DataExportStatus.READY, **values):
                raise _Lost
            events.emit(db, EventName.DATA_EXPORT_PREPARED, self.user_id, export_id=self.export_id)
            _tell(self._kit, db, self.user_id)

    def fail(self) -> None:
        """Say that it cannot be made."""
        mine = DataExportChunk.export_id == self.export_id
        with self._kit.database.side_transaction() as db:
            if self._end(db, DataExportStatus.FAILED):
                db.execute(delete(DataExportChunk).where(mine))

    def _end(self, db: Session, status: DataExportStatus, **values: t.Any) -> bool:
        # In the order of all others: the user, then what is theirs.
        lock_user(db, self.user_id)
        ended = db.connection().execute(
            update(DataExport)
            .where(
                DataExport.id == self.export_id,
                DataExport.status == DataExportStatus.PREPARING.value,
            )
            .values(status=status.value, **values)
        )
        held = outbox.renew(db.connection(), self._kit, self._claimed)
        return ended.rowcount == 1 and held


def prepare(kit: Kit, claimed: Claimed) -> None:
    """Make the file of an export, and tell its owner; who dies leaves it to the next.

    :raises DeliveryError: it cannot be made.
    """
    work = _Work(kit, claimed)
    try:
        if claimed.attempts > MAX_ATTEMPTS:
            raise archive.ExportError("each try took its process along")
        with kit.app_context(), use_locale(work.locale):
            _make(kit, work)
    except _Lost:
        return
    except Exception as error:
        if claimed.attempts < MAX_ATTEMPTS:
            raise
        logger.exception("The data export %s cannot be made.", work.export_id)
        kit.database.retrying(work.fail)
        raise DeliveryError(type(error).__name__, permanent=True) from error


def _make(kit: Kit, work: _Work) -> None:
    with archive.made(kit, work.user_id, work.hold, alone=True) as file:
        if file is None:
            if work.is_wanted():
                raise archive.ExportError("its user is not to be found")
            return
        size = work.store(file)
    kit.database.retrying(lambda: work.finish(size))


def _tell(kit: Kit, db: Session, user_id: str) -> None:
    """Write to where its owner is reached; it leads to the page, where it takes a proof."""
    url = f"{kit.base_url}{kit.config.url_prefix}/security"
    tell = notices.before(db, user_id)
    for address in tell.addresses:
        outbox.send_mail(db, "data_export_ready", address, user_id=user_id, url=url)
    if tell.number is not None:
        outbox.send_sms(db, "data_export_ready", tell.number, user_id=user_id)
