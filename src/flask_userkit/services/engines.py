"""How an engine is made: what each database needs to behave like the others."""

from __future__ import annotations

import typing as t

from sqlalchemy import URL
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.pool import QueuePool

from ..errors import SetupError

CONNECT_TIMEOUT = 2
LOCK_TIMEOUT = 5
#: Of what may be left undone, in milliseconds.
SHORT_LOCK_TIMEOUT = 100
ANSWER_TIMEOUT = LOCK_TIMEOUT + CONNECT_TIMEOUT
#: What to write, and whose driver to install.
ADDRESSES = {
    "sqlite": ("sqlite:////folder/file.sqlite3", None),
    "postgresql": ("postgresql://user:password@host/name", "flask-userkit[postgresql]"),
    "mariadb": ("mariadb://user:password@host/name", "flask-userkit[mariadb]"),
}
#: Execution options of a transaction that will write: on SQLite it takes the write lock at
#: once. A deferred one that reads first is refused later, without waiting, under writers.
WRITE = {"userkit_begin": "BEGIN IMMEDIATE"}


def in_memory(url: URL) -> bool:
    """Tell whether an address is SQLite in memory."""
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def create_kit_engine(address: str | URL, *, patient: bool = False) -> Engine:
    """Return an engine for SQLite, PostgreSQL or MariaDB.

    :param patient: wait for an answer as long as it takes, as a migration may.
    :raises SetupError: what to write or to install; never with the address and its password.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        # What could not be read may be a part of the password.
        raise SetupError(f"USERKIT_DATABASE_URL cannot be read. {_what_to_write()}") from None
    backend = "mariadb" if url.get_backend_name() == "mysql" else url.get_backend_name()
    make = _MAKERS.get(backend)
    if make is None:
        raise SetupError(
            f"flask-userkit runs on SQLite, PostgreSQL and MariaDB, not on {backend!r}. "
            f"{_what_to_write()}"
        )
    try:
        engine = make(url, patient)
    except (NoSuchModuleError, ImportError) as error:
        raise _no_driver(url, backend, str(error)) from None
    if engine.dialect.is_async:
        raise _no_driver(url, backend, "it is asynchronous")
    return engine


def reading_engine(engine: Engine) -> Engine:
    """Return an engine for reads without a transaction, on the connections of another.

    On SQLite it leaves out the listener that begins a transaction: that one makes SQLAlchemy
    look for listeners at every step, which costs as much as half of the look-up of a session.
    """
    if engine.dialect.name != "sqlite":
        return engine
    return Engine(engine.pool, engine.dialect, engine.url)


def _what_to_write() -> str:
    return (
        f"Write {', or '.join(form for form, _ in ADDRESSES.values())}, with %40 for an @ inside."
    )


def _no_driver(url: URL, backend: str, reason: str) -> SetupError:
    form, package = ADDRESSES[backend]
    install = f", and run `pip install '{package}'`" if package else ""
    return SetupError(
        f"USERKIT_DATABASE_URL asks for {url.drivername}, which cannot be used ({reason}). "
        f"Write {form}{install}."
    )


def _postgresql(url: URL, patient: bool) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return _server(
        url,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT,
            # A server that takes connections and says nothing is one that is down.
            "tcp_user_timeout": 0 if patient else ANSWER_TIMEOUT * 1000,
            "options": f"-c lock_timeout={LOCK_TIMEOUT}s -c timezone=UTC",
        },
    )


def _mariadb(url: URL, patient: bool) -> Engine:
    if url.drivername in ("mysql", "mariadb"):
        url = url.set(drivername="mariadb+pymysql")
    return _server(
        url.update_query_dict({"charset": "utf8mb4"}),
        # Its default repeats the first read, so that two transactions each see both of the
        # last two addresses and remove one.
        isolation_level="READ COMMITTED",
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT,
            "read_timeout": None if patient else ANSWER_TIMEOUT,
            "write_timeout": None if patient else ANSWER_TIMEOUT,
            "init_command": f"SET SESSION innodb_lock_wait_timeout={LOCK_TIMEOUT}",
        },
    )


def _server(url: URL, **options: t.Any) -> Engine:
    return create_engine(
        url, pool_pre_ping=True, pool_timeout=LOCK_TIMEOUT, hide_parameters=True, **options
    )


def _sqlite(url: URL, _patient: bool) -> Engine:
    # SQLite's memory lives in one connection, so that its pool has one, taken in turns.
    sizes = {"pool_size": 1, "max_overflow": 0} if in_memory(url) else {}
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_timeout=LOCK_TIMEOUT,
        # An error that is logged would carry addresses and digests with it.
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": LOCK_TIMEOUT},
        **sizes,
    )
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: t.Any, record: object) -> None:
    # The driver's own transactions leave reads outside of them.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    begin = options.get("userkit_begin", "BEGIN")
    if begin and options.get("userkit_impatient"):
        _begin_soon(connection, begin)
    elif begin:
        connection.exec_driver_sql(begin)


def _begin_soon(connection: Connection, begin: str) -> None:
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {SHORT_LOCK_TIMEOUT}")
    try:
        connection.exec_driver_sql(begin)
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {LOCK_TIMEOUT * 1000}")


_MAKERS = {"sqlite": _sqlite, "postgresql": _postgresql, "mariadb": _mariadb}
