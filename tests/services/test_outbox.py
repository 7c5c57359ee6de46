"""A message is sent at least once, soon, and is then forgotten."""

from __future__ import annotations

import json
import typing as t

import pytest
from aiosmtpd.smtp import SMTP
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import OutboxMessage
from flask_userkit.models import User
from flask_userkit.services import outbox
from flask_userkit.services.kit import Kit
from flask_userkit.services.outbox import deliver_next
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.smtp import MailServer
from tests.rig.smtp import Mode
from tests.services.deliveries import deliver_all
from tests.services.support import rows

Kits = UserKit[User]
TO = "ada@example.com"
CODE = "482913"


@pytest.fixture
def app(make_app: MakeApp, mail_server: MailServer) -> Flask:
    return make_app(
        USERKIT_OUTBOX="worker",
        USERKIT_MAIL_URL=mail_server.url,
        USERKIT_APP_NAME="Shelf\r\nBcc: eve@example.com {{7*7}} <b>",
    )


def write(userkit: Kits, to: str = TO, **more: t.Any) -> None:
    context = {"code": CODE, "purpose": "sign_in", "minutes": 10, "ip_address": "192.0.2.1"}
    with userkit.transaction() as db:
        outbox.send_mail(db, "verification_code", to, **{**context, **more})


def message(kit: Kit) -> OutboxMessage:
    return t.cast(OutboxMessage, rows(kit, OutboxMessage)[-1])


@pytest.mark.usefixtures("backend")
def test_a_message_is_sealed_until_it_is_sent_and_erased_after(
    userkit: Kits, kit: Kit, mail_server: MailServer, clock: Clock
) -> None:
    write(userkit)
    waiting = message(kit)
    assert waiting.payload is not None
    assert CODE not in waiting.payload
    assert TO not in waiting.payload
    assert json.loads(kit.keys.decrypt(waiting.payload) or "")["to"] == TO
    clock.tick(5)
    assert deliver_next(kit)
    assert not deliver_next(kit)
    (delivery,) = mail_server.wait()
    assert CODE in delivery.text
    sent = message(kit)
    assert (sent.payload, sent.sent, sent.done_at, sent.attempts) == (None, True, clock(), 1)
    assert delivery.message["Message-ID"] == f"<{sent.id}@localhost>"


def test_the_name_of_an_app_adds_nothing_to_its_mail(
    userkit: Kits, kit: Kit, mail_server: MailServer
) -> None:
    write(userkit)
    deliver_next(kit)
    (delivery,) = mail_server.wait()
    assert delivery.rcpt_tos == (TO,)
    assert "Bcc" not in delivery.message
    assert "\n" not in str(delivery.message["Subject"])
    assert "{{7*7}}" in str(delivery.message["Subject"])
    html = delivery.message.get_body(("html",))
    assert html is not None
    assert "<b>" not in html.get_content()
    assert "{{7*7}} &lt;b&gt;" in html.get_content()


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("mode", ["421", "451"])
def test_a_refusal_for_now_is_tried_again_later_and_later(
    userkit: Kits, kit: Kit, mail_server: MailServer, clock: Clock, mode: Mode
) -> None:
    mail_server.mode = mode
    write(userkit)
    for delay in (1, 2, 4, 8):
        assert deliver_next(kit)
        clock.tick(delay - 0.001)
        assert not deliver_next(kit)
        clock.tick(0.001)
    mail_server.mode = "ok"
    assert deliver_next(kit)
    clock.tick(3600)
    assert not deliver_next(kit)
    assert len(mail_server.wait()) == 1
    assert (message(kit).attempts, message(kit).sent) == (5, True)


def test_the_wait_does_not_grow_beyond_five_minutes(
    userkit: Kits, kit: Kit, mail_server: MailServer, clock: Clock
) -> None:
    mail_server.stop()
    write(userkit)
    for _ in range(12):
        deliver_next(kit)
        clock.tick(300)
    assert message(kit).attempts == 12
    mail_server.start()
    deliver_next(kit)
    assert len(mail_server.wait()) == 1


