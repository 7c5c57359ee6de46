"""Reverification: what touches a credential is done by who has just proven to be its owner."""

from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from ..errors import ReverificationError
from ..models import Session
from ..models import SessionStatus
from ..translations import gettext as _
from .kit import Kit
from .kit import kit_of
from .locks import LockedUser
from .locks import lock_user

Factors = t.Literal["first_factor", "second_factor", "multi_factor"]


class Who(t.Protocol):
    """A user in one of their sessions, such as the identity of a request."""

    @property
    def user_id(self) -> str: ...

    @property
    def session_id(self) -> str: ...


class Level(t.NamedTuple):
    """How much is to be proven, and for how many minutes that counts.

    As with Clerk, who has no second factor proves the first one in its place.
    """

    factors: Factors
    minutes: int


LEVELS: t.Final = {
    "strict_mfa": Level("multi_factor", 10),
    "strict": Level("second_factor", 10),
    "moderate": Level("second_factor", 60),
    "lax": Level("second_factor", 1440),
}
NO_SECOND_FACTOR = -1
#: How far the clocks of several servers may be apart.
SKEW = dt.timedelta(minutes=1)


def level_of(value: str | tuple[str, int]) -> Level:
    """Return a level by its name, or by its factors and minutes.

    :raises ValueError: there is none of that name, or it lasts for no minute.
    """
    if isinstance(value, str):
        if value not in LEVELS:
            raise ValueError(f"{value!r} is no level. There is: {', '.join(LEVELS)}.")
        return LEVELS[value]
    factors, minutes = value
    if factors not in t.get_args(Factors):
        known = ", ".join(t.get_args(Factors))
        raise ValueError(f"{factors!r} is no factor. There is: {known}.")
    # True is a number to Python.
    if type(minutes) is not int or minutes < 1:
        raise ValueError(f"{minutes!r} is no number of minutes.")
    return Level(t.cast(Factors, factors), minutes)


def require(db: DbSession, who: Who, level: Level = LEVELS["strict"]) -> LockedUser:
    """Lock a user who has just proven to be themselves, in this very session.

    :raises ReverificationError: ``session_reverification_required``: not proven, too long ago,
        or the session is over.
    """
    # Locked first: a session that is revoked meanwhile is then seen to be over.
    user = lock_user(db, who.user_id)
    statement = select(Session.first_factor_verified_at).where(*_mine(who))
    # A locking read: in an app's own transaction MariaDB would show an old snapshot.
    proven = db.execute(statement.with_for_update(read=True)).scalar_one_or_none()
    if user is None or not _counts(kit_of(db), proven, level):
        raise required(level)
    return user


def check(kit: Kit, who: Who, level: Level = LEVELS["strict"]) -> None:
    """Refuse before anything is counted or sent; ``require`` decides.

    :raises ReverificationError: ``session_reverification_required``.
    """
    if not is_fresh(kit, who, level):
        raise required(level)


def is_fresh(kit: Kit, who: Who, level: Level = LEVELS["strict"]) -> bool:
    """Tell whether a session's proof counts now; what is done after it asks by ``require``."""
    statement = select(Session.first_factor_verified_at).where(*_mine(who))
    with kit.database.reading() as connection:
        proven = connection.execute(statement).scalar_one_or_none()
    return _counts(kit, proven, level)


def required(level: Level = LEVELS["strict"]) -> ReverificationError:
    """Return the refusal of what is done without a proof."""
    return ReverificationError(
        _("Confirm that it is you to go on."),
        reverification={"level": level.factors, "afterMinutes": level.minutes},
    )


def factor_verification_age(
    now: dt.datetime, first: dt.datetime | None, second: dt.datetime | None
) -> list[int] | None:
    """Return the whole minutes since each factor was proven, as Clerk does.

    :return: since the first and since the second, -1 where that was not; None where nothing was.
    """
    if first is None:
        return None
    return [_minutes(now, first), NO_SECOND_FACTOR if second is None else _minutes(now, second)]


def _mine(who: Who) -> tuple[t.Any, ...]:
    return (
        Session.id == who.session_id,
        Session.user_id == who.user_id,
        Session.status == SessionStatus.ACTIVE.value,
    )


def _counts(kit: Kit, proven: dt.datetime | None, level: Level) -> bool:
    now = kit.now()
    # What is said to be proven in the future is from before the clock was set back.
    return proven is not None and now - dt.timedelta(minutes=level.minutes) < proven <= now + SKEW


def _minutes(now: dt.datetime, since: dt.datetime) -> int:
    # A clock that was set back makes nothing younger than now.
    return max(0, (now - since) // dt.timedelta(minutes=1))
