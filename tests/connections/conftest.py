"""Servers that do as they are told; no conversation with one goes on when its test has ended."""

from __future__ import annotations

import logging
import threading
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest

from flask_userkit.connections.pictures import fetch_picture
from tests.connections.asking import LONG
from tests.connections.asking import Refuse
from tests.connections.visits import REDIRECT_URI
from tests.rig.certificates import make_certificate
from tests.rig.hostile_http import HostileHttp
from tests.rig.hostile_provider import HostileProvider
from tests.rig.pictures import picture


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def hostile() -> Iterator[HostileHttp]:
    with HostileHttp() as server:
        yield server


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[HostileHttp]:
    with HostileHttp(make_certificate(tmp_path)) as server:
        yield server


@pytest.fixture
def gallery(hostile: HostileHttp) -> HostileHttp:
    """Return a server that has a picture."""
    hostile.body, hostile.content_type = picture(), "image/png"
    return hostile


@pytest.fixture
def secure_gallery(
    secure: HostileHttp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> HostileHttp:
    """Return one that speaks TLS, by a certificate that counts."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(make_certificate(tmp_path)[0]))
    secure.body, secure.content_type = picture(), "image/png"
    return secure


@pytest.fixture
def refused(caplog: pytest.LogCaptureFixture) -> Refuse:
    """Return what tells why there is no picture, from the log."""
    caplog.set_level(logging.INFO, "flask_userkit.connections")

    def ask(url: str, **more: t.Any) -> str:
        caplog.clear()
        assert fetch_picture(url, **{"seconds": LONG, **more}) is None
        (record,) = (each for each in caplog.records if each.name == "flask_userkit.connections")
        assert record.levelno == logging.INFO
        return record.getMessage().rpartition(": ")[2].rstrip(".")

    return ask


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    for thread in threading.enumerate():
        if thread.name == "userkit-talk":
            thread.join(20)
            assert not thread.is_alive(), "it is hung up on, and so ends"


@pytest.fixture
def provider() -> Iterator[HostileProvider]:
    with HostileProvider(REDIRECT_URI) as server:
        yield server
