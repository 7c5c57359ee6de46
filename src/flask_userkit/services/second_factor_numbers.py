"""Phone numbers that are kept for the second factor, and the one that it asks for first."""

from __future__ import annotations

from sqlalchemy import exists
from sqlalchemy import false
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import true
from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.orm import aliased

from ..models import PhoneNumber


def reserve(db: Session, user_id: str, phone_number_id: str, *, reserved: bool) -> bool:
    """Keep a verified number for the second factor, or no longer; the caller holds the lock.

    :return: whether it is verified, and so could be.
    """
    mine = (PhoneNumber.id == phone_number_id, PhoneNumber.user_id == user_id)
    verified = PhoneNumber.verified_key.is_not(None) if reserved else true()
    result = db.connection().execute(
        update(PhoneNumber)
        .where(*mine, verified)
        .values(reserved_for_second_factor=reserved, default_second_factor=false())
    )
    settle(db, user_id)
    return result.rowcount == 1


def settle(db: Session, user_id: str) -> None:
    """Keep verified numbers alone, and let the oldest be the default where none is.

    The caller holds the user's lock.
    """
    connection = db.connection()
    connection.execute(
        update(PhoneNumber)
        .where(PhoneNumber.user_id == user_id, PhoneNumber.verified_key.is_(None))
        .values(reserved_for_second_factor=False, default_second_factor=False)
    )
    other = aliased(PhoneNumber)
    kept = (other.user_id == user_id, other.reserved_for_second_factor == true())
    # Twice derived: MariaDB does not update a table that it reads otherwise.
    oldest = select(func.min(other.id).label("id")).where(*kept).subquery()
    chosen = select(other.id).where(*kept, other.default_second_factor == true()).subquery()
    connection.execute(
        update(PhoneNumber)
        .where(
            PhoneNumber.id.in_(select(oldest.c.id)),
            ~exists(select(chosen.c.id)),
        )
        .values(default_second_factor=True)
    )
    for held in db.identity_map.values():
        if isinstance(held, PhoneNumber) and held.user_id == user_id:
            db.expire(held, ["reserved_for_second_factor", "default_second_factor"])
