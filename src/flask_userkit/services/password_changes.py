"""Another password: written for all that set one, with the end of what the old one let in."""

from __future__ import annotations

import typing as t

from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..errors import ForbiddenError
from ..errors import VerificationError
from ..events import EventName
from ..models import User
from ..translations import gettext as _
from . import events
from . import known_devices
from . import lockouts
from . import notices
from . import outstanding
from . import passwords
from . import sessions
from .kit import Kit
from .kit import kit_of
from .locks import LockedUser


class Before(t.NamedTuple):
    """What was true of a person before their new password was hashed."""

    digest: str | None
    #: What an attacker tries first.
    words: list[str | None]


def refuse_if_off(kit: Kit) -> None:
    """Refuse where nobody has a password.

    :raises ForbiddenError: ``password_disabled``.
    """
    if kit.config.password == "off":
        raise ForbiddenError(_("Passwords are off here. Ask for a code."), code="password_disabled")


def look_at(kit: Kit, user_id: str) -> Before | None:
    """Return what is true of a person now, or None where there is nobody."""
    person = select(User.password_digest, User.username, User.first_name, User.last_name)
    with kit.database.reading() as connection:
        row = connection.execute(person.where(User.id == user_id)).one_or_none()
        identifiers = connection.scalars(passwords.identifiers_of(user_id)).all()
    return Before(row.password_digest, [*row[1:], *identifiers]) if row else None


def refuse_if_changed(user: LockedUser, before: Before) -> None:
    """Refuse where another password was set meanwhile; the caller has the lock.

    Of two that are set at once the second would undo the first, and shut its owner out.

    :raises VerificationError: ``password_changed``.
    """
    if user.password_digest != before.digest:
        raise VerificationError(
            _("Your password was changed meanwhile. Sign in with the new one, or start again."),
            code="password_changed",
        )


def write(
    db: Session,
    user: LockedUser,
    digest: str | None,
    name: EventName,
    tell: notices.Before,
    *,
    revoke: bool = True,
    except_session_id: str | None = None,
) -> LockedUser:
    """Write a password or none, and end all that somebody else may hold.

    The caller has the lock.

    :param revoke: whether the sessions of the user end; those that go on have to confirm anew
        that it is them.
    :param except_session_id: the one that goes on as it is.
    """
    kit = kit_of(db)
    now = kit.now()
    key = known_devices.new_key()
    values = {"password_digest": digest, "password_updated_at": now if digest else None}
    db.execute(
        update(User)
        .where(User.id == user.id)
        .values(locked_until=None, device_key=key, updated_at=now, **values)
    )
    if revoke:
        sessions.revoke_all(db, user.id, except_session_id=except_session_id, actor_id=user.id)
    else:
        sessions.forget_proofs(db, user.id, except_session_id=except_session_id)
    outstanding.end(db, user.id)
    # Who resets it is not signed in yet.
    events.emit(db, name, user.id, tell, actor_id=user.id)
    if lockouts.is_locked(kit, user):
        events.emit(db, EventName.USER_UNLOCKED, user.id, actor_id=user.id)
    lockouts.forget_failures(db, user.id)
    return user._replace(password_digest=digest, locked_until=None, device_key=key)
