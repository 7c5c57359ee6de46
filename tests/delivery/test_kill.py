"""A sender that is killed loses nothing, and sends a message twice at most (F8)."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import random
import time
from collections import Counter

import pytest
from flask import Flask

from flask_userkit.models import OutboxMessage
from flask_userkit.services import outbox
from flask_userkit.services.kit import Kit
from flask_userkit.services.outbox import deliver_next
from tests.delivery.programs import send_for_ever
from tests.races.workers import Scene
from tests.rig.smtp import MailServer
from tests.services.support import count

MESSAGES = 12


def write(kit: Kit, turn: int) -> None:
    with kit.database.transaction() as db:
        for number in range(MESSAGES):
            code = f"{turn:03}{number:03}"
            to, more = f"person{code}@example.com", {"purpose": "sign_in", "ip_address": None}
            outbox.send_mail(db, "verification_code", to, code=code, minutes=10, **more)


def kill_one_at_work(scene: Scene, mail_server: MailServer) -> None:
    """Start a sender, and kill it somewhere between its first mail and its last."""
    before = mail_server.attempts
    process = multiprocessing.get_context("forkserver").Process(target=send_for_ever, args=(scene,))
    process.start()
    deadline = time.monotonic() + 30
    while mail_server.attempts == before and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(random.uniform(0, 0.05))
    process.kill()
    process.join()


@pytest.mark.parametrize("backend", ["sqlite", "postgresql", "mariadb"], indirect=True)
@pytest.mark.parametrize("rounds", [5, pytest.param(50, marks=pytest.mark.soak)])
def test_nothing_is_lost_and_a_second_mail_is_the_same_mail(
    scene: Scene, sending_app: Flask, mail_server: MailServer, rounds: int
) -> None:
    with sending_app.app_context():
        userkit = sending_app.extensions["userkit"]
        for turn in range(rounds):
            write(userkit.kit, turn)
            kill_one_at_work(scene, mail_server)
        # The lease of those who died is over.
        userkit.clock = lambda: dt.datetime.now(dt.UTC) + outbox.LEASE
        while deliver_next(userkit.kit):
            pass
        total = rounds * MESSAGES
        done = (OutboxMessage.sent.is_(True), OutboxMessage.payload.is_(None))
        assert count(userkit.kit, OutboxMessage, *done) == total
    sent = Counter(delivery.message["Message-ID"] for delivery in mail_server.deliveries)
    codes = {
        (mail.message["Message-ID"], mail.rcpt_tos, mail.text) for mail in mail_server.deliveries
    }
    assert len(sent) == total
    assert max(sent.values()) <= 2
    assert len(codes) == total
    assert sum(sent.values()) - total <= rounds
