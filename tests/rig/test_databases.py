"""Each test process has databases of its own, and nothing stays in them or beside them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sqlalchemy import create_engine
from sqlalchemy import make_url
from sqlalchemy import text

from tests.rig import databases
from tests.rig.artifacts import folder
from tests.rig.artifacts import worker
from tests.rig.databases import Database
from tests.rig.fixtures.databases import MakeDatabase

TABLES = (
    "CREATE TABLE parent (id INTEGER PRIMARY KEY, child_id INTEGER)",
    "CREATE TABLE child (id INTEGER, parent_id INTEGER REFERENCES parent (id), word TEXT)",
    "CREATE TABLE kit_alembic_version (number INTEGER)",
)


@pytest.fixture
def filled(make_database: MakeDatabase) -> Database:
    database = make_database()
    with database.connect() as connection:
        for table in TABLES:
            connection.execute(text(table))
        connection.execute(text("INSERT INTO parent VALUES (1, 1)"))
        connection.execute(text("INSERT INTO child VALUES (1, 1, 'plum-482913')"))
        connection.execute(text("INSERT INTO kit_alembic_version VALUES (7)"))
    return database


def test_a_database_is_emptied_but_for_its_version(backend: str, filled: Database) -> None:
    filled.empty()
    with filled.connect() as connection:
        counts = {
            table: connection.scalar(text(f"SELECT count(*) FROM {table}"))
            for table in ("parent", "child", "kit_alembic_version")
        }
    assert counts == {"parent": 0, "child": 0, "kit_alembic_version": 1}


def test_rows_are_dumped_before_they_go(backend: str, filled: Database) -> None:
    filled.empty()
    dump = folder("dumps") / f"{backend}-{worker()}.txt"
    assert "word=plum-482913" in dump.read_text("utf-8")


def test_bytes_are_dumped_in_every_spelling(make_database: MakeDatabase) -> None:
    database = make_database()
    with database.connect() as connection:
        connection.execute(text("CREATE TABLE box (inside BLOB)"))
        connection.execute(text("INSERT INTO box VALUES (:inside)"), {"inside": b"secret\xff"})
    database.dump()
    dump = (folder("dumps") / f"sqlite-{worker()}.txt").read_text("utf-8")
    assert "inside=736563726574ff c2VjcmV0/w== secret\ufffd" in dump


@pytest.mark.parametrize("backend", ["postgresql", "mariadb"], indirect=True)
def test_a_transaction_left_open_is_told(
    backend: str, filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "LOCK_SECONDS", 1)
    engine = create_engine(filled.url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE child SET word = 'held'"))
        with pytest.raises(RuntimeError, match="left a transaction open"):
            filled.empty()
    engine.dispose()


@pytest.mark.parametrize("backend", ["postgresql", "mariadb"], indirect=True)
def test_databases_of_dead_runs_are_dropped(backend: str, make_database: MakeDatabase) -> None:
    program = (
        "from pathlib import Path\n"
        "from tests.rig.databases import create_database\n"
        f"print(create_database({backend!r}, Path()).url)"
    )
    left_behind = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    name = make_url(left_behind.stdout.strip()).database
    database = make_database()
    engine = create_engine(database.url)
    with engine.connect() as connection:
        names = databases.database_names(connection)
    engine.dispose()
    assert name not in names
    assert make_url(database.url).database in names
