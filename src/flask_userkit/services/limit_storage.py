"""The embedded counters: rows of the kit's database, changed by one statement each."""

from __future__ import annotations

import datetime as dt
import hashlib
import typing as t
from collections.abc import Callable
from functools import cache

from limits.storage import Storage
from sqlalchemy import BindParameter
from sqlalchemy import Connection
from sqlalchemy import Insert
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

from ..models import LimitHit
from .kit import Kit

#: Adds an amount to the counter of a key, with a window of so many seconds, and returns it.
Increment = Callable[[str, int, int], int]

R = t.TypeVar("R")


class SqlStorage(Storage):
    """Storage of the ``limits`` library in the table of hits."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        # The database's own rise as they do everywhere.
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a counter, or begin it anew where its window is over, and return it."""
        return self.together(lambda increment: increment(key, expiry, amount))

    def together(self, work: Callable[[Increment], R]) -> R:
        """Do some counting in one transaction.

        Whoever counts several does so in the same order as everybody else: each counter is
        locked until the end.
        """

        def run() -> R:
            now = self._kit.now()
            with self._kit.database.side() as connection:
                return work(
                    lambda key, expiry, amount: _increment(connection, now, key, expiry, amount)
                )

        return self._kit.database.retrying(run)

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


def _increment(connection: Connection, now: dt.datetime, key: str, expiry: int, amount: int) -> int:
    # One statement: read and written apart, forty parallel guesses pass a limit of five.
    values = {
        "key": _digest(key),
        "hits": max(amount, 0),
        "expire_at": now + dt.timedelta(seconds=expiry),
        "now": now,
        "amount": amount,
    }
    return int(connection.execute(_upsert(connection.dialect.name), values).scalar_one())


@cache
def _upsert(dialect: str) -> Insert:
    over = LimitHit.expire_at <= bindparam("now")
    begun: BindParameter[int] = bindparam("hits")
    end: BindParameter[dt.datetime] = bindparam("expire_at")
    changes: list[tuple[str, t.Any]] = [
        # MariaDB assigns from left to right: the count is judged by the old end of the window.
        ("hits", case((over, begun), else_=LimitHit.hits + bindparam("amount"))),
        ("expire_at", case((over, end), else_=LimitHit.expire_at)),
    ]
    values: dict[str, t.Any] = {"key": bindparam("key"), "hits": begun, "expire_at": end}
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
