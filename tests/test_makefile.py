"""``make demo`` and ``make serve``, as the README says them: what they print, and what answers."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.rig.artifacts import ROOT
from tests.rig.clients import http_client
from tests.rig.people import Person
from tests.rig.people import sign_in
from tests.rig.ports import accepts
from tests.rig.ports import free_port
from tests.rig.recorder import record
from tests.rig.visitor import Visitor

#: So many seconds a command has to end, once it is told to.
PATIENCE = 30
SIGN_IN = re.compile(r"^(\S+@example\.com)  (\S+)$", re.MULTILINE)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of its own, so that the demo's data are nobody else's, in this environment."""
    folder = tmp_path / "checkout"
    shutil.copytree(
        ROOT / "example_app",
        folder / "example_app",
        ignore=shutil.ignore_patterns("instance", "__pycache__"),
    )
    shutil.copy2(ROOT / "Makefile", folder)
    return folder


@contextmanager
def make(checkout: Path, target: str, url: str) -> Iterator[str]:
    """Run a command until the app answers, and give what it has printed by then."""
    port = url.rpartition(":")[2]
    # `-o`: the environment is there, and is not to be installed anew from the copy.
    command = ["make", "-o", ".venv/.demo", target, f"PORT={port}", f"PYTHON={sys.executable}"]
    environment = {name: value for name, value in os.environ.items() if "FLASK" not in name}
    log = checkout / f"{target}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=checkout,
            env=environment | {"PYTHONUNBUFFERED": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while not accepts(int(port)):
                assert process.poll() is None, log.read_text("utf-8")
                time.sleep(0.1)
            yield log.read_text("utf-8")
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                raise


@pytest.mark.parametrize("target", ["demo", "serve"])
def test_one_command_serves_the_example_with_people_who_can_sign_in(
    checkout: Path, target: str
) -> None:
    url = f"http://localhost:{free_port()}"
    with make(checkout, target, url) as printed:
        people = people_of(printed)
        assert len(people) >= 3
        assert url in printed
        with http_client(url) as client:
            visitor = Visitor(client)
            sign_in(visitor, Person("ada@example.com", people["ada@example.com"]))
            assert "Ada Lovelace" in visitor.open("/account/").words
            mailbox = visitor.open("/account/mailbox").status
    assert mailbox == (200 if target == "demo" else 404)
    assert ("Mail goes to file://" in printed) == (target == "serve")
    # A second run keeps the data and the people.
    with make(checkout, target, url) as printed:
        assert people_of(printed) == people


def people_of(printed: str) -> dict[str, str]:
    people = dict(SIGN_IN.findall(printed))
    for password in people.values():
        record("password", password)
    return people
