"""What people see of their sessions, and which of them they end."""

from __future__ import annotations

import datetime as dt
import re
import typing as t

from sqlalchemy import ColumnElement
from sqlalchemy import Select
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import union_all
from sqlalchemy.orm import Session as DbSession

from ..errors import NotFoundError
from ..models import Session
from ..models import SessionStatus
from ..security.text import is_plain
from ..translations import gettext as _
from . import known_devices
from . import sessions
from .kit import Kit
from .kit import kit_of
from .prepared import PreparedRead
from .refusals import not_there
from .reverification import Who
from .reverification import check
from .reverification import require

#: How many are on a page, besides the one that looks at it.
PAGE = 10
_CURSOR = re.compile(r"(\d{1,17})\.(sess_[0-9A-Za-z]{1,43})", re.ASCII)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_LATEST = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


class Device(t.NamedTuple):
    """A session as its user sees it.

    :param strategy: how it was signed in to.
    """

    id: str
    browser: str | None
    system: str | None
    ip_address: str | None
    strategy: str
    created_at: dt.datetime
    last_active_at: dt.datetime


class Devices(t.NamedTuple):
    """A page of them.

    :param current: the session that looks at it.
    :param asked: the session that was asked for by name, if it is on another page.
    :param others: the other sessions of this page, those seen last first.
    :param older: the cursor of the page after this one, where there is one.
    """

    current: Device | None
    asked: list[Device]
    others: list[Device]
    older: str | None


def list_own(kit: Kit, who: Who, after: str | None = None, about: str = "") -> Devices:
    """Return where somebody is signed in now, a page at a time, in one query.

    :param after: the cursor of a page; what is none is the first page.
    :param about: the id of a session that is wanted whatever page it is on.
    """
    now, idle = kit.now(), kit.config.session_idle_timeout
    seen_at, seen_id = _parse(after)
    values = {
        "user_id": who.user_id,
        "session_id": who.session_id,
        "about": about if is_plain(about) else "",
        "now": now,
        "since": now - dt.timedelta(seconds=idle) if idle else _EPOCH,
        "seen_at": seen_at,
        "seen_id": seen_id,
    }
    with kit.database.reading() as connection:
        rows = [Device(*row) for row in _PAGE.all(connection, values)]
    # What was asked for by name may be among those of the page as well.
    found = {row.id: row for row in rows}
    current = found.pop(who.session_id, None)
    rest = [row for row in found.values() if _key(row) < (seen_at, seen_id)]
    rest.sort(key=_key, reverse=True)
    page = rest[:PAGE]
    asked = [row for row in found.values() if row.id == about and row not in page]
    return Devices(current, asked, page, _cursor(page[-1]) if len(rest) > PAGE else None)


def revoke_own_session(db: DbSession, who: Who, session_id: str, device: str = "") -> str:
    """Sign out of one device, and return what this browser's cookie of known devices is to hold.

    The next request of the other is nobody's, and it is known no more. Of the current one it is
    sign-out.

    :param device: the cookie as it is.
    :raises NotFoundError: ``resource_not_found``: no such active session of one's own.
    :raises ReverificationError: ``session_reverification_required``.
    """
    if session_id == who.session_id:
        sessions.end(db, who.session_id, who.user_id)
        return device
    check(kit_of(db), who)
    user = require(db, who)
    if not is_plain(session_id) or not sessions.revoke_own(db, user.id, session_id):
        error = NotFoundError(_("You are not signed in there any more."))
        raise not_there(error, user.id, session_id)
    return _alone(db, user.id, device)


def revoke_other_sessions(db: DbSession, who: Who, device: str = "") -> str:
    """Sign out of every device but this one, the only one that is known from here on.

    :param device: the browser's cookie of known devices.
    :return: what that is to hold.
    :raises ReverificationError: ``session_reverification_required``.
    """
    check(kit_of(db), who)
    user = require(db, who)
    sessions.revoke_all(db, user.id, except_session_id=who.session_id)
    return _alone(db, user.id, device)


def revoke_every_session(db: DbSession, who: Who) -> None:
    """Sign out everywhere, here as well.

    :raises ReverificationError: ``session_reverification_required``.
    """
    revoke_other_sessions(db, who)
    sessions.end(db, who.session_id, who.user_id)


def _alone(db: DbSession, user_id: str, device: str) -> str:
    # A thief who is signed out would sign in again unnoticed, and guess where others are locked.
    return known_devices.add(kit_of(db), device, user_id, known_devices.forget(db, user_id))


def _alive() -> Select[*tuple[t.Any, ...]]:
    columns = [getattr(Session, name) for name in Device._fields]
    return select(*columns).where(
        Session.user_id == bindparam("user_id"),
        Session.status == SessionStatus.ACTIVE.value,
        Session.expire_at > bindparam("now"),
        Session.last_active_at > bindparam("since"),
    )


def _page() -> Select[*tuple[t.Any, ...]]:
    # Not by comparing both at once: MariaDB would read all of them.
    seen_at: ColumnElement[t.Any] = bindparam("seen_at")
    rest = or_(
        Session.last_active_at < seen_at,
        and_(Session.last_active_at == seen_at, Session.id < bindparam("seen_id")),
    )
    order = (Session.last_active_at.desc(), Session.id.desc())
    # This session and one more, since it is left out and whether there is another page is told.
    return _alive().where(Session.last_active_at <= seen_at, rest).order_by(*order).limit(PAGE + 2)


# In sub-selects: SQLite takes no order in a part of a union.
_PAGE = PreparedRead(
    union_all(
        select(
            _alive()
            .where(Session.id.in_([bindparam("session_id"), bindparam("about")]))
            .subquery("named")
        ),
        select(_page().subquery("page")),
    )
)


def _key(row: Device) -> tuple[dt.datetime, str]:
    return row.last_active_at, row.id


def _cursor(row: Device) -> str:
    return f"{(row.last_active_at - _EPOCH) // _MICROSECOND}.{row.id}"


def _parse(cursor: str | None) -> tuple[dt.datetime, str]:
    match = _CURSOR.fullmatch(cursor or "")
    moment = _EPOCH + int(match[1]) * _MICROSECOND if match else _LATEST
    return (moment, match[2]) if match and moment < _LATEST else (_LATEST, "")
