"""Alembic's way into the kit's migrations; the connection is handed over by the caller."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection

from flask_userkit.models import Base


def run(connection: Connection) -> None:
    with _loose_keys(connection):
        _run(connection)


@contextmanager
def _loose_keys(connection: Connection) -> Generator[None]:
    """Let SQLite make a table anew: dropped with its keys on, it takes along what refers to it."""
    if connection.dialect.name != "sqlite":
        yield
        return
    # Inside a transaction SQLite would ignore it.
    cursor = connection.connection.cursor()
    (enforced,) = cursor.execute("PRAGMA foreign_keys").fetchone()
    cursor.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        cursor.execute(f"PRAGMA foreign_keys={enforced}")
        cursor.close()


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        version_table=context.config.attributes["version_table"],
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
