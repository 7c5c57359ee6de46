"""Forms that wait until their sender has proven who they are, and then run once."""

from __future__ import annotations

import datetime as dt
import json
import typing as t
from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from ..models import Session
from ..models import SessionStatus
from ..models import SuspendedForm
from ..security.ids import new_id
from ..security.text import is_plain
from .kit import kit_of
from .locks import lock_user
from .reverification import Who
from .reverification_factors import session_over

LIFETIME = dt.timedelta(minutes=10)
MOST = 5
#: In characters; a longer form is shown again instead.
MAX_SIZE = 128 * 1024


class Suspended(t.NamedTuple):
    """What was kept of a form.

    :param complete: whether it can be run; what lacks a secret or a file is shown again.
    """

    fields: list[tuple[str, str]]
    complete: bool


def suspend(
    db: DbSession,
    who: Who,
    action: str,
    fields: Sequence[tuple[str, str]],
    *,
    complete: bool = True,
) -> str:
    """Keep a form for ten minutes, encrypted, and return its id.

    :param action: what the form does, and to what; it is taken for that alone.
    :param fields: names and values, without secrets.
    :param complete: False if something was left out.
    :raises AuthenticationError: ``authentication_invalid``: the session is over.
    """
    kit = kit_of(db)
    text = json.dumps({"fields": list(fields), "complete": complete})
    if len(text) > MAX_SIZE:
        text = json.dumps({"fields": [], "complete": False})
    # Locked, so that the forms of several tabs are counted one after the other.
    if lock_user(db, who.user_id) is None or not _is_active(db, who):
        raise session_over()
    _make_room(db, who)
    now = kit.now()
    form = SuspendedForm(
        id=new_id("form"),
        session_id=who.session_id,
        action=action,
        fields=kit.keys.encrypt(text),
        expire_at=now + LIFETIME,
        created_at=now,
    )
    db.add(form)
    db.flush()
    return form.id


def take(db: DbSession, who: Who, action: str, form_id: str) -> Suspended | None:
    """Take a form that was kept; of twenty at once, one gets it.

    :return: None if there is none of this session for this action, or no more.
    """
    kit = kit_of(db)
    if not is_plain(form_id):
        return None
    mine = (
        SuspendedForm.id == form_id,
        SuspendedForm.session_id == who.session_id,
        SuspendedForm.expire_at > kit.now(),
    )
    columns = (SuspendedForm.action, SuspendedForm.fields)
    row = db.execute(select(*columns).where(*mine)).one_or_none()
    # Compared here: MariaDB would hold one action for another that is spelled much like it.
    if row is None or row.action != action:
        return None
    deleted = db.connection().execute(delete(SuspendedForm).where(*mine))
    text = kit.keys.decrypt(row.fields) if deleted.rowcount == 1 else None
    if text is None:
        return None
    kept = json.loads(text)
    return Suspended([(name, value) for name, value in kept["fields"]], kept["complete"])


def _is_active(db: DbSession, who: Who) -> bool:
    statement = select(Session.id).where(
        Session.id == who.session_id,
        Session.user_id == who.user_id,
        Session.status == SessionStatus.ACTIVE.value,
    )
    # Locked before its forms are, as where it ends: the two wait in one order.
    return db.execute(statement.with_for_update(read=True)).first() is not None


def _make_room(db: DbSession, who: Who) -> None:
    """Delete what is expired, and the oldest beyond a few."""
    statement = (
        select(SuspendedForm.id, SuspendedForm.expire_at)
        .where(SuspendedForm.session_id == who.session_id)
        .order_by(SuspendedForm.created_at.desc(), SuspendedForm.id.desc())
        .with_for_update(read=True)
    )
    now = kit_of(db).now()
    kept = [row.id for row in db.execute(statement) if row.expire_at > now][: MOST - 1]
    db.execute(
        delete(SuspendedForm)
        .where(SuspendedForm.session_id == who.session_id, SuspendedForm.id.not_in(kept))
        .execution_options(synchronize_session=False)
    )
