"""The look-up of a session by its token: how little it is, and that it stays so among millions."""

from __future__ import annotations

import hashlib
import itertools
import os
import random
import sqlite3
import sys
import typing as t
from collections.abc import Generator
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import NullPool
from sqlalchemy import create_engine
from sqlalchemy import make_url
from sqlalchemy import text

from flask_userkit.services.identity import identify
from flask_userkit.services.kit import Kit
from tests.rig.ci import Missing
from tests.rig.services import server_url

from .fill import fill
from .fill import token
from .host import create_app
from .host import migrate
from .measure import Effort
from .measure import Work
from .measure import take_turns
from .report import Row
from .report import ratio

#: The sessions that are looked up; no more than this fit into what a server keeps at hand.
SAMPLE = 10_000
_BY_HAND = """
SELECT u.id, s.id, u.first_name, u.last_name, u.username, e.email_address
FROM userkit_client c
JOIN userkit_session s ON s.id = c.active_session_id
JOIN userkit_user u ON u.id = s.user_id
LEFT JOIN userkit_email_address e ON e.id = u.primary_email_address_id
WHERE c.token_digest = ? AND s.status = 'active'
"""


def lookup(folder: Path, effort: Effort) -> Iterator[Row]:
    """Measure the look-up among few and among many sessions, on SQLite and PostgreSQL."""
    for backend in ("sqlite", "postgresql"):
        try:
            yield from on(backend, folder, effort)
        except Missing as reason:
            print(f"Left out: {reason}", file=sys.stderr)


def on(backend: str, folder: Path, effort: Effort) -> Iterator[Row]:
    """Measure on one database.

    :raises Missing: its server does not answer.
    """
    with ExitStack() as stack:
        cases: dict[str, Work] = {}
        for name, sessions in (("few", effort.few), ("many", effort.many)):
            place = folder / f"{backend}-{name}"
            place.mkdir()
            url = stack.enter_context(database(backend, place))
            kit = stack.enter_context(filled(url, sessions, place))
            tokens = sample(sessions)
            cases[name] = looking_up(kit, tokens)
            if backend == "sqlite" and name == "few":
                cases["by hand"] = stack.enter_context(by_hand(url, tokens))
        times = take_turns(cases, effort)
        if "by hand" in cases:
            yield ratio("session look-up / the driver by hand", times["few"], times["by hand"])
        what = f"look-up among {effort.many:,} sessions / {effort.few:,}, {backend}"
        yield ratio(what, times["many"], times["few"], 1.3)


@contextmanager
def database(backend: str, folder: Path) -> Generator[str]:
    """Make a database and drop it in the end."""
    if backend == "sqlite":
        yield f"sqlite:///{folder}/userkit.sqlite3"
        return
    name = f"userkit_benchmark_{os.getpid()}_{folder.name.replace('-', '_')}"
    server = make_url(server_url(backend))
    engine = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield server.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def filled(url: str, sessions: int, folder: Path) -> Generator[Kit]:
    """Give the kit of a database with that many sessions."""
    migrate(folder, url)
    fill(url, sessions)
    app = create_app(folder, url)
    userkit = app.extensions["userkit"]
    with app.app_context():
        yield userkit.kit
        userkit.close()


def sample(sessions: int) -> list[str]:
    """Return tokens of sessions from anywhere in the table."""
    return [token(number) for number in random.sample(range(sessions), min(sessions, SAMPLE))]


def looking_up(kit: Kit, tokens: list[str]) -> Work:
    """Return what looks up the next session at each call."""
    turn = itertools.cycle(tokens)

    def work() -> None:
        if identify(kit, next(turn)) is None:
            raise RuntimeError("A session was not found.")

    return work


@contextmanager
def by_hand(url: str, tokens: list[str]) -> Generator[Work]:
    """Give the same by the driver alone, on a connection that stays open."""
    turn = itertools.cycle(tokens)
    with closing(sqlite3.connect(t.cast(str, make_url(url).database))) as connection:

        def work() -> None:
            digest = hashlib.sha256(next(turn).encode()).digest()
            if connection.execute(_BY_HAND, (digest,)).fetchone() is None:
                raise RuntimeError("A session was not found.")

        yield work
