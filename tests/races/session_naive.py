"""Sessions and their browsers without what guards them, for races that have to be lost."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session as DbSession

from flask_userkit.models import Client
from flask_userkit.models import Session
from flask_userkit.models import SuspendedForm
from flask_userkit.models import User
from flask_userkit.security.tokens import new_token
from flask_userkit.security.tokens import token_digest
from flask_userkit.services import clients
from flask_userkit.services import identifier_proofs
from flask_userkit.services import identity
from flask_userkit.services import own_passwords
from flask_userkit.services import reverification
from flask_userkit.services import sessions
from flask_userkit.services import sign_in_look_up
from flask_userkit.services import sign_ins
from flask_userkit.services import suspended_forms
from flask_userkit.services import usernames
from flask_userkit.services.kit import Kit
from flask_userkit.services.locks import LockedUser
from tests.races import pause
from tests.races import recovery_naive
from tests.races.naive_tools import LOOK_ONCE
from tests.races.naive_tools import Work
from tests.races.naive_tools import all_of
from tests.races.naive_tools import late_after
from tests.races.naive_tools import late_before
from tests.races.naive_tools import put
from tests.races.naive_tools import without_locks


def _read(db: DbSession, user_id: str) -> LockedUser | None:
    columns = (User.id, User.password_digest, User.banned)
    row = db.execute(select(*columns).where(User.id == user_id)).one_or_none()
    return LockedUser(*row) if row else None


def _lock(db: DbSession, user_id: str) -> LockedUser | None:
    user = _read(db, user_id)
    pause.late()
    return user


def _is_signed_in(_db: DbSession, user: LockedUser, _client_id: str) -> bool:
    # What was read of the session before the user was locked has to do.
    return not user.banned


def _require(db: DbSession, who: reverification.Who) -> LockedUser:
    user = _read(db, who.user_id)
    active = (Session.id == who.session_id, Session.status == "active")
    proven = db.execute(select(Session.first_factor_verified_at).where(*active)).first()
    if user is None or proven is None:
        raise reverification.required()
    return user


def _require_and_pause(db: DbSession, who: reverification.Who) -> LockedUser:
    user = _require(db, who)
    pause.late()
    return user


def _take(
    db: DbSession, _who: reverification.Who, _action: str, form_id: str
) -> suspended_forms.Suspended | None:
    form = db.execute(select(SuspendedForm).where(SuspendedForm.id == form_id)).scalar()
    if form is None:
        return None
    pause.late()
    # By a statement of the connection: how many were deleted is nobody's business here.
    db.connection().execute(delete(SuspendedForm).where(SuspendedForm.id == form_id))
    return suspended_forms.Suspended([], complete=True)


def _rotate(db: DbSession, client: Client, **changes: str | None) -> str:
    token = new_token()
    values = {"token_digest": token_digest(token), **changes}
    pause.late()
    db.execute(update(Client).where(Client.id == client.id).values(values))
    return token


def _touch(kit: Kit, found: identity.Identity) -> None:
    pause.late()
    mine = Session.id == found.session_id
    with kit.database.side() as connection:
        connection.execute(
            update(Session).where(mine).values(last_active_at=kit.now(), status="active")
        )


NAIVE: dict[str, Work] = {
    "lock": put(sign_ins, "lock_user", _lock),
    # Before the user is locked, or the end of the session would wait for that.
    "is signed in": all_of(
        put(sessions, "is_signed_in", _is_signed_in), late_before(identifier_proofs, "complete")
    ),
    "address of a code": all_of(
        put(sign_in_look_up, "is_theirs", lambda *_: True), late_after(sign_in_look_up, "find")
    ),
    "require": put(usernames, "require", _require_and_pause),
    "lock of a password": all_of(
        recovery_naive.NAIVE["lock of a reset"], put(own_passwords, "require", _require)
    ),
    "take": put(suspended_forms, "take", _take),
    "rotate": put(clients, "rotate", _rotate),
    "touch": put(identity, "touch", _touch),
    # What is read of those that end is followed by the end of their forms.
    "lock of an end": without_locks(LOOK_ONCE, late_before(suspended_forms, "forget")),
    "look again": all_of(LOOK_ONCE, late_after(clients, "ensure")),
}
