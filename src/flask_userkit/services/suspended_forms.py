"""Forms that wait until their sender has proven who they are, and then run once."""

from __future__ import annotations

import datetime as dt
import json
import typing as t
from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from ..models import Session
from ..models import SessionStatus
from ..models import SuspendedForm
from ..security.ids import new_id
from ..security.text import is_plain
from .kit import Kit
from .kit import kit_of
from .locks import lock_user
from .reverification import Who
from .reverification_factors import session_over

LIFETIME = dt.timedelta(minutes=10)
MOST = 5
#: Of those that have expired, so many are deleted with the next that comes.
CHUNK = 100
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
    _forget_expired(kit)
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


def forget(db: DbSession, which: ColumnElement[bool]) -> None:
    """Delete the forms of sessions that end; the caller holds their rows."""
    sessions = select(Session.id).where(which)
    # A locking read would wait for forms by another index than those who delete them.
    forms = select(SuspendedForm.id).where(SuspendedForm.session_id.in_(sessions))
    _delete(db.connection(), db.scalars(forms).all())


def _is_active(db: DbSession, who: Who) -> bool:
    statement = select(Session.id).where(
        Session.id == who.session_id,
        Session.user_id == who.user_id,
        Session.status == SessionStatus.ACTIVE.value,
    )
    # Locked before its forms are, as where it ends: the two wait in one order.
    return db.execute(statement.with_for_update(read=True)).first() is not None


def _make_room(db: DbSession, who: Who) -> None:
    """Delete the oldest of a session beyond a few."""
    statement = (
        select(SuspendedForm.id)
        .where(SuspendedForm.session_id == who.session_id)
        .order_by(SuspendedForm.created_at.desc(), SuspendedForm.id.desc())
    )
    _delete(db.connection(), db.scalars(statement).all()[MOST - 1 :])


def _forget_expired(kit: Kit) -> None:
    """Delete what has expired, whoever's it is, on the side and before the session begins.

    The request then holds no lock while it waits for the row of another's.
    """
    statement = select(SuspendedForm.id).where(SuspendedForm.expire_at <= kit.now()).limit(CHUNK)

    def work() -> None:
        with kit.database.side() as connection:
            _delete(connection, expired)

    with kit.database.reading() as connection:
        expired = connection.scalars(statement).all()
    if expired:
        kit.database.retrying(work)


def _delete(connection: Connection, form_ids: Sequence[str]) -> None:
    # By key and in one order: two that delete the same rows wait for each other one way round,
    # which a condition on another index would not see to.
    mine = SuspendedForm.id == bindparam("form_id")
    if form_ids:
        rows = [{"form_id": form_id} for form_id in sorted(form_ids)]
        connection.execute(delete(SuspendedForm).where(mine), rows)
