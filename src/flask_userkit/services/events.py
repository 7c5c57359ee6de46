"""The audit trail: what happened, written with the change, and told to the app after it."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.orm import Session

from .. import models
from ..errors import UserKitError
from ..events import EventDraft
from ..events import EventName
from ..events import signal
from ..security.ids import new_id
from . import notices
from .after_commit import after_commit
from .kit import Kit
from .kit import kit_of


def emit(
    db: Session,
    name: EventName,
    user_id: str | None = None,
    tell: notices.Before = notices.NOBODY,
    /,
    **data: str | int | bool | None,
) -> None:
    """Write an event in the transaction, and send its signal after the commit.

    :param tell: who gets a notice of it: ``notices.before`` the change, where a person made it;
        nobody, where the app did.
    """
    kit = kit_of(db)
    draft = EventDraft(name, user_id, data)
    db.execute(insert(models.Event).values(_row(kit, draft)))
    notices.send(db, draft, tell)
    after_commit(db, lambda: _send(kit, draft))


def emit_failure(kit: Kit, error: UserKitError) -> None:
    """Write the event that a failure carries, after the rollback that it caused."""
    draft = error.audit
    if not isinstance(draft, EventDraft):
        return
    with kit.database.side() as connection:
        connection.execute(insert(models.Event).values(_row(kit, draft)))
    _send(kit, draft)


def _row(kit: Kit, draft: EventDraft) -> dict[str, object]:
    who = kit.caller()
    return {
        "id": new_id("evt"),
        "name": draft.name.value,
        "user_id": draft.user_id,
        "actor_id": who.user_id,
        "session_id": who.session_id,
        "ip_address": who.ip_address,
        "user_agent": who.user_agent,
        "request_id": who.request_id,
        "data": dict(draft.data),
        "created_at": kit.now(),
    }


def _send(kit: Kit, draft: EventDraft) -> None:
    signal(draft.name).send(kit.signal_sender, user_id=draft.user_id, data=dict(draft.data))
