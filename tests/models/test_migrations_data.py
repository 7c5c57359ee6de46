"""An upgrade takes every row along (SQLite makes tables anew for it), and what they refer to."""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import JSON
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import MetaData
from sqlalchemy import Table
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from flask_userkit.services import schema
from flask_userkit.services.engines import create_kit_engine
from tests.rig.fixtures.databases import MakeDatabase

pytestmark = pytest.mark.usefixtures("backend")
#: As the databases keep it.
NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC).replace(tzinfo=None)
#: The revision before phone numbers.
BEFORE = "0003"
OF_USERS = ("userkit_email_address", "userkit_session", "userkit_verification")
Rows = dict[str, list[dict[str, t.Any]]]


@pytest.fixture
def engine(make_database: MakeDatabase) -> Iterator[Engine]:
    engine = create_kit_engine(make_database().url)
    with engine.connect() as connection:
        command.upgrade(schema._alembic(connection), BEFORE)
    yield engine
    engine.dispose()


def reflected(connection: Connection) -> dict[str, Table]:
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: name.startswith("userkit_"))
    metadata.remove(metadata.tables[schema.VERSION_TABLE])
    return dict(metadata.tables)


def value_for(column: Column[t.Any], number: int) -> t.Any:
    if isinstance(column.type, JSON):
        return {}
    kind, length = column.type.python_type, getattr(column.type, "length", None)
    if kind is str and length is None:
        # Some of the long texts hold JSON.
        return "{}"
    if kind is dt.datetime:
        return NOW
    if kind is str:
        return f"{column.table.name[8:12]} {number}"[:length]
    return bytes([0xFA + number]) * 16 if kind is bytes else number


def fill(connection: Connection) -> None:
    """Write two rows into every table, the second of each about the second user."""
    tables = reflected(connection)
    waiting = list(tables.values())
    done: set[str] = set()
    while waiting:
        table = waiting.pop(0)
        needed = {
            key.column.table.name for key in table.foreign_keys if not key.parent.nullable
        } - {table.name}
        if needed - done:
            waiting.append(table)
            continue
        for number in (0, 1):
            values = {
                column.name: value_for(next(iter(column.foreign_keys)).column, number)
                if column.foreign_keys
                else value_for(column, number)
                for column in table.columns
                if not (column.foreign_keys and column.nullable)
            }
            connection.execute(insert(table).values(values))
        done.add(table.name)
    for table in tables.values():
        for key in table.foreign_keys:
            if key.parent.nullable:
                for number in (0, 1):
                    (primary,) = table.primary_key
                    mine = primary == value_for(primary, number)
                    pointer = {key.parent.name: value_for(key.column, number)}
                    connection.execute(update(table).where(mine).values(pointer))


def rows(connection: Connection) -> Rows:
    return {
        name: [
            dict(row._mapping)
            for row in connection.execute(select(table).order_by(*table.primary_key))
        ]
        for name, table in reflected(connection).items()
    }


def test_nothing_is_lost_by_an_upgrade_and_what_refers_to_it_still_does(engine: Engine) -> None:
    with engine.begin() as connection:
        fill(connection)
    with engine.connect() as connection:
        before = rows(connection)
    assert all(len(found) == 2 for found in before.values())
    assert {"userkit_user", *OF_USERS} <= before.keys()
    schema.upgrade(engine)
    with engine.connect() as connection:
        after = rows(connection)
    kept = {
        name: [{column: row[column] for column in known[0]} for row in after[name]]
        for name, known in before.items()
    }
    assert kept == before


def test_foreign_keys_hold_after_an_upgrade(engine: Engine) -> None:
    with engine.begin() as connection:
        fill(connection)
    # The same connection, as in an app that upgrades itself: the pool has no other one.
    schema.upgrade(engine)
    with engine.begin() as connection:
        tables = reflected(connection)
        if engine.dialect.name == "sqlite":
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        users = tables["userkit_user"]
        connection.execute(delete(users).where(users.c.id == value_for(users.c.id, 0)))
        for name in OF_USERS:
            counted = select(func.count()).select_from(tables[name])
            assert connection.scalar(counted) == 1, name
    numbers = tables["userkit_phone_number"]
    values = {column.name: value_for(column, 1) for column in numbers.columns}
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(numbers).values({**values, "user_id": "nobody"}))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(update(users).values(primary_phone_number_id="nobody"))
