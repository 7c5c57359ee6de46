"""The same services without the statement that guards them, for races that have to be lost.

Each reads first and writes what it then thinks is true, and one thread pauses in between. On
SQLite the write lock that a transaction takes at its beginning guards too, so a naive build goes
without it.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session as DbSession

from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services import avatars
from flask_userkit.services import engines
from flask_userkit.services import user_rows
from flask_userkit.services import verification_refusals
from flask_userkit.services import verifications
from flask_userkit.services.kit import Kit
from flask_userkit.services.kit import kit_of
from flask_userkit.services.purposes import Purpose
from tests.races import external_naive
from tests.races import identifier_naive
from tests.races import pause
from tests.races import recovery_naive
from tests.races import session_naive
from tests.races import work_naive
from tests.races.naive_tools import Work
from tests.races.naive_tools import all_of
from tests.races.naive_tools import late_before
from tests.races.naive_tools import put


def install(guard: str) -> None:
    """Take one guard away, in this process alone."""
    engines.WRITE["userkit_begin"] = ""
    NAIVE[guard]()


def _consume(db: DbSession, proof: verifications.Proof) -> None:
    mine = Verification.id == proof.verification_id
    if db.execute(select(Verification.consumed_at).where(mine)).scalar_one() is not None:
        raise verification_refusals.used()
    pause.late()
    db.execute(update(Verification).where(mine).values(consumed_at=kit_of(db).now()))


def _reserve(
    kit: Kit, verification_id: str, purpose: Purpose, *_: object
) -> verifications._Reserved:
    mine = Verification.id == verification_id
    with kit.database.side() as connection:
        row = connection.execute(
            select(
                Verification.code_digest,
                Verification.attempts,
                Verification.address,
                Verification.expire_at,
            ).where(mine)
        ).one()
        if row.attempts >= verifications.MAX_ATTEMPTS:
            raise verification_refusals.failed(purpose, row.expire_at - kit.now())
        pause.late()
        connection.execute(update(Verification).where(mine).values(attempts=row.attempts + 1))
    return verifications._Reserved(
        row.code_digest, row.attempts + 1, row.address, None, row.expire_at
    )


def _lock_row(db: DbSession, user_id: str) -> None:
    db.execute(select(User.id).where(User.id == user_id)).one()


NAIVE: dict[str, Work] = {
    "consume": put(verifications, "consume", _consume),
    "reserve": put(verifications, "_reserve", _reserve),
    "picture": all_of(put(user_rows, "lock_row", _lock_row), late_before(avatars, "insert")),
    **external_naive.NAIVE,
    **identifier_naive.NAIVE,
    **recovery_naive.NAIVE,
    **session_naive.NAIVE,
    **work_naive.NAIVE,
}
