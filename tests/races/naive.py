"""The same services without the statement that guards them, for races that have to be lost.

Each reads first and writes what it then thinks is true. On SQLite the write lock that a
transaction takes at its beginning guards too, so a naive build goes without it.
"""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Callable
from types import SimpleNamespace

from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session as DbSession

from flask_userkit import models
from flask_userkit.models import Client
from flask_userkit.models import DataExport
from flask_userkit.models import EmailAddress
from flask_userkit.models import LimitHit
from flask_userkit.models import OutboxMessage
from flask_userkit.models import PhoneNumber
from flask_userkit.models import Session
from flask_userkit.models import SuspendedForm
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.security.ids import new_id
from flask_userkit.security.tokens import new_token
from flask_userkit.security.tokens import token_digest
from flask_userkit.services import avatars
from flask_userkit.services import clients
from flask_userkit.services import data_export_work
from flask_userkit.services import database
from flask_userkit.services import engines
from flask_userkit.services import identifier_claims
from flask_userkit.services import identifier_proofs
from flask_userkit.services import identifiers
from flask_userkit.services import identity
from flask_userkit.services import limit_storage
from flask_userkit.services import limits
from flask_userkit.services import locks
from flask_userkit.services import outbox
from flask_userkit.services import outbox_texts
from flask_userkit.services import own_passwords
from flask_userkit.services import purge
from flask_userkit.services import reverification
from flask_userkit.services import sessions
from flask_userkit.services import sign_in_look_up
from flask_userkit.services import sign_ins
from flask_userkit.services import suspended_forms
from flask_userkit.services import usernames
from flask_userkit.services import users
from flask_userkit.services import verification_refusals
from flask_userkit.services import verifications
from flask_userkit.services.identifier_kinds import IdentifierKind
from flask_userkit.services.identifier_kinds import Typed
from flask_userkit.services.kit import Kit
from flask_userkit.services.kit import kit_of
from flask_userkit.services.locks import LockedUser
from flask_userkit.services.purposes import Purpose
from tests.races import recovery_naive

CLAIM = outbox._claim
DELETE = purge._delete


def install(guard: str) -> None:
    """Take one guard away, in this process alone."""
    engines.WRITE["userkit_begin"] = ""
    NAIVE[guard]()


def _consume(db: DbSession, proof: verifications.Proof) -> None:
    mine = Verification.id == proof.verification_id
    if db.execute(select(Verification.consumed_at).where(mine)).scalar_one() is not None:
        raise verification_refusals.used()
    db.execute(update(Verification).where(mine).values(consumed_at=kit_of(db).now()))


def _reserve(
    kit: Kit, verification_id: str, purpose: Purpose, *_: object
) -> verifications._Reserved:
    mine = Verification.id == verification_id
    with kit.database.side() as connection:
        row = connection.execute(
            select(
                Verification.code_digest,
                Verification.attempts,
                Verification.address,
                Verification.expire_at,
            ).where(mine)
        ).one()
        if row.attempts >= verifications.MAX_ATTEMPTS:
            raise verification_refusals.failed(purpose, row.expire_at - kit.now())
        connection.execute(update(Verification).where(mine).values(attempts=row.attempts + 1))
    return verifications._Reserved(
        row.code_digest, row.attempts + 1, row.address, None, row.expire_at
    )


def _lock(db: DbSession, user_id: str) -> LockedUser | None:
    columns = (User.id, User.password_digest, User.banned)
    row = db.execute(select(*columns).where(User.id == user_id)).one_or_none()
    return LockedUser(*row) if row else None


def _is_signed_in(_db: DbSession, user: LockedUser, _client_id: str) -> bool:
    # What was read of the session before the user was locked has to do.
    return not user.banned


def _require(db: DbSession, who: reverification.Who) -> LockedUser:
    user = _lock(db, who.user_id)
    active = (Session.id == who.session_id, Session.status == "active")
    proven = db.execute(select(Session.first_factor_verified_at).where(*active)).first()
    if user is None or proven is None:
        raise reverification.required()
    return user


