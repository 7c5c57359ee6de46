"""A text message is handed over once at most, soon or not at all, and is then forgotten."""

from __future__ import annotations

import datetime as dt
import json
import logging
import typing as t

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.delivery.sms import TextMessage
from flask_userkit.models import OutboxMessage
from flask_userkit.models import User
from flask_userkit.services import outbox
from flask_userkit.services import outbox_texts
from flask_userkit.services.kit import Kit
from flask_userkit.services.outbox import deliver_next
from flask_userkit.services.outbox import is_troubled
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.queries import count_queries
from tests.rig.smtp import MailServer
from tests.rig.twilio import MAYBE
from tests.rig.twilio import NOT_NOW
from tests.rig.twilio import RETRY_AFTER
from tests.rig.twilio import Gateway
from tests.rig.twilio import Mode
from tests.services.deliveries import deliver_all
from tests.services.support import rows

Kits = UserKit[User]
NUMBER = "+4915112345678"
CODE = "482913"
LIFETIME = dt.timedelta(minutes=10)
#: Modes that only end by waiting are in the tests of the sender.
QUICK = [mode for mode in MAYBE if mode not in ("for ever", "slow headers")]


@pytest.fixture
def app(make_app: MakeApp, gateway: Gateway) -> Flask:
    return make_app(
        USERKIT_OUTBOX="worker",
        USERKIT_PHONE_NUMBER="optional",
        USERKIT_SMS_URL=gateway.url,
        USERKIT_APP_NAME="Shelf",
    )


def write(userkit: Kits, **more: t.Any) -> None:
    options = {"expire_at": userkit.kit.now() + LIFETIME, "code": CODE, "minutes": 10}
    with userkit.transaction() as db:
        outbox.send_sms(
            db, "verification_code", NUMBER, **{**options, "purpose": "sign_in", **more}
        )


def message(kit: Kit) -> OutboxMessage:
    return t.cast(OutboxMessage, rows(kit, OutboxMessage)[-1])


def deliver_for_a_day(kit: Kit, clock: Clock) -> None:
    """Deliver whatever becomes due in a day."""
    for _ in range(2 * 24 * 60):
        deliver_all(kit)
        clock.tick(30)


@pytest.mark.usefixtures("backend")
def test_a_text_is_sealed_until_it_is_sent_and_erased_after(
    userkit: Kits, kit: Kit, gateway: Gateway, clock: Clock
) -> None:
    write(userkit)
    waiting = message(kit)
    assert waiting.payload is not None
    assert CODE not in waiting.payload
    assert NUMBER not in waiting.payload
    assert json.loads(kit.keys.decrypt(waiting.payload) or "")["to"] == NUMBER
    clock.tick(5)
    assert deliver_next(kit)
    assert not deliver_next(kit)
    (request,) = gateway.requests
    assert request.to == NUMBER
    assert CODE in request.text
    sent = message(kit)
    assert (sent.payload, sent.sent, sent.done_at, sent.attempts) == (None, True, clock(), 1)
    assert sent.last_error is None


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("mode", [*QUICK, "400", "404"])
def test_what_may_be_taken_or_is_refused_for_good_is_sent_once(
    userkit: Kits, kit: Kit, gateway: Gateway, clock: Clock, mode: Mode
) -> None:
    gateway.mode = mode
    write(userkit)
    assert deliver_next(kit)
    gateway.mode = "ok"
    for _ in range(40):
        assert not deliver_next(kit)
        clock.tick(30)
    assert gateway.connections == 1
    given_up = message(kit)
    assert (given_up.payload, given_up.sent, given_up.attempts) == (None, False, 1)
    assert given_up.done_at is not None
    assert given_up.last_error
    assert NUMBER[1:] not in given_up.last_error


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("mode", [mode for mode in NOT_NOW if mode != "503 later"])
def test_what_was_surely_not_taken_is_tried_again_later_and_later(
    userkit: Kits, kit: Kit, gateway: Gateway, clock: Clock, mode: Mode
) -> None:
    gateway.mode = mode
    write(userkit)
    for delay in (1, 2, 4):
        assert deliver_next(kit)
        clock.tick(delay - 0.001)
        assert not deliver_next(kit)
        clock.tick(0.001)
    gateway.mode = "ok"
    assert deliver_next(kit)
    clock.tick(300)
    assert not deliver_next(kit)
    assert len(gateway.requests) == 4
    assert len({request.text for request in gateway.requests}) == 1
    assert (message(kit).sent, message(kit).payload, message(kit).last_error) == (True, None, None)


def test_a_gateway_that_asks_for_time_gets_it(
    userkit: Kits, kit: Kit, gateway: Gateway, clock: Clock
) -> None:
    gateway.mode = "503 later"
    write(userkit)
    deliver_next(kit)
    gateway.mode = "ok"
    clock.tick(RETRY_AFTER - 1)
    assert not deliver_next(kit)
    clock.tick(1)
    assert deliver_next(kit)
    assert message(kit).sent


