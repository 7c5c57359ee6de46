"""Codes and links that were sent to an address that is somebody's now, or no longer."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..models import EmailAddress
from ..models import Verification
from ..security.tokens import new_token
from ..security.tokens import token_digest
from .kit import kit_of


def void_claims(db: Session, key: str) -> None:
    """Make what was sent to other claimants of a proven address right for nobody.

    A code that waits must not take the address once its owner gives it up. The claims stay, and
    look as before: what vanished or answered otherwise would tell that the address has an owner.
    """
    # Read by itself: inside the update MariaDB would lock the claim of somebody who waits for us.
    claims = db.scalars(
        select(EmailAddress.id).where(
            EmailAddress.email_key == key, EmailAddress.verified_key.is_(None)
        )
    ).all()
    if claims:
        db.execute(
            update(Verification)
            .where(Verification.email_address_id.in_(claims), Verification.consumed_at.is_(None))
            .values(code_digest=token_digest(new_token()))
            .execution_options(synchronize_session=False)
        )


def retire(db: Session, user_id: str, email_address_id: str) -> None:
    """Use up every code of a user that was sent to an address, such as one to sign in."""
    spelling = select(EmailAddress.email_address).where(
        EmailAddress.id == email_address_id, EmailAddress.user_id == user_id
    )
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
