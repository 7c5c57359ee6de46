"""Row locks, savepoints and what a unique index says."""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import false
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ..models import User


class LockedUser(t.NamedTuple):
    """What was read of a user under their lock; to hold one is to hold the lock."""

    id: str
    password_digest: str | None
    banned: bool
    locked_until: dt.datetime | None = None
    last_sign_in_at: dt.datetime | None = None
    device_key: str | None = None


def lock_user(db: Session, user_id: str) -> LockedUser | None:
    """Lock a user's row until the transaction ends, and return what it says now.

    Every change of an identifier or of a way to sign in takes this lock first: of two that
    each leave one behind, the second then sees what the first did.
    """
    columns = (
        User.id,
        User.password_digest,
        User.banned,
        User.locked_until,
        User.last_sign_in_at,
        User.device_key,
    )
    statement = select(*columns).where(User.id == user_id)
    name = db.get_bind().dialect.name
    if name == "sqlite":
        _take_write_lock(db)
    else:
        statement = statement.with_for_update(key_share=name == "postgresql")
    row = db.execute(statement).one_or_none()
    return LockedUser(*row) if row else None


@contextmanager
def savepoint(db: Session) -> Generator[None]:
    """Undo what is done inside if it fails, and nothing else."""
    if db.get_bind().dialect.name == "sqlite":
        # An app's driver begins at the first write and not at a savepoint, whose release would
        # then be a commit of its own.
        _take_write_lock(db)
    with db.begin_nested():
        yield


def hold_writes(db: Session) -> None:
    """Keep other writers of an SQLite database out, before a read that decides what is written.

    Elsewhere that read locks the rows.
    """
    if db.get_bind().dialect.name == "sqlite":
        _take_write_lock(db)


def violates(error: DBAPIError, table: str, column: str) -> bool:
    """Tell whether an error is about the unique index of a column."""
    text = str(error.orig)
    # SQLite names the column, the others the constraint.
    return f"{table}.{column}" in text or f"uq_{table}_{column}" in text


def _take_write_lock(db: Session) -> None:
    """Take SQLite's only lock, by a write of nothing."""
    db.execute(
        update(User).where(false()).values(id=User.id).execution_options(synchronize_session=False)
    )
