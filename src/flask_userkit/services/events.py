"""The audit trail: what happened, written with the change, and told to the app after it."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence
from functools import partial

from sqlalchemy import insert
from sqlalchemy.orm import Session

from .. import models
from ..errors import RateLimitError
from ..errors import UserKitError
from ..events import EventDraft
from ..events import EventName
from ..events import signal
from ..security.ids import new_id
from . import notices
from . import refusals
from .after_commit import after_commit
from .kit import Kit
from .kit import kit_of
from .limits import caller_network

#: Who is refused may ask again without end: no limit counts what could not be done.
_UNLIMITED: t.Final = (EventName.REQUEST_REFUSED, EventName.SIGN_IN_REFUSED)


def emit(
    db: Session,
    name: EventName,
    user_id: str | None = None,
    tell: notices.Before = notices.NOBODY,
    /,
    *,
    actor_id: str | None = None,
    **data: str | int | bool | None,
) -> None:
    """Write an event in the transaction, and send its signal after the commit.

    :param tell: who gets a notice of it: ``notices.before`` the change, where a person made it;
        nobody, where the app did.
    :param actor_id: who has just proven to be somebody; by default who is signed in.
    """
    kit = kit_of(db)
    draft = EventDraft(name, user_id, data, actor_id)
    db.execute(insert(models.Event).values(_row(kit, draft)))
    notices.send(db, draft, tell)
    after_commit(db, lambda: _send(kit, draft))


def emit_all(db: Session, drafts: Sequence[EventDraft]) -> None:
    """Write many events at once, and send their signals after the commit; nobody gets a notice."""
    if not drafts:
        return
    kit = kit_of(db)
    db.connection().execute(insert(models.Event), [_row(kit, draft) for draft in drafts])
    for draft in drafts:
        after_commit(db, partial(_send, kit, draft))


def emit_failure(kit: Kit, error: UserKitError) -> None:
    """Write the event that a failure is, after the rollback that it caused."""
    draft = error.audit
    if not isinstance(draft, EventDraft):
        draft = refusals.draft_of(error, kit.caller().user_id)
    if draft is not None and (draft.name not in _UNLIMITED or _may_write(kit)):
        emit_alone(kit, draft)


def emit_alone(kit: Kit, draft: EventDraft) -> None:
    """Write an event in a transaction of its own, and send its signal."""
    with kit.database.side() as connection:
        connection.execute(insert(models.Event).values(_row(kit, draft)))
    _send(kit, draft)


def _may_write(kit: Kit) -> bool:
    try:
        kit.limits.hit({"refusal:ip": caller_network(kit)})
    except RateLimitError:
        return False
    return True


def _row(kit: Kit, draft: EventDraft) -> dict[str, object]:
    who = kit.caller()
    return {
        "id": new_id("evt"),
        "name": draft.name.value,
        "user_id": draft.user_id,
        "actor_id": draft.actor_id or who.user_id,
        "session_id": who.session_id,
        "ip_address": who.ip_address,
        "user_agent": who.user_agent,
        "request_id": who.request_id,
        "data": dict(draft.data),
        "created_at": kit.now(),
    }


def _send(kit: Kit, draft: EventDraft) -> None:
    signal(draft.name).send(kit.signal_sender, user_id=draft.user_id, data=dict(draft.data))
