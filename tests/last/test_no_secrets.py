"""The suite's own codes, tokens, cookies and passwords are in no database and in no log."""

from __future__ import annotations

from itertools import islice

import pytest

from tests.rig.artifacts import folder
from tests.rig.ci import IN_CI
from tests.rig.ci import Missing
from tests.rig.databases import BACKENDS
from tests.rig.recorder import recorded
from tests.rig.search import Secrets
from tests.rig.services import server_url

pytestmark = pytest.mark.last


@pytest.fixture(scope="module")
def secrets() -> Secrets:
    return Secrets(recorded())


def test_secrets_of_every_kind_were_recorded() -> None:
    assert {kind for kind, _ in recorded()} == {"code", "password", "token"}


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_secret_is_in_a_database(backend: str, secrets: Secrets) -> None:
    dumps = [path.read_text("utf-8") for path in folder("dumps").glob(f"{backend}-*.txt")]
    if not dumps and not IN_CI and backend != "sqlite":
        try:
            server_url(backend)
        except Missing as reason:
            pytest.skip(str(reason))
    rows = "".join(dumps)
    assert "userkit_user" in rows
    assert "userkit_verification" in rows
    assert list(islice(secrets.found_in(rows), 10)) == []


def test_no_secret_is_in_a_log(secrets: Secrets) -> None:
    logs = {path.name: path.read_text("utf-8", "replace") for path in folder("logs").glob("*.log")}
    assert any("server" in name and "POST /account/" in log for name, log in logs.items())
    found = {name: list(islice(secrets.found_in(log), 10)) for name, log in logs.items()}
    assert {name: hits for name, hits in found.items() if hits} == {}
