"""What Meadow ID remembers, in a file of its own: several processes serve one provider."""

from __future__ import annotations

import hashlib
import sqlite3
import time
import typing as t
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

Kind = t.Literal["code", "access", "refresh"]
#: Seconds that each is good for; a short life of tokens shows how they are refreshed.
LIFETIMES: dict[Kind, int] = {"code": 60, "access": 5 * 60, "refresh": 30 * 86400}
SCHEMA = """
CREATE TABLE IF NOT EXISTS consent (
    id TEXT PRIMARY KEY,
    person_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    nonce TEXT,
    code_challenge TEXT NOT NULL,
    auth_time INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS secret (
    digest TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    consent_id TEXT NOT NULL REFERENCES consent ON DELETE CASCADE,
    scope TEXT NOT NULL,
    expire_at INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0
);
"""


@dataclass(frozen=True)
class Consent:
    """Somebody has let an app know who they are."""

    id: str
    person_id: str
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    auth_time: int


def keep(consent: Consent, code: str) -> None:
    """Keep what somebody agreed to, and the code that stands for it."""
    values = asdict(consent)
    names = ", ".join(f":{name}" for name in values)
    with _transaction() as db:
        db.execute("DELETE FROM secret WHERE expire_at <= ?", (_now(),))
        db.execute("DELETE FROM consent WHERE id NOT IN (SELECT consent_id FROM secret)")
        db.execute(f"INSERT INTO consent VALUES ({names})", values)  # noqa: S608 (our own names)
        _add(db, consent.id, "code", code, consent.scope)


def add(consent_id: str, kind: Kind, secret: str, scope: str) -> None:
    """Keep a token."""
    with _transaction() as db:
        _add(db, consent_id, kind, secret, scope)


def find(kind: Kind, secret: str) -> tuple[Consent, str] | None:
    """Return what a token stands for, and its own scope, while it is good."""
    with _transaction() as db:
        return _find(db, kind, secret)


def take(kind: Kind, secret: str) -> Consent | None:
    """Return what a code or a token stands for, once.

    Whoever brings it a second time may have stolen it, or the first one had: everything that
    came of it ends (RFC 6749 section 4.1.2, RFC 9700 section 4.14.2).
    """
    with _transaction() as db:
        found = _find(db, kind, secret)
        if found is None:
            return None
        mine = "UPDATE secret SET used = 1 WHERE digest = ? AND used = 0"
        if db.execute(mine, (_digest(secret),)).rowcount:
            return found[0]
        db.execute("DELETE FROM consent WHERE id = ?", (found[0].id,))
    return None


def _add(db: sqlite3.Connection, consent_id: str, kind: Kind, secret: str, scope: str) -> None:
    row = (_digest(secret), kind, consent_id, scope, _now() + LIFETIMES[kind])
    db.execute("INSERT INTO secret VALUES (?, ?, ?, ?, ?, 0)", row)


def _find(db: sqlite3.Connection, kind: Kind, secret: str) -> tuple[Consent, str] | None:
    row = db.execute(
        "SELECT consent.*, secret.scope FROM secret JOIN consent ON consent.id = consent_id"
        " WHERE digest = ? AND kind = ? AND expire_at > ?",
        (_digest(secret), kind, _now()),
    ).fetchone()
    return (Consent(*row[:-1]), row[-1]) if row else None


@contextmanager
def _transaction() -> Iterator[sqlite3.Connection]:
    folder = Path(current_app.instance_path)
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "meadow.sqlite3", timeout=10)) as db:
        db.isolation_level = None
        db.execute("PRAGMA foreign_keys = ON")
        db.executescript(SCHEMA)
        # Of two who bring one code at once, one waits here for the other.
        db.execute("BEGIN IMMEDIATE")
        with db:
            yield db


def _digest(secret: str) -> str:
    # Whoever reads the file has no token by that.
    return hashlib.sha256(secret.encode()).hexdigest()


def _now() -> int:
    return int(time.time())
