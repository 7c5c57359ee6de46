"""The embedded counters: rows of the kit's database, changed by one statement each."""

from __future__ import annotations

import datetime as dt
import hashlib
import typing as t

from limits.storage import Storage
from sqlalchemy import Insert
from sqlalchemy import case
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import SQLAlchemyError

from ..models import LimitHit
from .kit import Kit


class SqlStorage(Storage):
    """Storage of the ``limits`` library in the table of hits."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit

    @property
    def base_exceptions(self) -> type[Exception]:
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a counter, or begin it anew where its window is over, and return it.

        One statement: read and written apart, forty parallel guesses pass a limit of five.
        """
        now = self._kit.now()
        expire_at = now + dt.timedelta(seconds=expiry)

        def add() -> int:
            with self._kit.database.side() as connection:
                statement = _upsert(connection.dialect.name, _digest(key), amount, now, expire_at)
                return int(connection.execute(statement).scalar_one())

        return self._kit.database.retrying(add)

    def get(self, key: str) -> int:
        row = self._row(key)
        return row[0] if row else 0

    def get_expiry(self, key: str) -> float:
        row = self._row(key)
        return row[1].timestamp() if row else self._kit.now().timestamp()

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        with self._kit.database.side() as connection:
            return connection.execute(delete(LimitHit)).rowcount

    def clear(self, key: str) -> None:
        with self._kit.database.side() as connection:
            connection.execute(delete(LimitHit).where(LimitHit.key == _digest(key)))

    def _row(self, key: str) -> tuple[int, dt.datetime] | None:
        statement = select(LimitHit.hits, LimitHit.expire_at).where(
            LimitHit.key == _digest(key), LimitHit.expire_at > self._kit.now()
        )
        with self._kit.database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return (row[0], row[1]) if row else None


def _upsert(
    dialect: str, digest: bytes, amount: int, now: dt.datetime, expire_at: dt.datetime
) -> Insert:
    values: dict[str, t.Any] = {"key": digest, "hits": max(amount, 0), "expire_at": expire_at}
    over = LimitHit.expire_at <= now
    changes: list[tuple[str, t.Any]] = [
        # MariaDB assigns from left to right: the count is judged by the old end of the window.
        ("hits", case((over, max(amount, 0)), else_=LimitHit.hits + amount)),
        ("expire_at", case((over, expire_at), else_=LimitHit.expire_at)),
    ]
    if dialect in ("mysql", "mariadb"):
        return (
            mysql.insert(LimitHit)
            .values(values)
            .on_duplicate_key_update(changes)
            .returning(LimitHit.hits)
        )
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return (
        make(LimitHit)
        .values(values)
        .on_conflict_do_update(index_elements=[LimitHit.key], set_=dict(changes))
        .returning(LimitHit.hits)
    )


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
