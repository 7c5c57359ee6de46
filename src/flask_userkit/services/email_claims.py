"""Claims that become addresses of a user's own, and addresses that they give up."""

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

from ..models import EmailAddress
from ..models import User
from ..models import Verification
from . import address_codes
from . import email_addresses
from .kit import kit_of
from .locks import savepoint
from .locks import violates

if t.TYPE_CHECKING:
    from sqlalchemy import CursorResult


def verify(db: Session, user_id: str, email_address_id: str) -> bool:
    """Make a claim the user's own, and tell whether it was one; the caller holds their lock.

    The first proven address becomes the primary one.

    :raises FormError: ``form_identifier_exists``: somebody proved it first, decided by a unique
        index.
    """
    claim = (
        EmailAddress.id == email_address_id,
        EmailAddress.user_id == user_id,
        EmailAddress.verified_key.is_(None),
    )
    statement = update(EmailAddress).where(*claim)
    try:
        with savepoint(db):
            changed = _change(
                db,
                statement.values(verified_key=EmailAddress.email_key, verified_at=kit_of(db).now()),
            )
    except IntegrityError as error:
        if violates(error, "userkit_email_address", "verified_key"):
            raise email_addresses.taken() from error
        raise
    if not changed:
        return False
    key = db.execute(
        select(EmailAddress.email_key).where(EmailAddress.id == email_address_id)
    ).scalar_one()
    address_codes.void_claims(db, key)
    ensure_primary(db, user_id)
    return True


def unverify(db: Session, user_id: str, email_address_id: str) -> bool:
    """Make an address a claim again, and tell whether it was proven; the caller holds the lock."""
    proven = (
        EmailAddress.id == email_address_id,
        EmailAddress.user_id == user_id,
        EmailAddress.verified_key.is_not(None),
    )
    address_codes.retire(db, user_id, email_address_id)
    _set_pointer(db, user_id, instead_of=email_address_id)
    values = {"verified_key": None, "verified_at": None}
    return _change(db, update(EmailAddress).where(*proven).values(values)) == 1


def remove(db: Session, user_id: str, email_address_id: str) -> bool:
    """Remove an address, use up whatever was sent to it, and tell whether it was there.

    Where it was the primary one, the oldest that is proven takes its place. The caller holds
    the user's lock.
    """
    mine = (EmailAddress.id == email_address_id, EmailAddress.user_id == user_id)
    address_codes.retire(db, user_id, email_address_id)
    _set_pointer(db, user_id, instead_of=email_address_id)
    sent = (Verification.email_address_id == email_address_id, Verification.user_id == user_id)
    db.execute(delete(Verification).where(*sent, Verification.expire_at <= kit_of(db).now()))
    # Kept, or to remove an address and to add it again would bring new guesses at once.
    db.execute(
        update(Verification)
        .where(*sent)
        .values(email_address_id=None)
        .execution_options(synchronize_session=False)
    )
    return _change(db, delete(EmailAddress).where(*mine)) == 1


def ensure_primary(db: Session, user_id: str) -> None:
    """Point at the oldest proven address of a user who has no primary one."""
    _set_pointer(db, user_id, instead_of=None)


def _set_pointer(db: Session, user_id: str, *, instead_of: str | None) -> None:
    """Point at the oldest proven address in place of one, or of none."""
    current = User.primary_email_address_id
    oldest = select(func.min(EmailAddress.id)).where(
        EmailAddress.user_id == user_id,
        EmailAddress.verified_key.is_not(None),
        EmailAddress.id != (instead_of or ""),
    )
    unset = or_(current.is_(None), current == instead_of)
    email_addresses.point(db, user_id, unset, oldest.scalar_subquery())


def _change(db: Session, statement: Update | Delete) -> int:
    """Run a statement, also for the rows that the session holds, and count what it changed."""
    return t.cast("CursorResult[t.Any]", db.execute(statement)).rowcount
