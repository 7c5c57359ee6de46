"""What was sent to somebody and waits: codes, links, sign-ins to finish, copies of their data."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..models import SignIn
from ..models import Verification
from . import data_exports
from .kit import kit_of


def end(db: Session, user_id: str) -> None:
    """Make every code, link and data export of a user worthless; the caller holds their lock.

    Whoever has a code that was sent before must not get in by it, or change anything, once the
    owner has put them out; nor fetch what they asked for while they were in.
    """
    db.execute(
        update(Verification)
        .where(Verification.user_id == user_id, Verification.consumed_at.is_(None))
        .values(consumed_at=kit_of(db).now())
        .execution_options(synchronize_session=False)
    )
    db.execute(
        delete(SignIn).where(SignIn.user_id == user_id).execution_options(synchronize_session=False)
    )
    data_exports.forget(db, user_id)