def test_trying_ends_after_a_few_times(
    userkit: Kits, kit: Kit, gateway: Gateway, clock: Clock
) -> None:
    gateway.mode = "429"
    write(userkit, expire_at=None)
    deliver_for_a_day(kit, clock)
    assert len(gateway.requests) == outbox_texts.MAX_ATTEMPTS
    assert (message(kit).payload, message(kit).sent) == (None, False)


@pytest.mark.usefixtures("backend")
def test_nothing_is_sent_once_its_code_is_too_old(
    userkit: Kits, kit: Kit, gateway: Gateway, clock: Clock
) -> None:
    gateway.stop()
    write(userkit)
    write(userkit, expire_at=clock() + dt.timedelta(seconds=4))
    write(userkit, expire_at=None)
    deliver_all(kit)
    gateway.start()
    clock.tick(4)
    deliver_all(kit)
    assert len(gateway.requests) == 2
    found = {(row.sent, row.last_error, row.payload) for row in rows(kit, OutboxMessage)}
    assert found == {(True, None, None), (False, "too late", None)}


@pytest.mark.usefixtures("backend")
def test_whoever_dies_before_it_is_handed_over_leaves_it_to_the_next(
    userkit: Kits, kit: Kit, gateway: Gateway, clock: Clock
) -> None:
    write(userkit)
    assert outbox._claim(kit) is not None
    clock.tick(59)
    assert not deliver_next(kit)
    clock.tick(1)
    assert deliver_next(kit)
    assert len(gateway.requests) == 1


@pytest.mark.usefixtures("backend")
def test_a_sender_whose_lease_is_over_hands_nothing_over(
    userkit: Kits, kit: Kit, gateway: Gateway, clock: Clock
) -> None:
    write(userkit)
    slow = outbox._claim(kit)
    assert slow is not None
    clock.tick(60)
    gateway.mode = "429"
    assert deliver_next(kit)
    outbox_texts.deliver(kit, slow)
    assert len(gateway.requests) == 1
    gateway.mode = "ok"
    clock.tick(60)
    assert deliver_next(kit)
    outbox_texts.deliver(kit, slow)
    assert len(gateway.requests) == 2
    assert message(kit).sent


class Dying:
    """A sender that ends its process, as far as the outbox can tell, with the text in hand."""

    def __init__(self) -> None:
        self.sent: list[TextMessage] = []

    def send(self, message: TextMessage) -> None:
        self.sent.append(message)
        raise SystemExit


class Careless(Dying):
    """A sender of an app that raises what it likes."""

    def send(self, message: TextMessage) -> None:
        self.sent.append(message)
        raise ConnectionError(f"{message.to} {message.text}")


@pytest.mark.usefixtures("backend")
def test_what_is_in_hand_when_a_process_dies_is_not_sent_again(
    userkit: Kits, kit: Kit, gateway: Gateway, clock: Clock
) -> None:
    real, kit.sms_sender = kit.sms_sender, Dying()
    write(userkit)
    with pytest.raises(SystemExit):
        deliver_next(kit)
    kit.sms_sender = real
    for _ in range(40):
        assert not deliver_next(kit)
        clock.tick(30)
    assert gateway.requests == []
    assert (message(kit).payload, message(kit).last_error) == (None, "handed over, no answer")


def test_a_sender_that_does_not_say_what_became_of_it_is_not_asked_again(
    userkit: Kits, kit: Kit, clock: Clock
) -> None:
    sender = Careless()
    kit.sms_sender = sender
    write(userkit)
    for _ in range(40):
        deliver_all(kit)
        clock.tick(30)
    assert len(sender.sent) == 1
    assert (message(kit).sent, message(kit).last_error) == (False, "ConnectionError")


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("when", ["waiting", "refused", "in hand"])
def test_a_user_who_is_gone_gets_no_text(
    userkit: Kits, kit: Kit, gateway: Gateway, clock: Clock, when: str
) -> None:
    class Leaving:
        """Somebody deletes the account while its text is handed over, and is not taken."""

        def send(self, message: TextMessage) -> None:
            forget(userkit)
            assert real is not None
            real.send(message)

    real = kit.sms_sender
    write(userkit, user_id="user_1")
    gateway.mode = "429"
    if when == "refused":
        deliver_next(kit)
    if when == "in hand":
        kit.sms_sender = Leaving()
        deliver_next(kit)
    else:
        forget(userkit)
    before = len(gateway.requests)
    assert before == (0 if when == "waiting" else 1)
    gateway.mode, kit.sms_sender = "ok", real
    clock.tick(300)
    assert not deliver_next(kit)
    assert len(gateway.requests) == before
    assert (message(kit).sent, message(kit).payload) == (False, None)


def forget(userkit: Kits) -> None:
    with userkit.transaction() as db:
        outbox.forget_user(db, "user_1")


@pytest.mark.usefixtures("backend")
def test_a_decoy_costs_the_same_and_is_never_sent(
    userkit: Kits, kit: Kit, gateway: Gateway, clock: Clock
) -> None:
    assert clock()
    written: list[list[str]] = []
    for real in (True, False):
        with count_queries() as queries:
            write(userkit, real=real)
        written.append(queries.statements)
    assert written[0] == written[1]
    real_row, decoy = rows(kit, OutboxMessage)
    assert (real_row.kind, decoy.kind) == ("sms", "decoy")
    assert len(real_row.payload) == len(decoy.payload)
    assert deliver_all(kit) == 2
    assert len(gateway.requests) == 1


