"""Engines, transactions and locks: who commits, and when."""

from __future__ import annotations

import os
import random
import threading
import time
import typing as t
from collections.abc import Callable
from collections.abc import Generator
from contextlib import contextmanager
from contextlib import suppress
from contextvars import ContextVar

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from ..errors import UserKitError
from ..translations import gettext as _
from .after_commit import run
from .after_commit import watch
from .engines import WRITE
from .engines import create_kit_engine
from .engines import in_memory
from .engines import reading_engine

RETRIES = 3
#: Serialization failure and deadlock, on PostgreSQL and on MariaDB; and a row that a new one
#: belongs to was deleted meanwhile, which who looks again sees.
_RETRYABLE = frozenset({"40001", "40P01", "23503", 1020, 1213, 1452})

#: What is raised while the database is away, or another holds what is needed.
UNAVAILABLE = (DBAPIError, PoolTimeout)

R = t.TypeVar("R")


class Database:
    """The kit's own engine, or the app's session with a side engine.

    :param url: database of the kit.
    :param app_session: returns the app's session, where the kit shares it.
    :param app_engine: the engine of that session.
    """

    def __init__(
        self,
        url: str | None,
        *,
        app_session: Callable[[], Session] | None = None,
        app_engine: Callable[[], Engine] | None = None,
    ) -> None:
        self._url = url
        self._app_session = app_session
        self._app_engine = app_engine
        self._engines: dict[int, Engine] = {}
        self._reading: Engine | None = None
        self._making = threading.Lock()
        self._current: ContextVar[Session | None] = ContextVar("userkit_db", default=None)
        self.info: dict[str, object] = {}
        #: Whether the request under way will write.
        self.writes: Callable[[], bool] = lambda: True
        self.after_rollback: Callable[[UserKitError], None] = lambda error: None

    @property
    def shared(self) -> bool:
        """Whether the app's own session is used, and the app commits."""
        return self._app_session is not None

    @property
    def engine(self) -> Engine:
        """The kit's engine; a forked process makes its own, since a connection cannot be shared."""
        pid = os.getpid()
        if pid not in self._engines:
            with self._making:
                if pid not in self._engines:
                    self._engines[pid] = self._make_engine()
        return self._engines[pid]

    @contextmanager
    def migrating(self) -> Generator[Engine]:
        """Give an engine that waits for as long as a migration takes."""
        if in_memory(self.engine.url):
            yield self.engine
            return
        engine = self._make_engine(patient=True)
        try:
            yield engine
        finally:
            engine.dispose()

    def dispose(self) -> None:
        """Close every connection that is not in use."""
        for engine in self._engines.values():
            engine.dispose()

    def current(self) -> Session | None:
        """Return the session of the transaction that is under way, if any."""
        return self._current.get()

    @contextmanager
    def transaction(self, *, write: bool = True) -> Generator[Session]:
        """Run a transaction of the kit, or join the one under way.

        On the kit's own engine it commits at the end. The app's session is flushed and left to
        the app: a commit here would persist the app's half-done work.
        """
        joined = self._current.get()
        if joined is not None:
            yield joined
            return
        if self._app_session is not None:
            db = self.prepare(self._app_session())
            token = self._current.set(db)
            try:
                yield db
                db.flush()
            finally:
                self._current.reset(token)
                run(db)
            return
        with self._own_session(write=write and self.writes()) as db:
            yield db

    @contextmanager
    def request_transaction(self) -> Generator[Session]:
        """Run the one transaction of a route of the kit: it commits in either mode."""
        if self._app_session is None:
            with self.transaction() as db:
                yield db
            return
        db = self.prepare(self._app_session())
        # What the app did before the kit's view is done: left open, it would stand in the way
        # of a side transaction.
        db.commit()
        token = self._current.set(db)
        try:
            yield db
            db.commit()
        except BaseException as error:
            db.rollback()
            self._roll_back(error)
            raise
        finally:
            self._current.reset(token)
        run(db)

    def retrying(self, work: Callable[[], R]) -> R:
        """Run a whole transaction again if the database broke a deadlock by ending it."""
        for attempt in range(RETRIES):
            try:
                return work()
            except DBAPIError as error:
                if attempt == RETRIES - 1 or not _is_retryable(error):
                    raise
                time.sleep(random.uniform(0.01, 0.05) * (attempt + 1))  # noqa: S311 (jitter)
        raise AssertionError

    @contextmanager
    def side(self) -> Generator[Connection]:
        """Run a short transaction of its own, committed whatever becomes of the request.

        It is refused while the request holds a transaction: on SQLite it would fail behind its
        own writer, elsewhere wait behind its own row lock, and with a full pool for ever.
        """
        self._refuse_inside()
        with self.engine.connect().execution_options(**WRITE) as connection, connection.begin():
            yield connection

    @contextmanager
    def side_transaction(self, *, patient: bool = True) -> Generator[Session]:
        """Run a side transaction with a session, and what follows its commit.

        :param patient: whether it waits for others who write to an SQLite database.
        """
        self._refuse_inside()
        with self._own_session(write=True, patient=patient) as db:
            yield db

    def reading(self) -> Connection:
        """Return a connection in autocommit, for one read that needs no transaction."""
        connection = self._reading_engine().connect()
        if connection.dialect.name != "sqlite":
            connection.execution_options(isolation_level="AUTOCOMMIT")
        return connection

    def reader(self) -> Session:
        """Return a session for entities that are only read."""
        if self._app_session is not None:
            return self.prepare(self._app_session())
        return self.prepare(Session(self.engine, expire_on_commit=False, autoflush=False))

    def give_back(self, db: Session) -> None:
        """End the transaction of a reader, so that it holds no connection while a view runs."""
        if self._app_session is None:
            db.commit()

    def close_reader(self, db: Session) -> None:
        """Be done with a reader; its connection may be gone already."""
        if self._app_session is None:
            with suppress(SQLAlchemyError):
                db.close()

    def prepare(self, db: Session) -> Session:
        """Tie a session to the kit, once."""
        if watch(db, lambda db: db is self._current.get()):
            db.info.update(self.info)
        return db

    @contextmanager
    def _own_session(self, *, write: bool, patient: bool = True) -> Generator[Session]:
        options = WRITE if patient else {**WRITE, "userkit_impatient": True}
        engine = self.engine.execution_options(**options) if write else self.engine
        db = self.prepare(Session(engine, expire_on_commit=False))
        token = self._current.set(db)
        try:
            yield db
            db.commit()
        except BaseException as error:
            db.rollback()
            self._roll_back(error)
            raise
        finally:
            self._current.reset(token)
            db.close()
        run(db)

    def _refuse_inside(self) -> None:
        current = self._current.get()
        if current is not None and current.in_transaction():
            raise RuntimeError("A side transaction began inside a transaction of this request.")

    def _roll_back(self, error: BaseException) -> None:
        if isinstance(error, UserKitError):
            self.after_rollback(error)

    def _reading_engine(self) -> Engine:
        engine = self.engine
        if self._reading is None or self._reading.pool is not engine.pool:
            self._reading = reading_engine(engine)
        return self._reading

    def _make_engine(self, *, patient: bool = False) -> Engine:
        if self._app_engine is None:
            if self._url is None:
                raise RuntimeError("The kit has neither a database address nor a session.")
            return create_kit_engine(self._url, patient=patient)
        engine = self._app_engine()
        # A second engine on SQLite's memory would be a second, empty database.
        return engine if in_memory(engine.url) else create_kit_engine(engine.url, patient=patient)


def unavailable() -> str:
    """Return the sentence for a database that does not answer."""
    return _("This is not available right now. Try again in a moment.")


def _is_retryable(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    number = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return state in _RETRYABLE or number in _RETRYABLE
