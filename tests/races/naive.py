"""The same services without the statement that guards them, for races that have to be lost.

Each reads first and writes what it then thinks is true. On SQLite the write lock that a
transaction takes at its beginning guards too, so a naive build goes without it.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from sqlalchemy import Connection
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session as DbSession

from flask_userkit import models
from flask_userkit.models import Client
from flask_userkit.models import EmailAddress
from flask_userkit.models import LimitHit
from flask_userkit.models import OutboxMessage
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.security.addresses import Address
from flask_userkit.security.ids import new_id
from flask_userkit.security.tokens import new_token
from flask_userkit.security.tokens import token_digest
from flask_userkit.services import clients
from flask_userkit.services import email_addresses
from flask_userkit.services import engines
from flask_userkit.services import identity
from flask_userkit.services import limit_storage
from flask_userkit.services import outbox
from flask_userkit.services import sign_ins
from flask_userkit.services import users
from flask_userkit.services import verifications
from flask_userkit.services.kit import Kit
from flask_userkit.services.kit import kit_of
from flask_userkit.services.locks import LockedUser


def install(guard: str) -> None:
    """Take one guard away, in this process alone."""
    engines.WRITE["userkit_begin"] = ""
    NAIVE[guard]()


def _consume(db: DbSession, proof: verifications.Proof) -> None:
    mine = Verification.id == proof.verification_id
    if db.execute(select(Verification.consumed_at).where(mine)).scalar_one() is not None:
        raise verifications._used()
    db.execute(update(Verification).where(mine).values(consumed_at=kit_of(db).now()))


def _reserve(kit: Kit, verification_id: str, *_: object) -> verifications._Reserved:
    mine = Verification.id == verification_id
    with kit.database.side() as connection:
        row = connection.execute(
            select(Verification.code_digest, Verification.attempts, Verification.address).where(
                mine
            )
        ).one()
        if row.attempts >= verifications.MAX_ATTEMPTS:
            raise verifications._failed()
        connection.execute(update(Verification).where(mine).values(attempts=row.attempts + 1))
    return verifications._Reserved(row.code_digest, row.attempts + 1, row.address, None)


def _lock(db: DbSession, user_id: str) -> LockedUser | None:
    columns = (User.id, User.password_digest, User.banned)
    row = db.execute(select(*columns).where(User.id == user_id)).one_or_none()
    return LockedUser(*row) if row else None


def _rotate(db: DbSession, client: Client, **changes: str | None) -> str:
    token = new_token()
    values = {"token_digest": token_digest(token), **changes}
    db.execute(update(Client).where(Client.id == client.id).values(values))
    return token


def _add_verified(db: DbSession, user_id: str, address: Address, *, primary: bool) -> EmailAddress:
    owned = (EmailAddress.email_key == address.key, EmailAddress.verified_at.is_not(None))
    if db.execute(select(EmailAddress.id).where(*owned)).first():
        raise email_addresses.taken()
    now = kit_of(db).now()
    email = EmailAddress(id=new_id("idn"), user_id=user_id, created_at=now, verified_at=now)
    email.email_address, email.email_key = address.address, address.key
    db.add(email)
    db.flush()
    return email


def _insert_user(db: DbSession, *, username: str | None, **values: t.Any) -> User:
    if db.execute(select(User.id).where(User.username == username)).first():
        raise users.names.username_taken()
    now = kit_of(db).now()
    user = User(id=new_id("user"), username=username, created_at=now, updated_at=now, **values)
    db.add(user)
    db.flush()
    return user


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


def _incr(storage: limit_storage.SqlStorage, key: str, expiry: int, amount: int = 1) -> int:
    digest = limit_storage._digest(key)
    with storage._kit.database.side() as connection:
        hits = _hits(connection, digest)
        connection.execute(
            update(LimitHit).where(LimitHit.key == digest).values(hits=hits + amount)
        )
    return hits + amount


def _hits(connection: Connection, digest: bytes) -> int:
    return int(connection.execute(select(LimitHit.hits).where(LimitHit.key == digest)).scalar_one())


def _set(module: t.Any, name: str, value: object) -> Callable[[], None]:
    return lambda: setattr(module, name, value)


NAIVE: dict[str, Callable[[], None]] = {
    "consume": _set(verifications, "consume", _consume),
    "reserve": _set(verifications, "_reserve", _reserve),
    "lock": _set(sign_ins, "lock_user", _lock),
    "rotate": _set(clients, "rotate", _rotate),
    "verified key": _set(email_addresses, "add_verified", _add_verified),
    "username key": _set(users, "insert_user", _insert_user),
    "touch": _set(identity, "touch", _touch),
    "claim": _set(outbox, "_claim", _claim),
    "count": _set(limit_storage.SqlStorage, "incr", _incr),
}
__all__ = ["install", "models"]
