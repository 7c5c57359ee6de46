"""Claims that become a user's own, and identifiers that they give up."""

from __future__ import annotations

import typing as t

from sqlalchemy import Delete
from sqlalchemy import Update
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..models import Verification
from . import identifier_codes
from . import identifiers
from .identifier_kinds import IdentifierKind
from .kit import kit_of
from .locks import savepoint
from .locks import violates

if t.TYPE_CHECKING:
    from sqlalchemy import CursorResult


def verify(db: Session, kind: IdentifierKind, user_id: str, id: str) -> bool:
    """Make a claim the user's own, and tell whether it was one; the caller holds their lock.

    The first that is proven becomes the primary one.

    :raises FormError: ``form_identifier_exists``: somebody proved it first, decided by a unique
        index.
    """
    claim = (
        kind.model.id == id,
        kind.model.user_id == user_id,
        kind.model.verified_key.is_(None),
    )
    statement = update(kind.model).where(*claim)
    try:
        with savepoint(db):
            changed = _change(
                db,
                statement.values(verified_key=kind.key, verified_at=kit_of(db).now()),
            )
    except IntegrityError as error:
        if violates(error, kind.model.__tablename__, "verified_key"):
            raise kind.taken() from error
        raise
    if not changed:
        return False
    key = db.execute(select(kind.key).where(kind.model.id == id)).scalar_one()
    identifier_codes.void_claims(db, kind, key)
    ensure_primary(db, kind, user_id)
    return True


def unverify(db: Session, kind: IdentifierKind, user_id: str, id: str) -> bool:
    """Make one a claim again, and tell whether it was proven; the caller holds the lock."""
    proven = (
        kind.model.id == id,
        kind.model.user_id == user_id,
        kind.model.verified_key.is_not(None),
    )
    identifier_codes.retire(db, kind, user_id, id)
    _set_pointer(db, kind, user_id, instead_of=id)
    values = {"verified_key": None, "verified_at": None}
    changed = _change(db, update(kind.model).where(*proven).values(values))
    kind.settle(db, user_id)
    return changed == 1


def remove(db: Session, kind: IdentifierKind, user_id: str, id: str) -> bool:
    """Remove one, use up whatever was sent to it, and tell whether it was there.

    Where it was the primary one, the oldest that is proven takes its place. The caller holds
    the user's lock.
    """
    mine = (kind.model.id == id, kind.model.user_id == user_id)
    identifier_codes.retire(db, kind, user_id, id)
    _set_pointer(db, kind, user_id, instead_of=id)
    sent = (kind.proves == id, Verification.user_id == user_id)
    db.execute(delete(Verification).where(*sent, Verification.expire_at <= kit_of(db).now()))
    # Kept, or to remove one and to add it again would bring new guesses at once.
    db.execute(
        update(Verification)
        .where(*sent)
        .values({kind.proves: None})
        .execution_options(synchronize_session=False)
    )
    changed = _change(db, delete(kind.model).where(*mine))
    kind.settle(db, user_id)
    return changed == 1


def ensure_primary(db: Session, kind: IdentifierKind, user_id: str) -> None:
    """Point at the oldest that is proven of a user who has no primary one."""
    _set_pointer(db, kind, user_id, instead_of=None)


def _set_pointer(
    db: Session, kind: IdentifierKind, user_id: str, *, instead_of: str | None
) -> None:
    """Point at the oldest that is proven in place of one, or of none."""
    current = kind.pointer
    oldest = select(func.min(kind.model.id)).where(
        kind.model.user_id == user_id,
        kind.model.verified_key.is_not(None),
        kind.model.id != (instead_of or ""),
    )
    unset = or_(current.is_(None), current == instead_of)
    identifiers.point(db, kind, user_id, unset, oldest.scalar_subquery())


def _change(db: Session, statement: Update | Delete) -> int:
    """Run a statement, also for the rows that the session holds, and count what it changed."""
    return t.cast("CursorResult[t.Any]", db.execute(statement)).rowcount
