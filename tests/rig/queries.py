"""Counts the statements that reach a database."""

from __future__ import annotations

import threading
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field

from sqlalchemy import Engine
from sqlalchemy import event


@dataclass
class Queries:
    """The statements of one thread, in order."""

    statements: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.statements)


@contextmanager
def count_queries() -> Iterator[Queries]:
    """Collect what this thread asks of any engine; a thread that sends mail is not counted."""
    queries = Queries()
    here = threading.get_ident()

    def executed(
        _connection: object,
        _cursor: object,
        statement: str,
        _parameters: object,
        _context: object,
        _executemany: t.Literal[True, False],
    ) -> None:
        if threading.get_ident() == here:
            queries.statements.append(statement)

    event.listen(Engine, "before_cursor_execute", executed)
    try:
        yield queries
    finally:
        event.remove(Engine, "before_cursor_execute", executed)
