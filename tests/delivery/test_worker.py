"""``flask userkit worker``: any number of them, each message once, and an end when told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from flask import Flask

from tests.delivery.test_kill import MESSAGES
from tests.delivery.test_kill import write
from tests.races.workers import Scene
from tests.rig.artifacts import ROOT
from tests.rig.smtp import MailServer

COMMAND = [sys.executable, "-m", "flask", "--app", "tests.rig.host:from_environment()"]


def start_worker(scene: Scene, mail_server: MailServer) -> subprocess.Popen[str]:
    settings = {
        "DEBUG": "1",
        "SECRET_KEY": scene.secret,
        "USERKIT_DATABASE_URL": scene.url,
        "USERKIT_MAIL_URL": mail_server.url,
        "USERKIT_OUTBOX": "worker",
    }
    environment = {**os.environ, **{f"FLASK_{name}": value for name, value in settings.items()}}
    return subprocess.Popen(
        [*COMMAND, "userkit", "worker"],
        cwd=ROOT,
        env={**environment, "TEST_INSTANCE": str(scene.folder), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("backend", ["sqlite", "postgresql", "mariadb"], indirect=True)
def test_several_workers_send_each_message_once_and_stop_when_told(
    scene: Scene, sending_app: Flask, mail_server: MailServer
) -> None:
    workers = [start_worker(scene, mail_server) for _ in range(3)]
    for worker in workers:
        assert worker.stdout is not None
        assert "Sending" in worker.stdout.readline()
    with sending_app.app_context():
        for turn in range(3):
            write(sending_app, sending_app.extensions["userkit"].kit, turn)
    deliveries = mail_server.wait(3 * MESSAGES, seconds=30)
    # Long enough for a second copy to come.
    time.sleep(0.5)
    begun = time.monotonic()
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    ends = [(worker.wait(20), worker.communicate()[0]) for worker in workers]
    assert time.monotonic() - begun < 10
    assert ends == [(0, "")] * 3
    sent = Counter(delivery.rcpt_tos for delivery in deliveries)
    assert set(sent.values()) == {1}
    assert len(mail_server.deliveries) == 3 * MESSAGES
