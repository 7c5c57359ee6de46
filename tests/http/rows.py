"""What stands in a database, to tell whether a request changed anything."""

from __future__ import annotations

import typing as t

from sqlalchemy import inspect
from sqlalchemy import text

from tests.rig.databases import Database

#: Columns that change by themselves: the outbox is sent in the background, and a session is
#: marked as seen by whoever reads.
BACKGROUND = {
    "userkit_outbox_message": {
        "attempts",
        "available_at",
        "done_at",
        "last_error",
        "lease",
        "payload",
        "sent",
    },
    "userkit_session": {"last_active_at"},
}
#: That something was refused is written down, and changes nothing else.
REFUSALS = ("request.refused", "sign_in.refused")
Rows = dict[str, list[tuple[t.Any, ...]]]


def snapshot(database: Database) -> Rows:
    """Return every row of the kit, less what changes by itself."""
    found: Rows = {}
    with database.connect() as connection:
        inspector = inspect(connection)
        for table in sorted(inspector.get_table_names()):
            if not table.startswith("userkit_") or table.endswith("_version"):
                continue
            hidden = BACKGROUND.get(table, set())
            kept = [c["name"] for c in inspector.get_columns(table) if c["name"] not in hidden]
            rows = connection.execute(
                text(f"SELECT {', '.join(map(_quote(connection), kept))} FROM {table}")
            )
            kept_rows = (tuple(map(str, row)) for row in rows)
            found[table] = sorted(row for row in kept_rows if not set(REFUSALS) & set(row))
    return found


def counts(database: Database) -> dict[str, int]:
    """Return how many rows each table has, those without any left out."""
    return {table: len(rows) for table, rows in snapshot(database).items() if rows}


def scalar(database: Database, statement: str, **values: t.Any) -> t.Any:
    """Return the one value that a statement asks for."""
    with database.connect() as connection:
        return connection.execute(text(statement), values).scalar_one()


def column(database: Database, statement: str, **values: t.Any) -> list[t.Any]:
    """Return the one column that a statement asks for."""
    with database.connect() as connection:
        return list(connection.execute(text(statement), values).scalars())


def _quote(connection: t.Any) -> t.Callable[[str], str]:
    return t.cast("t.Callable[[str], str]", connection.dialect.identifier_preparer.quote)