def test_one_that_cannot_be_made_holds_up_no_other(
    userkit: Kits, kit: Kit, gateway: Gateway
) -> None:
    with userkit.transaction() as db:
        outbox.send_sms(db, "no_such_text", NUMBER)
    write(userkit)
    assert deliver_all(kit) == 2
    assert [request.to for request in gateway.requests] == [NUMBER]
    assert rows(kit, OutboxMessage)[0].last_error == "TemplateNotFound"


def test_a_text_of_an_app_that_has_no_phone_numbers_any_more_is_given_up(
    make_app: MakeApp, app: Flask, userkit: Kits, kit: Kit
) -> None:
    write(userkit)
    other = make_app(USERKIT_OUTBOX="worker", SECRET_KEY=app.config["SECRET_KEY"])
    with other.app_context():
        assert deliver_next(other.extensions["userkit"].kit)
    assert (message(kit).payload, message(kit).sent) == (None, False)


def test_mail_goes_out_beside_texts(
    make_app: MakeApp, gateway: Gateway, mail_server: MailServer
) -> None:
    app = make_app(
        USERKIT_OUTBOX="worker",
        USERKIT_PHONE_NUMBER="optional",
        USERKIT_SMS_URL=gateway.url,
        USERKIT_MAIL_URL=mail_server.url,
    )
    with app.app_context():
        userkit = t.cast(Kits, app.extensions["userkit"])
        gateway.stop()
        write(userkit)
        with userkit.transaction() as db:
            to = "ada@example.com"
            outbox.send_mail(db, "sign_up_notice", to, address=to, sign_in_url="")
        deliver_all(userkit.kit)
    assert mail_server.wait()[0].rcpt_tos == ("ada@example.com",)


def test_no_log_has_the_number_or_the_code(
    userkit: Kits, kit: Kit, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for mode in ("400", "401", "cut read"):
        gateway.mode = mode
        write(userkit)
        deliver_next(kit)
    told = [record for record in caplog.records if record.name == "flask_userkit.outbox"]
    assert len(told) == 3
    for secret in (NUMBER[1:], CODE, gateway.token):
        assert secret not in caplog.text


def in_trouble(kit: Kit) -> bool:
    with count_queries() as queries:
        found = is_troubled(kit, "sms")
    assert len(queries) == 1
    return found


@pytest.mark.usefixtures("backend")
def test_trouble_is_told_while_the_last_text_failed(
    userkit: Kits, kit: Kit, gateway: Gateway, clock: Clock
) -> None:
    assert not in_trouble(kit)
    write(userkit)
    deliver_next(kit)
    assert not in_trouble(kit)
    clock.tick(1)
    gateway.mode = "500"
    write(userkit)
    deliver_next(kit)
    assert in_trouble(kit)
    clock.tick(599)
    assert in_trouble(kit)
    clock.tick(1)
    assert not in_trouble(kit)
    write(userkit)
    deliver_next(kit)
    assert in_trouble(kit)
    clock.tick(1)
    gateway.mode = "ok"
    write(userkit)
    deliver_next(kit)
    assert not in_trouble(kit)


@pytest.mark.usefixtures("backend")
def test_trouble_is_told_while_texts_wait(userkit: Kits, kit: Kit, clock: Clock) -> None:
    with userkit.transaction() as db:
        outbox.send_mail(db, "sign_up_notice", "ada@example.com", address="", sign_in_url="")
    write(userkit, real=False)
    clock.tick(31)
    assert not in_trouble(kit)
    write(userkit)
    clock.tick(30)
    assert not in_trouble(kit)
    clock.tick(1)
    assert in_trouble(kit)
    deliver_all(kit)
    assert not in_trouble(kit)


def test_a_number_that_takes_no_texts_is_no_trouble_of_everybody(
    userkit: Kits, kit: Kit, gateway: Gateway, clock: Clock
) -> None:
    gateway.mode = "400"
    write(userkit)
    deliver_next(kit)
    assert message(kit).last_error == "this number: answered 400, code 21211"
    assert not in_trouble(kit)
    clock.tick(1)
    gateway.mode = "500"
    write(userkit)
    deliver_next(kit)
    clock.tick(1)
    gateway.mode = "400"
    write(userkit)
    deliver_next(kit)
    assert in_trouble(kit)


def test_neither_is_a_text_in_hand_or_taken_back(
    userkit: Kits, kit: Kit, gateway: Gateway, clock: Clock
) -> None:
    class Looking:
        """Looks while a text is handed over."""

        def send(self, message: TextMessage) -> None:
            assert not in_trouble(kit)
            seen.append(message.to)

    seen: list[str] = []
    kit.sms_sender = Looking()
    write(userkit)
    deliver_next(kit)
    assert seen == [NUMBER]
    write(userkit, user_id="user_1")
    clock.tick(1)
    forget(userkit)
    assert not in_trouble(kit)
