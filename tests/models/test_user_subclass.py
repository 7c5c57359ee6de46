"""An app's own class of users, in a process of its own, with warnings as errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from tests.rig.artifacts import ROOT
from tests.rig.fixtures.databases import MakeDatabase

PROGRAM = Path(__file__).parent / "programs" / "subclass.py"
#: The oldest line of SQLAlchemy that the kit takes.
OLDEST = "sqlalchemy>=2.0.36,<2.1"


def run(python: str, folder: Path, url: str, *options: str) -> dict[str, t.Any]:
    command = [python, "-W", "error", *options, str(PROGRAM), str(folder), url]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return t.cast("dict[str, t.Any]", json.loads(done.stdout))


def check(found: dict[str, t.Any]) -> None:
    second = found.pop("second")
    assert "Guest" in second
    assert "Member is the first" in second
    assert found == {
        "upgrade": "The database is up to date.\n" * 2,
        "get_user": "Member gold",
        "get_user_list": ["Member gold"],
        "update_user": "Member gold",
        "email.user": "Member gold",
        "joinedload": "Member gold",
        "base class": "Member gold",
        "by its column": "Member gold",
        "left": 0,
    }


@pytest.mark.usefixtures("backend")
def test_every_row_loads_as_the_class_of_the_app(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    check(run(sys.executable, tmp_path, make_database().url))


@pytest.mark.soak
@pytest.mark.usefixtures("backend")
def test_it_does_on_the_oldest_sqlalchemy_too(
    make_database: MakeDatabase, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Takes a minute for its own environment, so it is run by ``make soak`` alone."""
    folder = tmp_path_factory.getbasetemp() / "oldest"
    python = folder / "bin" / "python"
    if not python.exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", str(folder)], check=True)
        wanted = [OLDEST, "--editable", f"{ROOT}[postgresql,mariadb]"]
        install = [*uv, "pip", "install", "--quiet", "--python", str(python), *wanted]
        subprocess.run(install, check=True, env={**os.environ, "VIRTUAL_ENV": str(folder)})
    version = "import sqlalchemy; print(sqlalchemy.__version__)"
    assert subprocess.check_output([str(python), "-c", version], text=True).startswith("2.0.")
    check(run(str(python), tmp_path, make_database().url))
