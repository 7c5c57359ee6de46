"""Codes and links that were sent to an identifier that is somebody's now, or no longer."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..models import Verification
from ..security.tokens import new_token
from ..security.tokens import token_digest
from .identifier_kinds import IdentifierKind
from .kit import kit_of


def void_claims(db: Session, kind: IdentifierKind, key: str) -> None:
    """Make what was sent to other claimants of a proven identifier right for nobody.

    A code that waits must not take it once its owner gives it up. The claims stay, and look as
    before: what vanished or answered otherwise would tell that it has an owner.
    """
    claims = _claims(db, kind, key)
    if claims:
        db.execute(
            update(Verification)
            .where(kind.proves.in_(claims), Verification.consumed_at.is_(None))
            .values(code_digest=token_digest(new_token()))
            .execution_options(synchronize_session=False)
        )


def retire(db: Session, kind: IdentifierKind, user_id: str, id: str) -> None:
    """Use up every code of a user that was sent to one of theirs, such as one to sign in."""
    spelling = select(kind.value).where(kind.model.id == id, kind.model.user_id == user_id)
    db.execute(
        update(Verification)
        .where(
            Verification.user_id == user_id,
            Verification.address == spelling.scalar_subquery(),
            Verification.consumed_at.is_(None),
        )
        .values(consumed_at=kit_of(db).now())
        .execution_options(synchronize_session=False)
    )


def _claims(db: Session, kind: IdentifierKind, key: str) -> list[str]:
    """Return the claims of one that has an owner, also those since the transaction began."""
    known = select(kind.model.id).where(kind.key == key)
    if db.get_bind().dialect.name != "postgresql":
        # In an app's own transaction MariaDB would show the claims of when that began. It locks
        # the entries of the index that it reads and no more than that, as long as no other column
        # is asked for: a claim itself may be locked by somebody who waits for us.
        known = known.with_for_update(read=True)
    owned = select(kind.model.id).where(kind.model.verified_key == key)
    return sorted({*db.scalars(known)} - {*db.scalars(owned)})