def _take(
    db: DbSession, _who: reverification.Who, _action: str, form_id: str
) -> suspended_forms.Suspended | None:
    form = db.execute(select(SuspendedForm).where(SuspendedForm.id == form_id)).scalar()
    if form is None:
        return None
    db.execute(delete(SuspendedForm).where(SuspendedForm.id == form_id))
    return suspended_forms.Suspended([], complete=True)


def _rotate(db: DbSession, client: Client, **changes: str | None) -> str:
    token = new_token()
    values = {"token_digest": token_digest(token), **changes}
    db.execute(update(Client).where(Client.id == client.id).values(values))
    return token


def _add_verified(
    db: DbSession, kind: IdentifierKind, user_id: str, typed: Typed, *, primary: bool
) -> EmailAddress | PhoneNumber:
    owned = (kind.key == typed.key, kind.model.verified_at.is_not(None))
    if db.execute(select(kind.model.id).where(*owned)).first():
        raise kind.taken()
    now = kit_of(db).now()
    spelled = {kind.value.key: typed.value, kind.key.key: typed.key}
    row = kind.model(id=new_id("idn"), user_id=user_id, created_at=now, verified_at=now, **spelled)
    db.add(row)
    db.flush()
    return row


def _insert_user(
    db: DbSession, *, username: str | None, by_self: bool = False, **values: t.Any
) -> User:
    if db.execute(select(User.id).where(User.username == username)).first():
        raise users.names.username_taken()
    now = kit_of(db).now()
    user = User(id=new_id("user"), username=username, created_at=now, updated_at=now, **values)
    db.add(user)
    db.flush()
    return user


def _write(db: DbSession, user_id: str, changes: dict[str, t.Any]) -> None:
    username = changes.pop("username_key")
    if db.execute(select(User.id).where(func.lower(User.username) == username)).first():
        raise users.names.username_taken()
    db.execute(update(User).where(User.id == user_id).values(changes))


def _touch(kit: Kit, found: identity.Identity) -> None:
    mine = Session.id == found.session_id
    with kit.database.side() as connection:
        connection.execute(
            update(Session).where(mine).values(last_active_at=kit.now(), status="active")
        )


def _claim(kit: Kit) -> outbox.Claimed | None:
    waiting = (OutboxMessage.done_at.is_(None), OutboxMessage.available_at <= kit.now())
    columns = (OutboxMessage.id, OutboxMessage.kind, OutboxMessage.payload)
    lease = new_id("lease")
    with kit.database.side() as connection:
        row = connection.execute(select(*columns).where(*waiting).limit(1)).one_or_none()
        if row is None:
            return None
        mine = OutboxMessage.id == row.id
        values = {"lease": lease, "available_at": kit.now() + outbox.LEASE}
        connection.execute(update(OutboxMessage).where(mine).values(values))
    return outbox.Claimed(row.id, lease, row.kind, row.payload or "", 1)


def _claim_as_sent(kit: Kit) -> outbox.Claimed | None:
    claimed = CLAIM(kit)
    if claimed is not None:
        outbox._finish(kit, claimed, sent=True)
    return claimed


def _end(work: data_export_work._Work, db: DbSession, status: str, **values: t.Any) -> bool:
    mine = DataExport.id == work.export_id
    db.execute(update(DataExport).where(mine).values(status=status, **values))
    return True


def _increment(
    connection: Connection, _now: dt.datetime, key: str, _expiry: int, amount: int
) -> int:
    digest = limit_storage._digest(key)
    hits = _hits(connection, digest)
    connection.execute(update(LimitHit).where(LimitHit.key == digest).values(hits=hits + amount))
    return hits + amount


def _hits(connection: Connection, digest: bytes) -> int:
    return int(connection.execute(select(LimitHit.hits).where(LimitHit.key == digest)).scalar_one())


def _lock_row(db: DbSession, user_id: str) -> None:
    db.execute(select(User.id).where(User.id == user_id)).one()


