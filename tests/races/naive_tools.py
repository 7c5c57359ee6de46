"""How a guard is taken away in one process, and where who acts without it pauses."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from functools import wraps

from sqlalchemy import Select

from flask_userkit.services import database
from flask_userkit.services import locks
from tests.races import pause

Work = Callable[[], None]


def put(module: t.Any, name: str, value: object) -> Work:
    """Put something in the place of a guard."""
    return lambda: setattr(module, name, value)


def all_of(*works: Work) -> Work:
    """Do several of these."""

    def all_of_them() -> None:
        for work in works:
            work()

    return all_of_them


def late_after(module: t.Any, name: str) -> Work:
    """Pause once something was read or allowed."""
    act = getattr(module, name)

    @wraps(act)
    def act_and_pause(*args: t.Any, **kwargs: t.Any) -> t.Any:
        found = act(*args, **kwargs)
        pause.late()
        return found

    return put(module, name, act_and_pause)


def late_before(module: t.Any, name: str) -> Work:
    """Pause before something that follows from what was read."""
    act = getattr(module, name)

    @wraps(act)
    def pause_and_act(*args: t.Any, **kwargs: t.Any) -> t.Any:
        pause.late()
        return act(*args, **kwargs)

    return put(module, name, pause_and_act)


#: Who looks again sees what a lock would have shown.
LOOK_ONCE = put(database, "_RETRYABLE", frozenset({"40001", "40P01", 1020, 1213}))


def without_locks(*more: Work) -> Work:
    """Take away what every change of an identifier waits for, and something besides."""
    return all_of(
        put(Select, "with_for_update", lambda statement, **_: statement),
        put(locks, "_take_write_lock", lambda db: None),
        *more,
    )
