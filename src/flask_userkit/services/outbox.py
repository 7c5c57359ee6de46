"""The outbox: messages are rows of the change that causes them, and are sent after it.

Mail is sent at least once, text messages at most once.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import typing as t
from urllib.parse import urlsplit

from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..delivery.email import Mail
from ..delivery.errors import DeliveryError
from ..models import OutboxMessage
from ..security.ids import new_id
from ..translations import current_locale
from . import outbox_texts
from .after_commit import after_commit
from .kit import Kit
from .kit import kit_of
from .outbox_texts import Claimed
from .outbox_texts import is_troubled as is_troubled

#: A sender that died leaves its message to the next after this; longer than a send may take.
LEASE = dt.timedelta(seconds=60)
MAX_DELAY = 300
#: Two days of trying, at five minutes each once the delay has grown.
MAX_ATTEMPTS = 600

logger = logging.getLogger("flask_userkit.outbox")


def send_mail(
    db: Session,
    template: str,
    to: str,
    *,
    user_id: str | None = None,
    real: bool = True,
    **context: str | int | None,
) -> None:
    """Write a mail to the outbox.

    :param template: folder of the mail's templates.
    :param user_id: whom it is about; deleting that user takes it back.
    :param real: False writes a message that is never sent, in the same time: a request about
        an unknown address must not be told from one about a known address.
    """
    payload = {"template": template, "to": to, "locale": current_locale(), "context": context}
    _write(db, "email" if real else "decoy", payload, user_id)


def send_sms(
    db: Session,
    template: str,
    to: str,
    *,
    user_id: str | None = None,
    real: bool = True,
    expire_at: dt.datetime | None = None,
    **context: str | int | None,
) -> None:
    """Write a text message to the outbox.

    :param template: folder of its template.
    :param to: the number, as E.164 writes it.
    :param user_id: whom it is about; deleting that user takes it back.
    :param real: False writes a message that is never sent, in the same time.
    :param expire_at: from then on it is not sent any more, such as where its code is too old.
    """
    payload = {
        "template": template,
        "to": to,
        "locale": current_locale(),
        "context": context,
        "expire_at": expire_at.isoformat() if expire_at else None,
    }
    _write(db, "sms" if real else "decoy", payload, user_id)


def send_work(db: Session, kind: str, *, user_id: str, **context: str) -> None:
    """Have something done after the commit that takes its time, by whoever sends mail.

    :param kind: one of ``Kit.works``.
    :param user_id: whom it is about; deleting that user takes it back.
    """
    payload = {"locale": current_locale(), "context": {"user_id": user_id, **context}}
    _write(db, kind, payload, user_id)


def forget_user(db: Session, user_id: str) -> None:
    """Take back what waits to be sent to a user who is no more, and name them no more."""
    # What is handed over at this moment is not tried again, should that fail.
    waits = or_(
        OutboxMessage.done_at.is_(None), OutboxMessage.last_error == outbox_texts.HANDED_OVER
    )
    db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.user_id == user_id, waits)
        .values(done_at=kit_of(db).now(), payload=None, last_error=outbox_texts.TAKEN_BACK)
    )
    db.execute(update(OutboxMessage).where(OutboxMessage.user_id == user_id).values(user_id=None))


def deliver_next(kit: Kit) -> bool:
    """Send the message that has waited longest, and tell whether there was one."""
    claimed = kit.database.retrying(lambda: _claim(kit))
    if claimed is None:
        return False
    if claimed.kind == "sms":
        outbox_texts.deliver(kit, claimed)
        return True
    try:
        kit.works.get(claimed.kind, _send)(kit, claimed)
    except DeliveryError as error:
        _failed(kit, claimed, str(error), permanent=error.permanent)
    except Exception as error:
        logger.exception("Message %s cannot be made.", claimed.id)
        _failed(kit, claimed, type(error).__name__, permanent=False)
    else:
        _finish(kit, claimed, sent=claimed.kind != "decoy")
    return True


def _write(db: Session, kind: str, payload: dict[str, t.Any], user_id: str | None) -> None:
    kit = kit_of(db)
    now = kit.now()
    db.execute(
        insert(OutboxMessage).values(
            id=new_id("msg"),
            kind=kind,
            user_id=user_id,
            payload=kit.keys.encrypt(json.dumps(payload)),
            attempts=0,
            sent=False,
            available_at=now,
            created_at=now,
        )
    )
    after_commit(db, kit.outbox.wake)


def _claim(kit: Kit) -> Claimed | None:
    now = kit.now()
    lease = new_id("lease")
    with kit.database.side() as connection:
        row = connection.execute(
            select(
                OutboxMessage.id,
                OutboxMessage.kind,
                OutboxMessage.payload,
                OutboxMessage.attempts,
            )
            .where(OutboxMessage.done_at.is_(None), OutboxMessage.available_at <= now)
            .order_by(OutboxMessage.available_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None:
            return None
        # A message under a lease is one that becomes available when the lease ends.
        result = connection.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.id == row.id,
                OutboxMessage.done_at.is_(None),
                OutboxMessage.available_at <= now,
            )
            .values(lease=lease, attempts=row.attempts + 1, available_at=now + LEASE)
        )
        if result.rowcount != 1:
            return None
    return Claimed(row.id, lease, row.kind, row.payload or "", row.attempts + 1)


def payload_of(kit: Kit, claimed: Claimed) -> dict[str, t.Any]:
    """Return what a message holds.

    :raises DeliveryError: no key of the ring opens it.
    """
    text = kit.keys.decrypt(claimed.payload)
    if text is None:
        raise DeliveryError("no key opens the payload", permanent=True)
    payload: dict[str, t.Any] = json.loads(text)
    return payload


def renew(connection: Connection, kit: Kit, claimed: Claimed, lease: dt.timedelta = LEASE) -> bool:
    """Hold a message for longer, and lock it until the transaction ends.

    :return: whether it was still held, and wanted.
    """
    mine = (
        OutboxMessage.id == claimed.id,
        OutboxMessage.lease == claimed.lease,
        OutboxMessage.done_at.is_(None),
    )
    values = {"available_at": kit.now() + lease}
    return connection.execute(update(OutboxMessage).where(*mine).values(values)).rowcount == 1


def _send(kit: Kit, claimed: Claimed) -> None:
    if claimed.kind == "decoy":
        return
    payload = payload_of(kit, claimed)
    rendered = kit.render_mail(payload["template"], payload["locale"], payload["context"])
    host = _mail_host(kit)
    kit.email_sender.send(
        Mail(
            to=payload["to"],
            sender=kit.config.mail_from or f"no-reply@{host}",
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            # The same at every try, so that a mail sent twice is shown once.
            message_id=f"<{claimed.id}@{host}>",
            sent_at=kit.now(),
        )
    )


def _mail_host(kit: Kit) -> str:
    """Return the host of the base URL as mail writes it (RFC 5321 section 4.1.3)."""
    host = urlsplit(kit.base_url).hostname or "localhost"
    return f"[IPv6:{host}]" if ":" in host else host.encode("idna").decode("ascii")


def _finish(kit: Kit, claimed: Claimed, *, sent: bool, error: str | None = None) -> None:
    with kit.database.side() as connection:
        connection.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == claimed.id, OutboxMessage.lease == claimed.lease)
            .values(done_at=kit.now(), sent=sent, payload=None, last_error=error)
        )


def _failed(kit: Kit, claimed: Claimed, error: str, *, permanent: bool) -> None:
    if permanent or claimed.attempts >= MAX_ATTEMPTS:
        logger.error("Message %s is given up: %s.", claimed.id, error)
        _finish(kit, claimed, sent=False, error=error[:255])
        return
    delay = min(2 ** (claimed.attempts - 1), MAX_DELAY)
    logger.warning("Message %s waits %s s: %s.", claimed.id, delay, error)
    with kit.database.side() as connection:
        connection.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == claimed.id, OutboxMessage.lease == claimed.lease)
            .values(available_at=kit.now() + dt.timedelta(seconds=delay), last_error=error[:255])
        )
