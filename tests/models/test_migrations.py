"""Migrations and models say the same, on each database, there and back again."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column
from sqlalchemy import Engine
from sqlalchemy import Index
from sqlalchemy import PrimaryKeyConstraint
from sqlalchemy import Table
from sqlalchemy import UniqueConstraint
from sqlalchemy import inspect
from sqlalchemy import text

from flask_userkit.models import Base
from flask_userkit.services import schema
from flask_userkit.services.engines import create_kit_engine
from tests.rig.fixtures.databases import MakeDatabase


@pytest.fixture
def engine(make_database: MakeDatabase) -> Iterator[Engine]:
    engine = create_kit_engine(make_database().url)
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    return {name for name in inspect(engine).get_table_names() if name != schema.VERSION_TABLE}


def ours(_object: object, name: str | None, kind: str, *_: object) -> bool:
    return kind != "table" or (name or "").startswith("userkit_")


def differences(engine: Engine) -> list[t.Any]:
    options = {"compare_type": True, "include_object": ours, "version_table": schema.VERSION_TABLE}
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Base.metadata))


@pytest.mark.usefixtures("backend")
def test_migrations_make_what_the_models_describe(engine: Engine) -> None:
    assert len(differences(engine)) >= len(Base.metadata.tables)
    schema.upgrade(engine)
    assert differences(engine) == []


@pytest.mark.usefixtures("backend")
def test_a_second_upgrade_changes_nothing(engine: Engine) -> None:
    assert not schema.is_current(engine)
    schema.upgrade(engine)
    before = tables(engine)
    schema.upgrade(engine)
    assert schema.is_current(engine)
    assert tables(engine) == before
    with engine.connect() as connection:
        versions = connection.scalars(text(f"SELECT version_num FROM {schema.VERSION_TABLE}"))
        assert len(versions.all()) == 1


@pytest.mark.usefixtures("backend")
def test_a_downgrade_leaves_nothing_and_can_be_undone(engine: Engine) -> None:
    schema.upgrade(engine)
    with engine.connect() as connection:
        command.downgrade(schema._alembic(connection), "base")
    assert tables(engine) == set()
    assert not schema.is_current(engine)
    schema.upgrade(engine)
    assert differences(engine) == []


@pytest.mark.usefixtures("backend")
def test_the_migrations_of_the_app_are_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('the app''s own')"))
    schema.upgrade(engine)
    with engine.connect() as connection:
        rows = connection.scalars(text("SELECT version_num FROM alembic_version")).all()
    assert rows == ["the app's own"]


def test_every_foreign_key_has_an_index() -> None:
    missing = [
        f"{table.name}.{key.parent.name}"
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if table.name.startswith("userkit_") and key.parent not in first_columns(table)
    ]
    assert missing == []


def first_columns(table: Table) -> set[Column[t.Any]]:
    unique = [key for key in table.constraints if isinstance(key, UniqueConstraint)]
    keys: list[Index | UniqueConstraint | PrimaryKeyConstraint] = [
        *table.indexes,
        *unique,
        table.primary_key,
    ]
    return {next(iter(key.columns)) for key in keys}
