"""Identifiers without the statements that guard them, for races that have to be lost."""

from __future__ import annotations

import typing as t

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session as DbSession

from flask_userkit.models import EmailAddress
from flask_userkit.models import PhoneNumber
from flask_userkit.models import User
from flask_userkit.security.ids import new_id
from flask_userkit.services import identifier_claims
from flask_userkit.services import identifier_proofs
from flask_userkit.services import identifiers
from flask_userkit.services import inventory
from flask_userkit.services import names
from flask_userkit.services import own_identifiers
from flask_userkit.services import user_rows
from flask_userkit.services import verifications
from flask_userkit.services.identifier_kinds import IdentifierKind
from flask_userkit.services.identifier_kinds import Typed
from flask_userkit.services.kit import kit_of
from tests.races import pause
from tests.races.naive_tools import LOOK_ONCE
from tests.races.naive_tools import Work
from tests.races.naive_tools import late_after
from tests.races.naive_tools import put
from tests.races.naive_tools import without_locks


def _add_verified(
    db: DbSession, kind: IdentifierKind, user_id: str, typed: Typed, *, primary: bool
) -> EmailAddress | PhoneNumber:
    owned = (kind.key == typed.key, kind.model.verified_at.is_not(None))
    if db.execute(select(kind.model.id).where(*owned)).first():
        raise kind.taken()
    pause.late()
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
        raise names.username_taken()
    pause.late()
    now = kit_of(db).now()
    user = User(id=new_id("user"), username=username, created_at=now, updated_at=now, **values)
    db.add(user)
    db.flush()
    return user


def _write_row(db: DbSession, user_id: str, changes: dict[str, t.Any]) -> None:
    username = changes.pop("username_key")
    if db.execute(select(User.id).where(func.lower(User.username) == username)).first():
        raise names.username_taken()
    pause.late()
    db.execute(update(User).where(User.id == user_id).values(changes))


def _verify_claim(db: DbSession, kind: IdentifierKind, user_id: str, id: str) -> bool:
    row: t.Any = db.get_one(kind.model, id)
    same = (kind.key == getattr(row, kind.key.key), kind.model.verified_at.is_not(None))
    if db.execute(select(kind.model.id).where(*same)).first():
        raise kind.taken()
    pause.late()
    row.verified_at = kit_of(db).now()
    db.flush()
    return True


def _complete(
    db: DbSession, kind: IdentifierKind, user_id: str, id: str, proof: verifications.Proof
) -> None:
    pause.late()
    mine = (kind.model.user_id == user_id, kind.value == proof.address)
    values = {"verified_at": kit_of(db).now(), "verified_key": kind.key}
    db.execute(update(kind.model).where(*mine).values(values))


def _set_primary(db: DbSession, kind: IdentifierKind, user_id: str, id: str) -> bool:
    owned = (kind.model.id == id, kind.model.user_id == user_id)
    if db.execute(select(kind.model.id).where(*owned)).first() is None:
        return False
    pause.late(id)
    db.execute(update(User).where(User.id == user_id).values({kind.pointer: id}))
    return True


NAIVE: dict[str, Work] = {
    "verified key": put(identifiers, "add_verified", _add_verified),
    "username key": put(user_rows, "insert_user", _insert_user),
    "username key of a change": put(user_rows, "write_row", _write_row),
    "address key": put(identifier_claims, "verify", _verify_claim),
    "address row": without_locks(put(identifier_proofs, "complete", _complete)),
    "primary": without_locks(put(identifiers, "set_primary", _set_primary), LOOK_ONCE),
    "lock of a way in": without_locks(LOOK_ONCE, late_after(inventory, "require_removable")),
    "lock of a claim": without_locks(LOOK_ONCE, late_after(own_identifiers, "_own_claim")),
}
