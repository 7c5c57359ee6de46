"""Sessions as an app sees them, a page at a time."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy import and_
from sqlalchemy import func
from sqlalchemy import not_
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from ..errors import FormError
from ..errors import NotFoundError
from ..models import Session
from ..models import SessionStatus
from ..security.text import is_plain
from ..translations import gettext as _
from .kit import Kit
from .kit import kit_of
from .sessions import alive
from .user_list import MAX_LIMIT
from .user_list import MAX_OFFSET


@dataclass(frozen=True, slots=True)
class SessionList:
    """A page of sessions and the number of all that match, from one transaction."""

    data: list[Session]
    total_count: int


def get_session(db: DbSession, session_id: str) -> Session:
    """Return a session, whatever became of it.

    :raises NotFoundError: ``resource_not_found``.
    """
    found = db.get(Session, session_id, populate_existing=True) if is_plain(session_id) else None
    if found is None:
        raise NotFoundError(_("There is no such session."))
    return found


def get_session_list(
    db: DbSession,
    *,
    user_id: str | None = None,
    client_id: str | None = None,
    status: str | None = None,
    limit: int = 10,
    offset: int = 0,
) -> SessionList:
    """Return a page of the sessions of a user or of a browser, the newest first.

    :param status: only ``active``, ``ended``, ``expired``, ``replaced`` or ``revoked`` ones. One
        that has expired is not active, also where nobody has come back to see it.
    :raises FormError: ``form_param_value_invalid``: neither a user nor a browser is named, or a
        status, limit or offset that cannot be.
    """
    if not 1 <= limit <= MAX_LIMIT or not 0 <= offset <= MAX_OFFSET:
        message = _("A page has 1 to %(maximum)s sessions.", maximum=MAX_LIMIT)
        raise FormError(message, param="limit")
    if user_id is None and client_id is None:
        raise FormError(_("Say whose sessions are wanted."), param="user_id")
    wanted: list[ColumnElement[bool]] = []
    for column, value in ((Session.user_id, user_id), (Session.client_id, client_id)):
        if value is not None:
            wanted.append(column == (value if is_plain(value) else ""))
    if status is not None:
        wanted.append(_has_status(kit_of(db), status))
    total = db.execute(select(func.count()).select_from(Session).where(*wanted)).scalar_one()
    order = (Session.created_at.desc(), Session.id.desc())
    page = select(Session).where(*wanted).order_by(*order).limit(limit).offset(offset)
    options: dict[str, t.Any] = {"populate_existing": True}
    return SessionList(list(db.scalars(page, execution_options=options)), total)


def _has_status(kit: Kit, status: str) -> ColumnElement[bool]:
    if status not in list(SessionStatus):
        raise FormError(_("No session has this status."), param="status")
    if status == SessionStatus.ACTIVE:
        return alive(kit)
    same = Session.status == status
    if status != SessionStatus.EXPIRED:
        return same
    return or_(same, and_(Session.status == SessionStatus.ACTIVE.value, not_(alive(kit))))
