"""What is built and published is whole: the README's example runs from the wheel and the sdist."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.rig.artifacts import ROOT
from tests.rig.ports import accepts
from tests.rig.ports import free_port
from tests.rig.readme import quickstart
from tests.rig.venvs import Environment

TRAVELS = ("templates", "static", "src/flask_userkit/migrations", "src/flask_userkit/translations")
PATIENCE = 60


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The sdist, and the wheel that is made from it as from a checkout."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return {"wheel": wheel, "sdist": sdist}


@pytest.fixture(scope="module", params=["wheel", "sdist"])
def environment(
    request: pytest.FixtureRequest,
    built: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Environment:
    return Environment(tmp_path_factory.mktemp("venv") / "venv", built[request.param])


def test_the_wheel_has_every_file_that_the_code_reads(built: dict[str, Path]) -> None:
    with zipfile.ZipFile(built["wheel"]) as wheel:
        names = set(wheel.namelist())
    expected = {
        "flask_userkit/" + path.relative_to(ROOT).as_posix().removeprefix("src/flask_userkit/")
        for folder in TRAVELS
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert len(expected) > 40
    assert "flask_userkit/py.typed" in names
    assert expected - names == set()
    stray = {name for name in names if not re.match(r"flask_userkit(-[\d.]+\.dist-info)?/", name)}
    assert stray == set()


def test_the_sdist_is_the_whole_project(built: dict[str, Path]) -> None:
    with tarfile.open(built["sdist"]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    for path in (
        "README.md",
        "LICENSE",
        "Makefile",
        "tests/conftest.py",
        "example_app/__init__.py",
    ):
        assert path in names
    unwanted = (".venv/", ".artifacts/", ".ci/", "example_app/instance/", "instance/")
    assert [name for name in names if name.startswith(unwanted)] == []


def test_the_readme_example_runs_where_only_the_package_is(
    environment: Environment, tmp_path: Path
) -> None:
    write_quickstart(tmp_path)
    program = "import flask_userkit; print(flask_userkit.__file__)"
    place = environment.call("-c", program, cwd=tmp_path)
    assert str(ROOT) not in place

    with _running(environment, tmp_path) as client:
        home = client.get("/")
        sign_in = client.get("/account/sign-in")
        styles = re.findall(r'href="(/account/assets/[^"]+\.css)"', sign_in.text)
        answers = [client.get(url) for url in styles]

    assert (home.status_code, sign_in.status_code) == (200, 200)
    assert "/account/sign-in" in home.text or "userkit-user-button" in home.text
    assert 'name="password"' in sign_in.text
    assert len(styles) >= 1
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["Content-Type"] for answer in answers} == {"text/css; charset=utf-8"}


def test_every_migration_runs_from_the_package(environment: Environment, tmp_path: Path) -> None:
    write_quickstart(tmp_path)
    environment.call("-m", "flask", "--app", "app", "userkit", "db", "upgrade", cwd=tmp_path)
    with closing(sqlite3.connect(tmp_path / "instance" / "userkit.sqlite3")) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    assert {"userkit_user", "userkit_session"} <= tables


def write_quickstart(folder: Path) -> None:
    for name, source in quickstart().items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, "utf-8")


@contextmanager
def _running(environment: Environment, folder: Path) -> Iterator[httpx.Client]:
    port = free_port()
    inherited = {name: os.environ[name] for name in ("HOME", "PATH", "LANG") if name in os.environ}
    command = ("-m", "flask", "--app", "app", "run", "--debug", "--no-reload", "--port", str(port))
    process = environment.start(*command, cwd=folder, env=inherited)
    try:
        deadline = time.monotonic() + PATIENCE
        while not accepts(port):
            output = (folder / "output.txt").read_text("utf-8")
            assert process.poll() is None, output
            assert time.monotonic() < deadline, output
            time.sleep(0.1)
        with httpx.Client(base_url=f"http://localhost:{port}", trust_env=False) as client:
            yield client
    finally:
        process.terminate()
        process.wait(PATIENCE)
