"""An email address of one's own, looked up by its id; anybody else's is not there."""

from __future__ import annotations

import typing as t

from sqlalchemy import Row
from sqlalchemy import and_
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import EmailAddress
from ..models import User
from ..models import Verification
from ..security.text import is_plain
from .email_challenges import Claim
from .email_proofs import not_found
from .identity import Identity
from .kit import Kit
from .purposes import Purpose


class Found(t.NamedTuple):
    """An address of a user."""

    claim: Claim
    verified: bool
    primary: bool
    #: The code or link that waits.
    verification_id: str | None


_COLUMNS = (
    EmailAddress.id,
    EmailAddress.user_id,
    EmailAddress.email_address,
    EmailAddress.email_key,
    EmailAddress.verified_key,
    User.primary_email_address_id,
)
_WAITING = and_(
    Verification.email_address_id == EmailAddress.id,
    Verification.purpose == Purpose.EMAIL_ADDRESS.value,
    Verification.consumed_at.is_(None),
)


def find(kit: Kit, identity: Identity, email_address_id: str) -> Found:
    """Return an address of one's own, before the transaction begins."""
    if not is_plain(email_address_id):
        raise not_found()
    statement = (
        select(*_COLUMNS, Verification.id.label("verification_id"))
        .join(User, User.id == EmailAddress.user_id)
        .outerjoin(Verification, _WAITING)
        .where(EmailAddress.id == email_address_id, EmailAddress.user_id == identity.user_id)
    )
    with kit.database.reading() as connection:
        row = connection.execute(statement).first()
    return _found(row, row.verification_id if row else None)


def locked(db: Session, user_id: str, email_address_id: str) -> Found:
    """Return an address of one's own as it is now; the caller holds the user's lock."""
    if not is_plain(email_address_id):
        raise not_found()
    statement = (
        select(*_COLUMNS)
        .join(User, User.id == EmailAddress.user_id)
        .where(EmailAddress.id == email_address_id, EmailAddress.user_id == user_id)
    )
    return _found(db.execute(statement.with_for_update(read=True)).first())


def _found(row: Row[*tuple[t.Any, ...]] | None, verification_id: str | None = None) -> Found:
    if row is None:
        raise not_found()
    return Found(
        Claim(row.id, row.user_id, row.email_address, row.email_key),
        row.verified_key is not None,
        row.primary_email_address_id == row.id,
        verification_id,
    )
