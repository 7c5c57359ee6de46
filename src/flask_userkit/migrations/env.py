"""Alembic's way into the kit's migrations; the connection is handed over by the caller."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from flask_userkit.models import Base


def run(connection: Connection) -> None:
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
