"""A database of its own for each test process, on each of the three servers."""

from __future__ import annotations

import itertools
import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import NullPool
from sqlalchemy import QueuePool
from sqlalchemy import create_engine
from sqlalchemy import inspect
from sqlalchemy import make_url
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import OperationalError

from .artifacts import alive
from .dumps import write_dump
from .services import server_url

BACKENDS = ("sqlite", "postgresql", "mariadb")
#: Migrations write down here how far they went; everything else is data of the tests.
VERSION_TABLES = re.compile(r"alembic_version|_version$|_schema$")

#: How long rows that a test still holds are waited for.
LOCK_SECONDS = 5

_HOST = sha256(platform.node().encode()).hexdigest()[:6]
_NAME = re.compile(rf"userkit_test_{_HOST}_(\d+)_\d+")
_count = itertools.count(1)


class Database:
    """One database that the tests may fill; it is dumped whenever its rows go."""

    def __init__(self, backend: str, url: str) -> None:
        self.backend = backend
        self.url = url
        # A server takes as long to let somebody in as a test takes; a file must not stay open.
        pool = NullPool if backend == "sqlite" else QueuePool
        self._engine = create_engine(url, poolclass=pool, pool_pre_ping=True)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Open a connection beside the app's, in one transaction."""
        with self._engine.begin() as connection:
            yield connection

    def dump(self) -> list[str]:
        """Write every row down for the search at the end, and return the tables that have any."""
        with self._engine.connect() as connection:
            return write_dump(self.backend, connection, _data_tables(connection))

    def empty(self) -> None:
        """Dump, then delete every row."""
        filled = self.dump()
        if not filled:
            return
        quote = self._engine.dialect.identifier_preparer.quote
        tables = [quote(name) for name in filled]
        try:
            with self._engine.begin() as connection:
                _delete_all(connection, tables)
        except OperationalError as error:
            raise RuntimeError("A test left a transaction open; its rows cannot go.") from error

    def drop(self) -> None:
        """Dump, then remove the whole database."""
        self.dump()
        self._engine.dispose()
        if self.backend == "sqlite":
            for path in sqlite_files(self.url):
                path.unlink(missing_ok=True)
        else:
            with _administer(self.backend) as connection:
                _drop(connection, str(make_url(self.url).database))


def create_database(backend: str, folder: Path) -> Database:
    """Make an empty database; for SQLite, the path of a file that is not there yet.

    :raises Missing: the server does not answer.
    """
    name = f"userkit_test_{_HOST}_{os.getpid()}_{next(_count)}"
    if backend == "sqlite":
        return Database(backend, f"sqlite:///{folder / name}.sqlite3")
    with _administer(backend) as connection:
        for found in database_names(connection):
            owner = _NAME.fullmatch(found)
            if owner and not alive(int(owner[1])):
                # Another process may be tidying up as well.
                with suppress(DBAPIError):
                    _drop(connection, found)
        _create(connection, name)
    url = make_url(server_url(backend)).set(database=name)
    return Database(backend, url.render_as_string(hide_password=False))


def sqlite_files(url: str) -> list[Path]:
    """Return the file of a SQLite database and those that it keeps beside it."""
    path = make_url(url).database or ""
    return [Path(path + suffix) for suffix in ("", "-wal", "-shm")]


@contextmanager
def _administer(backend: str) -> Iterator[Connection]:
    engine = create_engine(server_url(backend), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


def database_names(connection: Connection) -> list[str]:
    """Return every database of the server."""
    if connection.dialect.name == "postgresql":
        return list(connection.scalars(text("SELECT datname FROM pg_database")))
    return list(connection.scalars(text("SHOW DATABASES")))


def _create(connection: Connection, name: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"CREATE DATABASE {name}"))
        # Nothing here outlives a power cut, so no test waits for the disk.
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    else:
        connection.execute(text(f"CREATE DATABASE {name} CHARACTER SET utf8mb4"))


def _drop(connection: Connection, name: str) -> None:
    force = " WITH (FORCE)" if connection.dialect.name == "postgresql" else ""
    connection.execute(text(f"DROP DATABASE IF EXISTS {name}{force}"))


def _data_tables(connection: Connection) -> list[str]:
    names = inspect(connection).get_table_names()
    return sorted(name for name in names if not VERSION_TABLES.search(name))


def _delete_all(connection: Connection, tables: list[str]) -> None:
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
        # As TRUNCATE would, this meets a transaction that is open, and is ten times as quick.
        connection.execute(text(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE"))
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    settings = f"innodb_lock_wait_timeout = {LOCK_SECONDS}, foreign_key_checks = 0"
    mariadb = dialect in ("mysql", "mariadb")
    for table in tables:
        delete = f"DELETE FROM {table}"
        connection.execute(text(f"SET STATEMENT {settings} FOR {delete}" if mariadb else delete))