@pytest.mark.usefixtures("backend")
def test_a_refusal_for_good_is_given_up_and_flagged(
    userkit: Kits, kit: Kit, mail_server: MailServer, clock: Clock
) -> None:
    mail_server.mode = "550"
    write(userkit)
    deliver_next(kit)
    clock.tick(86400)
    assert not deliver_next(kit)
    given_up = message(kit)
    assert (given_up.payload, given_up.sent, given_up.attempts) == (None, False, 1)
    assert given_up.done_at is not None
    assert "550" in (given_up.last_error or "")
    assert TO not in (given_up.last_error or "")


@pytest.mark.usefixtures("backend")
def test_who_dies_with_a_message_leaves_it_to_the_next_after_a_minute(
    userkit: Kits, kit: Kit, mail_server: MailServer, clock: Clock
) -> None:
    write(userkit)
    claimed = outbox._claim(kit)
    assert claimed is not None
    clock.tick(59)
    assert not deliver_next(kit)
    clock.tick(1)
    assert deliver_next(kit)
    outbox._finish(kit, claimed, sent=False, error="too late")
    assert (message(kit).sent, message(kit).last_error) == (True, None)
    assert len(mail_server.wait()) == 1


def test_one_that_cannot_be_sent_holds_up_no_other(
    userkit: Kits, kit: Kit, mail_server: MailServer
) -> None:
    write(userkit, "not an address\r\n")
    with userkit.transaction() as db:
        outbox.send_mail(db, "no_such_mail", TO)
    write(userkit)
    assert deliver_all(kit) == 3
    assert [delivery.rcpt_tos for delivery in mail_server.wait()] == [(TO,)]


def test_a_message_of_a_key_that_is_gone_is_given_up(
    make_app: MakeApp, userkit: Kits, kit: Kit, mail_server: MailServer
) -> None:
    write(userkit)
    other = make_app(USERKIT_OUTBOX="worker", USERKIT_MAIL_URL=mail_server.url)
    with other.app_context():
        assert deliver_next(other.extensions["userkit"].kit)
    assert (message(kit).payload, message(kit).sent) == (None, False)


def test_a_message_outlives_a_rotation_of_the_key(
    make_app: MakeApp, app: Flask, userkit: Kits, mail_server: MailServer
) -> None:
    write(userkit)
    fallbacks = [app.config["SECRET_KEY"]]
    other = make_app(USERKIT_MAIL_URL=mail_server.url, SECRET_KEY_FALLBACKS=fallbacks)
    with other.app_context():
        assert deliver_next(other.extensions["userkit"].kit)
    assert CODE in mail_server.wait()[0].text


class Rude(MailServer):
    """Takes mail, and then has no time for a farewell."""

    async def handle_QUIT(self, server: SMTP, *_: object) -> str:  # noqa: N802 (aiosmtpd's)
        return "451 4.3.0 try again later"


def test_mail_that_was_taken_is_sent_whatever_follows(make_app: MakeApp, clock: Clock) -> None:
    with Rude() as rude:
        app = make_app(USERKIT_OUTBOX="worker", USERKIT_MAIL_URL=rude.url)
        with app.app_context():
            userkit = t.cast(Kits, app.extensions["userkit"])
            userkit.clock = clock
            write(userkit)
            deliver_next(userkit.kit)
            clock.tick(3600)
            assert not deliver_next(userkit.kit)
            assert message(userkit.kit).sent
        assert len(rude.wait()) == 1


@pytest.mark.parametrize(
    "base_url", ["http://[::1]:5000", "https://bücher.example", "https://a.example/"]
)
def test_mail_goes_out_from_any_base_url(
    make_app: MakeApp, mail_server: MailServer, base_url: str
) -> None:
    app = make_app(
        USERKIT_OUTBOX="worker", USERKIT_MAIL_URL=mail_server.url, USERKIT_BASE_URL=base_url
    )
    with app.app_context():
        userkit = t.cast(Kits, app.extensions["userkit"])
        write(userkit)
        deliver_next(userkit.kit)
        assert message(userkit.kit).last_error is None
    (delivery,) = mail_server.wait()
    assert delivery.message["Message-ID"].isascii()
    assert delivery.message["From"].addresses[0].domain
