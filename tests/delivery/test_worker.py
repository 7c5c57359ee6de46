"""``flask userkit worker``: any number of them, each message once, and an end when told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.delivery.test_kill import MESSAGES
from tests.delivery.test_kill import write
from tests.races.workers import Scene
from tests.rig.artifacts import ROOT
from tests.rig.servers import host_app
from tests.rig.smtp import MailServer


def start_worker(scene: Scene, mail_server: MailServer) -> subprocess.Popen[str]:
    settings = {
        "DEBUG": "1",
        "SECRET_KEY": scene.secret,
        "USERKIT_DATABASE_URL": scene.url,
        "USERKIT_MAIL_URL": mail_server.url,
        "USERKIT_OUTBOX": "worker",
    }
    given = {f"FLASK_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "flask", "--app", host_app(scene.folder), "userkit", "worker"]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **given, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def workers(scene: Scene, mail_server: MailServer) -> Iterator[list[subprocess.Popen[str]]]:
    """Three workers that are ready to send."""
    workers = [start_worker(scene, mail_server) for _ in range(3)]
    try:
        for worker in workers:
            assert worker.stdout is not None
            assert "Sending" in worker.stdout.readline()
        yield workers
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


@pytest.mark.parametrize("backend", ["sqlite", "postgresql", "mariadb"], indirect=True)
def test_several_workers_send_each_message_once_and_stop_when_told(
    workers: list[subprocess.Popen[str]], sending_app: Flask, mail_server: MailServer
) -> None:
    with sending_app.app_context():
        for turn in range(3):
            write(sending_app.extensions["userkit"].kit, turn)
    mail_server.wait(3 * MESSAGES, seconds=30)
    # Long enough for a second copy to come.
    time.sleep(0.5)
    begun = time.monotonic()
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    assert [worker.wait(20) for worker in workers] == [0] * 3
    assert time.monotonic() - begun < 18
    sent = Counter(delivery.rcpt_tos for delivery in mail_server.deliveries)
    assert len(sent) == 3 * MESSAGES
    assert set(sent.values()) == {1}
