"""Recovery without the statements that guard it, for races that have to be lost."""

from __future__ import annotations

import typing as t

from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session as DbSession

from flask_userkit.models import User
from flask_userkit.services import events
from flask_userkit.services import lockouts
from flask_userkit.services import outstanding
from flask_userkit.services import password_changes
from flask_userkit.services import password_resets
from flask_userkit.services.kit import kit_of
from flask_userkit.services.locks import LockedUser
from flask_userkit.services.sign_in_look_up import Found
from flask_userkit.services.verifications import Proof


def _lock(db: DbSession, proof: Proof, _before: object) -> LockedUser:
    columns = (User.id, User.password_digest, User.banned, User.locked_until)
    return LockedUser(*db.execute(select(*columns).where(User.id == proof.user_id)).one())


def _lock_and_tell(db: DbSession, found: Found, *_: object, **__: object) -> None:
    mine = User.id == found.user_id
    until = db.execute(select(User.locked_until).where(mine)).scalar_one()
    if until is None:
        now = kit_of(db).now()
        db.execute(update(User).where(mine).values(locked_until=now + lockouts.LIFETIME))
        events.emit(db, events.EventName.USER_LOCKED, found.user_id)


def _nothing(*_: object) -> None:
    """Stand in the place of a guard."""


def _set(module: t.Any, name: str, value: object) -> t.Callable[[], None]:
    return lambda: setattr(module, name, value)


def all_of(*works: t.Callable[[], None]) -> t.Callable[[], None]:
    def all_of_them() -> None:
        for work in works:
            work()

    return all_of_them


NAIVE: dict[str, t.Callable[[], None]] = {
    # What comes after the end of the codes would hide that two are let through.
    "lock of a reset": all_of(
        _set(password_resets, "_lock", _lock),
        _set(password_changes, "refuse_if_changed", _nothing),
        _set(outstanding, "end", _nothing),
    ),
    "end of codes": _set(outstanding, "end", _nothing),
    "lock of an account": _set(lockouts, "_lock_and_tell", _lock_and_tell),
}
