"""Identifiers of users: whose they are, and which is the primary one."""

from __future__ import annotations

import typing as t

from sqlalchemy import ColumnElement
from sqlalchemy import ScalarSelect
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..models import EmailAddress
from ..models import PhoneNumber
from ..models import User
from ..security.ids import new_id
from ..security.text import is_plain
from . import events
from . import identifier_codes
from . import notices
from .identifier_kinds import IdentifierKind
from .identifier_kinds import Typed
from .kit import Kit
from .kit import kit_of
from .locks import savepoint
from .locks import violates


def add_claim(
    db: Session, kind: IdentifierKind, user_id: str, typed: Typed
) -> EmailAddress | PhoneNumber:
    """Give a user one that is not proven; it blocks nobody. The caller holds their lock.

    :raises FormError: ``form_identifier_exists``: the user has it already.
    """
    return _insert(db, kind, user_id, typed, verified_key=None, verified_at=None)


def add_verified(
    db: Session, kind: IdentifierKind, user_id: str, typed: Typed, *, primary: bool
) -> EmailAddress | PhoneNumber:
    """Give a user one that is proven to be theirs; the caller holds the user's lock.

    :raises FormError: ``form_identifier_exists``: it is somebody's, decided by a unique index.
    """
    now = kit_of(db).now()
    row = _insert(db, kind, user_id, typed, verified_key=typed.key, verified_at=now)
    identifier_codes.void_claims(db, kind, typed.key)
    if primary:
        set_primary(db, kind, user_id, row.id)
    return row


def set_primary(db: Session, kind: IdentifierKind, user_id: str, id: str) -> bool:
    """Point at a user's primary one, if it is theirs and verified; one statement decides."""
    owned = select(kind.model.id).where(
        kind.model.id == id,
        kind.model.user_id == user_id,
        kind.model.verified_key.is_not(None),
    )
    return point(db, kind, user_id, owned.exists(), id) == 1


def point(
    db: Session,
    kind: IdentifierKind,
    user_id: str,
    condition: ColumnElement[bool],
    primary: str | ScalarSelect[t.Any],
) -> int:
    """Set the pointer to a user's primary one where a condition holds, and count that."""
    result = db.connection().execute(
        update(User)
        .where(User.id == user_id, condition)
        .values({kind.pointer: primary, User.updated_at: kit_of(db).now()})
    )
    read_anew(db, user_id)
    return result.rowcount


def read_anew(db: Session, user_id: str) -> None:
    """Let what a session holds of a user's identifiers be read again when it is next looked at."""
    held = db.identity_map.get(db.identity_key(User, user_id))
    if held is not None:
        pointers = ["primary_email_address_id", "primary_phone_number_id", "updated_at"]
        db.expire(held, [*pointers, "email_addresses", "phone_numbers"])


def require_primary(
    db: Session, kind: IdentifierKind, user_id: str, id: str, param: str | None = None
) -> None:
    """Point at a user's primary one.

    :raises FormError: ``form_verification_needed``: not theirs, or not verified.
    """
    if not is_plain(id) or not set_primary(db, kind, user_id, id):
        raise kind.unverified_primary(param or f"primary_{kind.name}_id")


def promote(db: Session, kind: IdentifierKind, user_id: str, id: str, *, notify: bool) -> None:
    """Make another one the primary one for the app; the caller holds the user's lock.

    :param notify: tell the user by mail, as of a change of their own.
    :raises FormError: ``form_verification_needed``: not theirs, or not verified.
    """
    earlier = db.execute(
        select(kind.pointer).where(User.id == user_id).with_for_update(read=True)
    ).scalar_one()
    spelling = select(kind.value).where(kind.model.id == (id if is_plain(id) else ""))
    value = db.execute(spelling.with_for_update(read=True)).scalar_one_or_none()
    about = kind.display(value) if value else None
    tell = notices.before(db, user_id, about) if notify else notices.NOBODY
    require_primary(db, kind, user_id, id)
    if earlier != id:
        events.emit(db, kind.updated, user_id, tell, **kind.id_data(id), primary=True)


def owner_id(kit: Kit, kind: IdentifierKind, key: str) -> str | None:
    """Return who has proven one, before the transaction begins, or None."""
    statement = select(kind.model.user_id).where(kind.model.verified_key == key)
    with kit.database.reading() as connection:
        return connection.execute(statement).scalar_one_or_none()


class Owner(t.NamedTuple):
    """Whose an identifier is, and how they spell it."""

    user_id: str
    value: str


def owner(db: Session, kind: IdentifierKind, key: str) -> Owner | None:
    """Return who has proven one, or None."""
    statement = select(kind.model.user_id, kind.value)
    row = db.execute(statement.where(kind.model.verified_key == key)).one_or_none()
    return Owner(*row) if row else None


def _insert(
    db: Session, kind: IdentifierKind, user_id: str, typed: Typed, **values: t.Any
) -> EmailAddress | PhoneNumber:
    row = kind.model(
        id=new_id("idn"),
        user_id=user_id,
        created_at=kit_of(db).now(),
        **{kind.value.key: typed.value, kind.key.key: typed.key},
        **values,
    )
    try:
        with savepoint(db):
            db.add(row)
            db.flush()
    except IntegrityError as error:
        if any(violates(error, kind.model.__tablename__, name) for name in kind.unique):
            raise kind.taken() from error
        raise
    read_anew(db, user_id)
    return row
