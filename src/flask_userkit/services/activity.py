"""Activity: what happened in somebody's account, for them to read."""

from __future__ import annotations

import datetime as dt
import re
import typing as t
from collections.abc import Mapping

from sqlalchemy import bindparam
from sqlalchemy import select

from ..events import EventName
from ..models import Event
from .kit import Kit
from .prepared import PreparedRead

#: Lines of a page, and the rows that are read for one: what repeats itself is one line.
SIZE = 8
MOST = 100
#: What is no matter of one's own security, each with its reason.
LEFT_OUT: t.Final = frozenset(
    {
        # A name is no credential, and all else in it has an event of its own.
        EventName.USER_UPDATED,
        # Nobody is left to read it.
        EventName.USER_DELETED,
        # They are nobody's acts.
        EventName.SESSION_EXPIRED,
        EventName.DATA_EXPORT_PREPARED,
        # Nothing came of it.
        EventName.REQUEST_REFUSED,
        EventName.EXTERNAL_ACCOUNT_FAILED,
        # They are before there is a user, or told by a mail.
        EventName.SIGN_UP_CREATED,
        EventName.SIGN_UP_REFUSED,
    }
)
#: What anybody can do to an account without getting in: a flood of them must not bury the rest.
ATTEMPTS: t.Final = frozenset(
    {
        EventName.SIGN_IN_FAILED,
        EventName.SIGN_IN_REFUSED,
        EventName.VERIFICATION_FAILED,
        EventName.SESSION_REVERIFICATION_FAILED,
        EventName.LIMIT_REACHED,
    }
)
_NAMES: t.Final = {name.value: name for name in EventName}
#: Of such data, each event has its own.
_OWN = ("attempts", "session_id", "email_address_id", "phone_number_id", "external_account_id")
_CURSOR = re.compile(r"evt_[0-9a-f]{32}", re.ASCII)
#: After every id.
_END = "evt_g"
_BEGINNING = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class _Row(t.NamedTuple):
    id: str
    name: str
    actor_id: str | None
    ip_address: str | None
    user_agent: str | None
    request_id: str | None
    data: dict[str, t.Any]
    created_at: dt.datetime


class Line(t.NamedTuple):
    """What happened, once or several times on end.

    :param by: who did it, where it was neither the person nor somebody who tried to be.
    :param ip_address: from where, where the person may know it.
    :param created_at: when, for the last time.
    :param times: how often on end.
    """

    name: EventName
    data: dict[str, t.Any]
    by: t.Literal["another", "app"] | None
    ip_address: str | None
    user_agent: str | None
    request_id: str | None
    created_at: dt.datetime
    times: int = 1


class Activity(t.NamedTuple):
    """A page of it, newest first.

    :param earlier: the place from which the next page goes on, if there is more.
    :param is_later: whether it is not the first page.
    """

    lines: list[Line]
    earlier: str | None
    is_later: bool


# Built once. By its id, which is ordered by time: what comes in meanwhile moves no page.
_ROWS = PreparedRead(
    select(
        Event.id,
        Event.name,
        Event.actor_id,
        Event.ip_address,
        Event.user_agent,
        Event.request_id,
        Event.data,
        Event.created_at,
    )
    .where(
        Event.user_id == bindparam("user_id"),
        Event.id < bindparam("before"),
        Event.created_at > bindparam("since"),
        *(Event.name != name.value for name in sorted(LEFT_OUT)),
    )
    .order_by(Event.id.desc())
    .limit(MOST + 1)
)


def rows(kit: Kit, user_id: str, before: str | None = None) -> Activity:
    """Return a page of what happened in somebody's account, in one query.

    :param before: where to go on, as an earlier page said; anything else is the first page.
    """
    lifetime = kit.config.event_lifetime
    later = before is not None and _CURSOR.fullmatch(before) is not None
    values = {
        "user_id": user_id,
        "before": before if later else _END,
        # What is purged a little later is not shown until then.
        "since": kit.now() - dt.timedelta(seconds=lifetime) if lifetime else _BEGINNING,
    }
    with kit.database.reading() as connection:
        found = [_Row(*row) for row in _ROWS.all(connection, values)]
    lines: list[Line] = []
    last = None
    for row in found[:MOST]:
        # One that this version does not know is passed over.
        line = _line(row, user_id) if row.name in _NAMES else None
        same = _same(lines, line) if line else None
        if same is not None:
            lines[same] = lines[same]._replace(times=lines[same].times + 1)
        elif line and len(lines) == SIZE:
            return Activity(lines, last, later)
        elif line:
            lines.append(line)
        last = row.id
    return Activity(lines, last if len(found) > MOST else None, later)


def is_known(name: str, data: Mapping[str, t.Any], actor_id: str | None, user_id: str) -> bool:
    """Tell whether somebody may know from where and with what something was done to them.

    Where an administrator sits is not told.
    """
    return actor_id == user_id or _is_attempt(name, data)


def _is_attempt(name: str, data: Mapping[str, t.Any]) -> bool:
    return name in ATTEMPTS or "purpose" in data


def _line(row: _Row, user_id: str) -> Line:
    name = _NAMES[row.name]
    tried = _is_attempt(name, row.data)
    # Another account of the same browser: no more than that it took the place is one's own.
    replaced = name is EventName.SESSION_ENDED
    own = row.actor_id == user_id
    by: t.Literal["another", "app"] | None = None
    if not (own or tried or replaced):
        by = "another" if row.actor_id else "app"
    known = is_known(name, row.data, row.actor_id, user_id)
    return Line(
        name=name,
        data=row.data,
        by=by,
        ip_address=row.ip_address if known else None,
        user_agent=row.user_agent if known else None,
        request_id=row.request_id,
        created_at=row.created_at,
    )


def _same(lines: list[Line], line: Line) -> int | None:
    """Return the place of a line that says the same: the last one, or among attempts on end."""
    for place in range(len(lines) - 1, -1, -1):
        if _repeats(lines[place], line):
            return place
        # Not the last one alone: two kinds of attempts by turns would bury the rest.
        if not {lines[place].name, line.name} <= ATTEMPTS:
            break
    return None


def _repeats(newer: Line, line: Line) -> bool:
    """Tell whether a line says the same as the one above: of attempts, or within one request."""
    if (newer.name, newer.by) != (line.name, line.by) or _said(newer) != _said(line):
        return False
    together = line.request_id is not None and newer.request_id == line.request_id
    return line.name in ATTEMPTS or together


def _said(line: Line) -> dict[str, t.Any]:
    return {key: value for key, value in line.data.items() if key not in _OWN}
