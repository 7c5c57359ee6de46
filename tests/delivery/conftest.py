"""Apps that send by a real mail server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.races.workers import Scene
from tests.rig.host import close
from tests.rig.smtp import MailServer


@pytest.fixture
def scene(database_url: str, tmp_path: Path, mail_server: MailServer) -> Scene:
    """One deployment, in any number of processes, that sends when it is told to."""
    settings = (("USERKIT_MAIL_URL", mail_server.url),)
    return Scene(database_url, tmp_path / "instance", secrets.token_urlsafe(32), settings)


@pytest.fixture
def sending_app(scene: Scene) -> Iterator[Flask]:
    app = scene.open()
    yield app
    close(app)