def _verify_claim(db: DbSession, kind: IdentifierKind, user_id: str, id: str) -> bool:
    row: t.Any = db.get_one(kind.model, id)
    same = (kind.key == getattr(row, kind.key.key), kind.model.verified_at.is_not(None))
    if db.execute(select(kind.model.id).where(*same)).first():
        raise kind.taken()
    row.verified_at = kit_of(db).now()
    db.flush()
    return True


def _complete(
    db: DbSession, kind: IdentifierKind, user_id: str, id: str, proof: verifications.Proof
) -> None:
    mine = (kind.model.user_id == user_id, kind.value == proof.address)
    values = {"verified_at": kit_of(db).now(), "verified_key": kind.key}
    db.execute(update(kind.model).where(*mine).values(values))


def _set_primary(db: DbSession, kind: IdentifierKind, user_id: str, id: str) -> bool:
    owned = (kind.model.id == id, kind.model.user_id == user_id)
    if db.execute(select(kind.model.id).where(*owned)).first() is None:
        return False
    db.execute(update(User).where(User.id == user_id).values({kind.pointer: id}))
    return True


def _delete_what_was_read(
    connection: Connection, kind: purge.Kind, read: Select[t.Any]
) -> tuple[int, int]:
    found, _deleted = DELETE(connection, kind, read)
    return found, found


def _without_locks(*more: Callable[[], None]) -> Callable[[], None]:
    """Take away what every change of an identifier waits for, and something besides."""

    def work() -> None:
        setattr(Select, "with_for_update", lambda statement, **_: statement)  # noqa: B010 (not a method to mypy)
        setattr(locks, "_take_write_lock", lambda db: None)  # noqa: B010 (as above)
        for each in more:
            each()

    return work


def _set(module: t.Any, name: str, value: object) -> Callable[[], None]:
    return lambda: setattr(module, name, value)


#: Who looks again sees what a lock would have shown.
_LOOK_ONCE = _set(database, "_RETRYABLE", frozenset({"40001", "40P01", 1020, 1213}))
NAIVE: dict[str, Callable[[], None]] = {
    "consume": _set(verifications, "consume", _consume),
    "reserve": _set(verifications, "_reserve", _reserve),
    "lock": _set(sign_ins, "lock_user", _lock),
    "address of a code": _set(sign_in_look_up, "is_theirs", lambda *_: True),
    "is signed in": _set(sessions, "is_signed_in", _is_signed_in),
    "require": _set(usernames, "require", _require),
    "lock of a password": recovery_naive.all_of(
        recovery_naive.NAIVE["lock of a reset"], _set(own_passwords, "require", _require)
    ),
    "take": _set(suspended_forms, "take", _take),
    "rotate": _set(clients, "rotate", _rotate),
    "verified key": _set(identifiers, "add_verified", _add_verified),
    "username key": _set(users, "insert_user", _insert_user),
    "username key of a change": _set(users, "_write", _write),
    "address key": _set(identifier_claims, "verify", _verify_claim),
    "address row": _without_locks(_set(identifier_proofs, "complete", _complete)),
    "primary": _without_locks(_set(identifiers, "set_primary", _set_primary), _LOOK_ONCE),
    "user lock": _without_locks(_LOOK_ONCE),
    "touch": _set(identity, "touch", _touch),
    "purge": _without_locks(_set(purge, "_delete", _delete_what_was_read)),
    "look again": _LOOK_ONCE,
    "claim": _set(outbox, "_claim", _claim),
    "export lease": _without_locks(
        _set(outbox, "_claim", _claim),
        _set(outbox, "renew", lambda *_: True),
        _set(data_export_work._Work, "_end", _end),
        _set(data_export_work._Work, "_put", lambda *_: None),
    ),
    "picture": _set(avatars.users, "lock_row", _lock_row),
    "mark after": _set(outbox, "_claim", _claim_as_sent),
    "take a text": _set(outbox_texts, "_take", lambda *_: True),
    "count": _set(limit_storage, "_increment", _increment),
    "order": _set(limits, "_ORDER", SimpleNamespace(index=lambda purpose: 0)),
    **recovery_naive.NAIVE,
}
__all__ = ["install", "models"]
