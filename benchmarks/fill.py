"""Fills a database with sessions by a few statements, for look-ups among many."""

from __future__ import annotations

import datetime as dt
import hashlib
import typing as t
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy import NullPool
from sqlalchemy import bindparam
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy import text

from flask_userkit.models.types import UtcDateTime

SESSIONS_OF_A_USER = 10
USERS = """
INSERT INTO userkit_user (id, first_name, last_name, primary_email_address_id, public_metadata,
    private_metadata, unsafe_metadata, banned, created_at, updated_at)
SELECT {user}, 'Ada', 'Lovelace', {address}, '{{}}', '{{}}', '{{}}', false, :now, :now
FROM {series}
"""
ADDRESSES = """
INSERT INTO userkit_email_address (id, user_id, email_address, email_key, verified_key,
    verified_at, created_at)
SELECT {address}, {user}, 'ada' || i || '@example.com', 'ada' || i || '@example.com',
    'ada' || i || '@example.com', :now, :now
FROM {series}
"""
CLIENTS = """
INSERT INTO userkit_client (id, token_digest, active_session_id, created_at, updated_at)
SELECT {client}, {digest}, {session}, :now, :now
FROM {series}
"""
SESSIONS = """
INSERT INTO userkit_session (id, user_id, client_id, status, strategy, ip_address,
    last_active_at, expire_at, created_at)
SELECT {session}, {owner}, {client}, 'active', 'password', '192.0.2.1', :now, :later, :now
FROM {series}
"""


@dataclass(frozen=True)
class Dialect:
    """How a database counts, hashes, and is told that it need not be careful."""

    series: str
    key: str
    digest: str
    before: tuple[str, ...]
    after: tuple[str, ...]


DIALECTS = {
    "sqlite": Dialect(
        series=(
            "(WITH RECURSIVE counted(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM counted"
            " WHERE i + 1 < :count) SELECT i FROM counted)"
        ),
        key="printf('{0}_%016x', {1})",
        digest="sha256('session-' || i)",
        before=(
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "PRAGMA cache_size = -400000",
        ),
        after=("ANALYZE", "PRAGMA journal_mode = WAL"),
    ),
    "postgresql": Dialect(
        series="generate_series(0, :count - 1) AS counted(i)",
        key="'{0}_' || lpad(to_hex({1}), 16, '0')",
        digest="sha256(convert_to('session-' || i, 'UTF8'))",
        # Rows point at each other in a circle, which is closed only in the end.
        before=("SET session_replication_role = replica",),
        after=("VACUUM ANALYZE",),
    ),
}


def token(number: int) -> str:
    """Return the token of a session."""
    return f"session-{number}"


def fill(url: str, sessions: int) -> None:
    """Add that many sessions, each of a browser of its own, ten to a user."""
    engine = _engine(url)
    dialect = DIALECTS[engine.dialect.name]
    now = dt.datetime.now(dt.UTC)
    users = max(1, sessions // SESSIONS_OF_A_USER)
    parts = {
        "user": dialect.key.format("user", "i"),
        "owner": dialect.key.format("user", f"i % {users}"),
        "address": dialect.key.format("idn", "i"),
        "client": dialect.key.format("client", "i"),
        "session": dialect.key.format("sess", "i"),
        "digest": dialect.digest,
        "series": dialect.series,
    }
    times = {"now": now, "later": now + dt.timedelta(days=7)}
    work = ((USERS, users), (ADDRESSES, users), (CLIENTS, sessions), (SESSIONS, sessions))
    with engine.connect() as connection:
        for statement in dialect.before:
            connection.execute(text(statement))
        for template, count in work:
            used = {name: time for name, time in times.items() if f":{name}" in template}
            typed = [bindparam(name, type_=UtcDateTime()) for name in used]
            filling = text(template.format(**parts)).bindparams(*typed)
            connection.execute(filling, {"count": count, **used})
        for statement in dialect.after:
            connection.execute(text(statement))


def _engine(url: str) -> Engine:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _add_sha256)
    return engine


def _add_sha256(connection: t.Any, record: object) -> None:
    connection.create_function("sha256", 1, _sha256, deterministic=True)


def _sha256(value: str) -> bytes:
    return hashlib.sha256(value.encode()).digest()
