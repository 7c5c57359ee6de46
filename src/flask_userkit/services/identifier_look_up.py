"""An identifier of one's own, looked up by its id; anybody else's is not there."""

from __future__ import annotations

import typing as t

from sqlalchemy import Row
from sqlalchemy import and_
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import NotFoundError
from ..models import User
from ..models import Verification
from ..security.text import is_plain
from . import refusals
from .identifier_challenges import Claim
from .identifier_kinds import IdentifierKind
from .identity import Identity
from .kit import Kit


class Found(t.NamedTuple):
    """One of a user's."""

    claim: Claim
    verified: bool
    primary: bool
    #: The code or link that waits.
    verification_id: str | None


def find(kit: Kit, kind: IdentifierKind, identity: Identity, id: str) -> Found:
    """Return one of one's own, before the transaction begins.

    :raises NotFoundError: ``resource_not_found``.
    """
    if not is_plain(id):
        raise _not_there(kind, identity.user_id, id)
    waiting = and_(
        kind.proves == kind.model.id,
        Verification.purpose == kind.purpose.value,
        Verification.consumed_at.is_(None),
    )
    statement = (
        select(*_columns(kind), Verification.id.label("verification_id"))
        .join(User, User.id == kind.model.user_id)
        .outerjoin(Verification, waiting)
        .where(kind.model.id == id, kind.model.user_id == identity.user_id)
    )
    with kit.database.reading() as connection:
        row = connection.execute(statement).first()
    if row is None:
        raise _not_there(kind, identity.user_id, id)
    return _found(row, row.verification_id)


def locked(db: Session, kind: IdentifierKind, user_id: str, id: str) -> Found:
    """Return one of one's own as it is now; the caller holds the user's lock.

    :raises NotFoundError: ``resource_not_found``.
    """
    if not is_plain(id):
        raise _not_there(kind, user_id, id)
    statement = (
        select(*_columns(kind))
        .join(User, User.id == kind.model.user_id)
        .where(kind.model.id == id, kind.model.user_id == user_id)
    )
    row = db.execute(statement.with_for_update(read=True)).first()
    if row is None:
        raise _not_there(kind, user_id, id)
    return _found(row)


def _columns(kind: IdentifierKind) -> tuple[t.Any, ...]:
    return (
        kind.model.id,
        kind.model.user_id,
        kind.value.label("value"),
        kind.key.label("key"),
        kind.model.verified_key,
        kind.pointer.label("primary_id"),
    )


def _not_there(kind: IdentifierKind, user_id: str, id: str) -> NotFoundError:
    return refusals.not_there(kind.not_found(), user_id, id)


def _found(row: Row[*tuple[t.Any, ...]], verification_id: str | None = None) -> Found:
    return Found(
        Claim(row.id, row.user_id, row.value, row.key),
        row.verified_key is not None,
        row.primary_id == row.id,
        verification_id,
    )
