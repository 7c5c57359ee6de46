"""A read that every page waits for: compiled once, then run by the driver's own cursor."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from collections.abc import Sequence
from functools import lru_cache
from functools import partial

from sqlalchemy import CompoundSelect
from sqlalchemy import Connection
from sqlalchemy import Dialect
from sqlalchemy import Select
from sqlalchemy.types import TypeEngine

Row = Sequence[t.Any]
Read = Select[*tuple[t.Any, ...]] | CompoundSelect[*tuple[t.Any, ...]]


class PreparedRead:
    """A statement that reads, and is built once.

    SQLAlchemy takes three times as long to run a statement as the database takes to answer it.

    :param statement: what is read; ``bindparam`` names what each call brings along.
    """

    def __init__(self, statement: Read) -> None:
        self._statement = statement
        self._form = lru_cache(maxsize=16)(partial(_Form, statement))

    def first(self, connection: Connection, values: Mapping[str, object]) -> Row | None:
        """Return the first row, or None."""
        return next(iter(self.all(connection, values)), None)

    def all(self, connection: Connection, values: Mapping[str, object]) -> Sequence[Row]:
        """Return the rows, their values of the types of their columns."""
        form = self._form(connection.dialect)
        if not connection.engine.dispatch.before_cursor_execute:
            try:
                return form.all(connection, values)
            except form.error:
                # SQLAlchemy meets the same, says what it is and drops a connection that is gone.
                pass
        # Who counts or traces the statements of an app sees this one too.
        return connection.execute(self._statement, values).all()


class _Form:
    """The statement as one database takes it."""

    def __init__(self, statement: Read, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.error = dialect.loaded_dbapi.Error
        self._sql = str(compiled)
        self._order = compiled.positiontup
        self._constants = dict(compiled.params)
        self._to_database = {
            name: process
            for name in self._constants
            if (process := _bound(compiled.binds[name].type, dialect))
        }
        self._from_database = [
            (index, process)
            for index, column in enumerate(statement.selected_columns)
            if (process := _read(column.type, dialect))
        ]

    def all(self, connection: Connection, values: Mapping[str, object]) -> Sequence[Row]:
        parameters = {**self._constants, **values}
        for name, process in self._to_database.items():
            parameters[name] = process(parameters[name])
        order = self._order
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._sql, tuple(parameters[n] for n in order) if order else parameters)
            rows: list[list[t.Any]] = [list(row) for row in cursor.fetchall()]
        finally:
            cursor.close()
        for row in rows:
            for index, process in self._from_database:
                row[index] = process(row[index])
        return rows


def _bound(kind: TypeEngine[t.Any], dialect: Dialect) -> t.Callable[[t.Any], t.Any] | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _read(kind: TypeEngine[t.Any], dialect: Dialect) -> t.Callable[[t.Any], t.Any] | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
