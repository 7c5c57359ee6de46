"""The schema: brought up to date by the migrations inside the package."""

from __future__ import annotations

import typing as t
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import Table
from sqlalchemy import inspect

from ..errors import SetupError
from ..models import User
from ..paths import MIGRATIONS

VERSION_TABLE = "userkit_alembic_version"


def upgrade(engine: Engine) -> None:
    """Run the migrations that the database lacks, and add the columns of the app's own class.

    :raises SetupError: such a column has to have a value, and the rows there have none.
    """
    with engine.connect() as connection:
        command.upgrade(_alembic(connection), "head")
    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        for column in _missing_columns(connection):
            if not column.nullable and column.server_default is None:
                raise SetupError(
                    f"{column.table.name}.{column.name} takes no NULL, and users have no value "
                    "for it. Make it Mapped[… | None], or give it a server_default."
                )
            operations.add_column(column.table.name, column._copy())  # pyright: ignore[reportPrivateUsage] # SQLAlchemy has no public way to take a column out of its table


def is_current(engine: Engine) -> bool:
    """Tell whether the database has every migration, and every column of the app's own class."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        if set(context.get_current_heads()) != set(_script().get_heads()):
            return False
        return not _missing_columns(connection)


def upgrade_once(engine: Engine, folder: Path) -> None:
    """Upgrade where several processes of this machine start at the same time."""
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "userkit-upgrade.lock"):
        upgrade(engine)


def _missing_columns(connection: Connection) -> list[Column[t.Any]]:
    table = t.cast(Table, User.__table__)
    there = {column["name"] for column in inspect(connection).get_columns(table.name)}
    return [column for column in table.columns if column.name not in there]


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_alembic())


def _alembic(connection: Connection | None = None) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    attributes: dict[str, t.Any] = config.attributes
    attributes["connection"] = connection
    attributes["version_table"] = VERSION_TABLE
    return config
