"""The apps that the browser tests look at: each with a server and a database of its own."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import httpx

from flask_userkit.services.limits import DEFAULTS
from tests.rig.artifacts import ROOT
from tests.rig.clients import http_client
from tests.rig.databases import create_database
from tests.rig.recorder import record
from tests.rig.servers import Server

#: All tests come from one address, so the limits are out of reach.
NO_LIMITS = dict.fromkeys(DEFAULTS, "1000000/hour")


@contextmanager
def site(app: str, folder: Path, *, command: str = "") -> Iterator[Server]:
    """Serve an app in debug, with usernames.

    :param app: what gunicorn serves.
    :param command: a command of the app that is run first, such as its seed.
    """
    database = create_database("sqlite", folder)
    settings = {
        "DEBUG": "1",
        "SECRET_KEY": secrets.token_urlsafe(32),
        "USERKIT_DATABASE_URL": database.url,
        "USERKIT_PASSWORD_HASH": "fast",
        "USERKIT_RATE_LIMITS": json.dumps(NO_LIMITS),
        "USERKIT_USERNAME": "optional",
    }
    record("password", settings["SECRET_KEY"])
    if command:
        _run(app, command, settings)
    with Server(app, settings=settings) as server:
        yield server
    database.drop()


def _run(app: str, command: str, settings: dict[str, str]) -> None:
    given = {f"FLASK_{name}": value for name, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", app, command],
        cwd=ROOT,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=True,
    )
    for line in done.stdout.splitlines():
        record("password", line.rpartition(" ")[2])


@dataclass
class LocalSite:
    """An app in this process, where a test can move the clock; spoken to like a ``Server``."""

    url: str
    _clients: list[httpx.Client] = field(default_factory=list[httpx.Client])

    def client(self) -> httpx.Client:
        """Return an HTTP client with no cookies yet."""
        self._clients.append(http_client(self.url))
        return self._clients[-1]

    def close(self) -> None:
        for client in self._clients:
            client.close()
