"""Text messages of the outbox: each costs money, so that each is handed over once at most."""

from __future__ import annotations

import datetime as dt
import json
import logging
import typing as t

from sqlalchemy import ColumnElement
from sqlalchemy import exists
from sqlalchemy import select
from sqlalchemy import update

from ..delivery.errors import DeliveryError
from ..delivery.sms import TextMessage
from ..errors import RateLimitError
from ..models import OutboxMessage
from .kit import Kit

#: What was surely not taken is tried again after 1, 2, 4 … seconds, so often at most.
MAX_ATTEMPTS = 8
LONGEST_DELAY = 300
#: A text message that waits for longer than this is late.
LATE_AFTER = dt.timedelta(seconds=30)
#: For so long a failure tells how the next one would fare.
TROUBLE = dt.timedelta(minutes=10)
#: The state of a message from before it is handed over until that is known to have worked or not.
HANDED_OVER = "handed over, no answer"
#: What a failure begins with that says nothing about other numbers.
RECIPIENT = "this number: "
TAKEN_BACK = "its user is gone"
#: The templates of what nobody asks for, which is told of what somebody did.
NOTICES = ("notice", "sign_in_locked", "data_export_ready")

logger = logging.getLogger("flask_userkit.outbox")


class Claimed(t.NamedTuple):
    """A message that this sender alone holds, until its lease ends."""

    id: str
    lease: str
    kind: str
    payload: str
    attempts: int


def deliver(kit: Kit, claimed: Claimed) -> None:
    """Hand one text message over, unless it is too old or taken back by now."""
    try:
        message = _make(kit, claimed)
    except DeliveryError as error:
        _give_up(kit, claimed, f"{RECIPIENT if error.recipient else ''}{error}")
        return
    except Exception as error:
        logger.exception("Message %s cannot be made.", claimed.id)
        _give_up(kit, claimed, type(error).__name__)
        return
    # Before, and not after: whoever dies in between loses a text, which its reader asks for anew.
    # Sent twice, it would be paid twice, as often as somebody can make this process die.
    if not _take(kit, claimed):
        return
    try:
        assert kit.sms_sender is not None
        kit.sms_sender.send(message)
    except DeliveryError as error:
        _refused(kit, claimed, error)
    except Exception as error:
        # A sender of the app's own that says nothing of it: it may be taken. Its error may hold
        # the text, and with it the code, which a log must not.
        logger.error("Message %s may be sent: %s.", claimed.id, type(error).__name__)
        _close(kit, claimed, error=type(error).__name__)
    else:
        _close(kit, claimed, sent=True)


def is_troubled(kit: Kit, kind: str) -> bool:
    """Tell whether what is sent now would be late or lost, by what became of the last ones.

    A number that takes no texts is no trouble: anybody could type one, and everybody would read
    of it.

    :param kind: ``sms``.
    """
    now = kit.now()
    waits = exists().where(
        OutboxMessage.kind == kind,
        OutboxMessage.done_at.is_(None),
        OutboxMessage.created_at < now - LATE_AFTER,
    )
    last = (
        select(OutboxMessage.sent)
        .where(
            OutboxMessage.kind == kind,
            OutboxMessage.done_at > now - TROUBLE,
            OutboxMessage.sent | OutboxMessage.last_error.not_in((HANDED_OVER, TAKEN_BACK)),
            OutboxMessage.sent | OutboxMessage.last_error.not_like(f"{RECIPIENT}%"),
        )
        .order_by(OutboxMessage.done_at.desc())
        .limit(1)
    )
    with kit.database.reading() as connection:
        late, sent = connection.execute(select(waits, last.scalar_subquery())).one()
    return bool(late) or sent is False


def _make(kit: Kit, claimed: Claimed) -> TextMessage:
    if kit.sms_sender is None:
        raise DeliveryError("phone numbers are off", permanent=True)
    text = kit.keys.decrypt(claimed.payload)
    if text is None:
        raise DeliveryError("no key opens the payload", permanent=True)
    payload = json.loads(text)
    expire_at = payload["expire_at"]
    now = kit.now()
    if expire_at is not None and now >= dt.datetime.fromisoformat(expire_at):
        raise DeliveryError("too late", permanent=True)
    if payload["template"] in NOTICES:
        _count_notice(kit, payload["to"])
    rendered = kit.render_sms(payload["template"], payload["locale"], payload["context"])
    return TextMessage(to=payload["to"], text=rendered, message_id=claimed.id, sent_at=now)


def _count_notice(kit: Kit, number: str) -> None:
    """Count what nobody asked for, and so nobody was refused, before it costs."""
    try:
        kit.limits.hit({"sms:notice": number, "sms:day": kit.base_url})
    except RateLimitError as error:
        raise DeliveryError("too many notices", permanent=True, recipient=True) from error


def _take(kit: Kit, claimed: Claimed) -> bool:
    """Finish a message before it is sent, and tell whether it was still to be."""
    waits = OutboxMessage.done_at.is_(None)
    values = {"done_at": kit.now(), "payload": None, "last_error": HANDED_OVER}
    return _change(kit, claimed, waits, values)


def _refused(kit: Kit, claimed: Claimed, error: DeliveryError) -> None:
    told = f"{RECIPIENT if error.recipient else ''}{error}"
    if error.permanent or claimed.attempts >= MAX_ATTEMPTS:
        logger.error("Message %s is given up: %s.", claimed.id, told)
        _close(kit, claimed, error=told)
        return
    delay = min(max(2 ** (claimed.attempts - 1), error.retry_after or 0), LONGEST_DELAY)
    logger.warning("Message %s waits %s s: %s.", claimed.id, delay, told)
    values = {
        "done_at": None,
        "payload": claimed.payload,
        "available_at": kit.now() + dt.timedelta(seconds=delay),
        "last_error": told[:255],
    }
    # Unless its user went in the meantime, and took it back.
    _change(kit, claimed, OutboxMessage.last_error == HANDED_OVER, values)


def _give_up(kit: Kit, claimed: Claimed, error: str) -> None:
    if _take(kit, claimed):
        logger.error("Message %s is given up: %s.", claimed.id, error)
        _close(kit, claimed, error=error)


def _close(kit: Kit, claimed: Claimed, *, sent: bool = False, error: str | None = None) -> None:
    values = {"sent": sent, "last_error": error[:255] if error else None}
    _change(kit, claimed, OutboxMessage.last_error == HANDED_OVER, values)


def _change(
    kit: Kit, claimed: Claimed, state: ColumnElement[bool], values: dict[str, t.Any]
) -> bool:
    """Change a message of one's own while it is in a state, and tell whether it was."""
    mine = (OutboxMessage.id == claimed.id, OutboxMessage.lease == claimed.lease)

    def work() -> bool:
        with kit.database.side() as connection:
            statement = update(OutboxMessage).where(*mine, state).values(values)
            return connection.execute(statement).rowcount == 1

    return kit.database.retrying(work)
