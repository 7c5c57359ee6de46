"""A sender that is killed loses no mail and sends one twice at most (F8); a text it never does."""

from __future__ import annotations

import datetime as dt
import random
import time
import typing as t
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask

from flask_userkit.models import OutboxMessage
from flask_userkit.models import SignUp
from flask_userkit.services import outbox
from flask_userkit.services.kit import Kit
from tests.delivery.programs import send_for_ever
from tests.delivery.programs import sign_up_for_ever
from tests.races.workers import Scene
from tests.rig.host import close
from tests.rig.races import forkserver
from tests.rig.smtp import MailServer
from tests.rig.twilio import Gateway
from tests.services.deliveries import deliver_all
from tests.services.support import count
from tests.services.support import rows

MESSAGES = 12
#: It ends what hangs, and must not end what is slow.
PATIENCE = 120


def write(kit: Kit, turn: int) -> None:
    with kit.database.transaction() as db:
        for number in range(MESSAGES):
            code = f"{turn:03}{number:03}"
            to = f"person{code}@example.com"
            more: dict[str, t.Any] = {"purpose": "sign_in", "ip_address": None}
            outbox.send_mail(db, "verification_code", to, code=code, minutes=10, **more)


@contextmanager
def killed_in_the_end(program: Callable[[Scene], None], scene: Scene) -> Iterator[None]:
    """Start a process, and kill it."""
    process = forkserver().Process(target=program, args=(scene,))
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def kill_one_at_work(
    program: Callable[[Scene], None], scene: Scene, mail_server: MailServer
) -> None:
    """Start a process, and kill it somewhere after its first mail."""
    mail_server.attempted.clear()
    with killed_in_the_end(program, scene):
        assert mail_server.attempted.wait(PATIENCE)
        time.sleep(random.uniform(0, 0.05))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def send_the_rest(kit: Kit) -> None:
    """Send what was left, once the lease of those who died is over."""
    clock = kit.clock
    kit.clock = lambda: dt.datetime.now(dt.UTC) + outbox.LEASE
    deliver_all(kit)
    # What is written in the next round is due at once, and not when that lease ends.
    kit.clock = clock


def check(kit: Kit, mail_server: MailServer, *, rounds: int) -> None:
    """See that each message that was committed was sent, and a second time as the same mail."""
    done = (OutboxMessage.sent.is_(True), OutboxMessage.payload.is_(None))
    real = OutboxMessage.kind == "email"
    total = count(kit, OutboxMessage, real)
    assert count(kit, OutboxMessage, real, *done) == total
    sent = Counter(delivery.message["Message-ID"] for delivery in mail_server.deliveries)
    mails = {
        (mail.message["Message-ID"], mail.rcpt_tos, mail.text) for mail in mail_server.deliveries
    }
    assert len(sent) == len(mails) == total
    assert max(sent.values()) <= 2
    assert sum(sent.values()) - total <= rounds


on_each_database = pytest.mark.parametrize(
    "backend", ["sqlite", "postgresql", "mariadb"], indirect=True
)
rounds = pytest.mark.parametrize("rounds", [5, pytest.param(50, marks=pytest.mark.soak)])


@on_each_database
@rounds
def test_nothing_is_lost_and_a_second_mail_is_the_same_mail(
    scene: Scene, sending_app: Flask, mail_server: MailServer, rounds: int
) -> None:
    with sending_app.app_context():
        kit = sending_app.extensions["userkit"].kit
        for turn in range(rounds):
            write(kit, turn)
            kill_one_at_work(send_for_ever, scene, mail_server)
        send_the_rest(kit)
        assert count(kit, OutboxMessage) == rounds * MESSAGES
        check(kit, mail_server, rounds=rounds)


@on_each_database
@rounds
def test_who_was_told_to_look_for_a_mail_gets_it_whenever_the_server_died(
    scene: Scene, sending_app: Flask, mail_server: MailServer, rounds: int
) -> None:
    with sending_app.app_context():
        kit = sending_app.extensions["userkit"].kit
        for _ in range(rounds):
            kill_one_at_work(sign_up_for_ever, scene, mail_server)
        send_the_rest(kit)
        check(kit, mail_server, rounds=rounds)
        begun = [row.email_address for row in rows(kit, SignUp)]
    told = {address for delivery in mail_server.deliveries for address in delivery.rcpt_tos}
    assert len(begun) >= rounds
    assert told == set(begun)


@on_each_database
def test_marked_as_sent_before_it_is_a_mail_would_be_lost(
    scene: Scene, sending_app: Flask, mail_server: MailServer
) -> None:
    with sending_app.app_context():
        kit = sending_app.extensions["userkit"].kit
        write(kit, 0)
        with killed_in_the_end(send_for_ever, replace(scene, missing="mark after")):
            # It stands still then, between the mark and the mail.
            wait_for(lambda: count(kit, OutboxMessage, OutboxMessage.sent.is_(True)) == 1)
        send_the_rest(kit)
        assert len(mail_server.deliveries) == MESSAGES - 1


@pytest.fixture
def texting_scene(scene: Scene, gateway: Gateway) -> Scene:
    """A deployment that sends texts by a real gateway."""
    sms = (("USERKIT_PHONE_NUMBER", "optional"), ("USERKIT_SMS_URL", gateway.url))
    return replace(scene, settings=(*scene.settings, *sms))


@pytest.fixture
def texting_app(texting_scene: Scene) -> Iterator[Flask]:
    app = texting_scene.open()
    yield app
    close(app)


def write_texts(kit: Kit, number: int) -> None:
    with kit.database.transaction() as db:
        for each in range(number):
            code = f"{100_000 + each}"
            more: dict[str, t.Any] = {"code": code, "minutes": 10, "purpose": "sign_in"}
            outbox.send_sms(db, "verification_code", f"+4915112{code}", **more)


def kill_one_with_a_text(scene: Scene, gateway: Gateway) -> None:
    """Start a sender, and kill it while the gateway has a text and has not answered."""
    gateway.may_answer.clear()
    gateway.attempted.clear()
    try:
        with killed_in_the_end(send_for_ever, scene):
            assert gateway.attempted.wait(PATIENCE)
    finally:
        gateway.may_answer.set()


@on_each_database
def test_a_text_in_hand_is_not_sent_again_and_no_other_is_lost(
    texting_scene: Scene, texting_app: Flask, gateway: Gateway
) -> None:
    with texting_app.app_context():
        kit = texting_app.extensions["userkit"].kit
        write_texts(kit, MESSAGES)
        for _ in range(3):
            kill_one_with_a_text(texting_scene, gateway)
        send_the_rest(kit)
        assert sorted(request.to for request in gateway.requests) == [
            f"+4915112{100_000 + each}" for each in range(MESSAGES)
        ]
        sent = count(kit, OutboxMessage, OutboxMessage.sent.is_(True))
        erased = count(kit, OutboxMessage, OutboxMessage.payload.is_(None))
        assert (sent, erased) == (MESSAGES - 3, MESSAGES)


@on_each_database
def test_finished_after_it_is_handed_over_a_text_would_be_sent_twice(
    texting_scene: Scene, texting_app: Flask, gateway: Gateway
) -> None:
    with texting_app.app_context():
        kit = texting_app.extensions["userkit"].kit
        write_texts(kit, 1)
        kill_one_with_a_text(replace(texting_scene, missing="take a text"), gateway)
        send_the_rest(kit)
        assert len(gateway.requests) == 2
