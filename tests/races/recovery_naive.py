"""Recovery without the statements that guard it, for races that have to be lost."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session as DbSession

from flask_userkit.events import EventName
from flask_userkit.models import User
from flask_userkit.services import events
from flask_userkit.services import lockouts
from flask_userkit.services import outstanding
from flask_userkit.services import password_changes
from flask_userkit.services import password_resets
from flask_userkit.services import sign_ins
from flask_userkit.services.kit import kit_of
from flask_userkit.services.locks import LockedUser
from flask_userkit.services.sign_in_look_up import Found
from flask_userkit.services.verifications import Proof
from tests.races import pause
from tests.races.naive_tools import Work
from tests.races.naive_tools import all_of
from tests.races.naive_tools import late_before
from tests.races.naive_tools import put


def _lock(db: DbSession, proof: Proof, _before: object) -> LockedUser:
    columns = (User.id, User.password_digest, User.banned, User.locked_until)
    row = db.execute(select(*columns).where(User.id == proof.user_id)).one()
    pause.late()
    return LockedUser(*row)


def _lock_and_tell(db: DbSession, found: Found, *_: object, **__: object) -> None:
    mine = User.id == found.user_id
    until = db.execute(select(User.locked_until).where(mine)).scalar_one()
    if until is None:
        pause.late()
        now = kit_of(db).now()
        db.execute(update(User).where(mine).values(locked_until=now + lockouts.LIFETIME))
        events.emit(db, EventName.USER_LOCKED, found.user_id)


def _nothing(*_: object) -> None:
    """Stand in the place of a guard."""


NAIVE: dict[str, Work] = {
    # What comes after the end of the codes would hide that two are let through.
    "lock of a reset": all_of(
        put(password_resets, "_lock", _lock),
        put(password_changes, "refuse_if_changed", _nothing),
        put(outstanding, "end", _nothing),
    ),
    "end of codes": all_of(put(outstanding, "end", _nothing), late_before(sign_ins, "lock_user")),
    "lock of an account": put(lockouts, "_lock_and_tell", _lock_and_tell),
}
