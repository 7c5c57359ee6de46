"""The schema: brought up to date by the migrations inside the package."""

from __future__ import annotations

import typing as t
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import Connection
from sqlalchemy import Engine

from ..paths import MIGRATIONS

VERSION_TABLE = "userkit_alembic_version"


def upgrade(engine: Engine) -> None:
    """Run the migrations that the database lacks."""
    with engine.connect() as connection:
        command.upgrade(_alembic(connection), "head")


def is_current(engine: Engine) -> bool:
    """Tell whether the database has every migration."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        return set(context.get_current_heads()) == set(_script().get_heads())


def upgrade_once(engine: Engine, folder: Path) -> None:
    """Upgrade where several processes of this machine start at the same time."""
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "userkit-upgrade.lock"):
        upgrade(engine)


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
