"""No request waits for the mail server, and no mail is lost while it is away (F6, F7)."""

from __future__ import annotations

import threading
import time

import pytest
from flask import Flask

from flask_userkit.delivery import email
from flask_userkit.services import outbox_thread
from flask_userkit.services.outbox import deliver_next
from tests.rig.fixtures.apps import MakeApp
from tests.rig.fixtures.servers import StartServer
from tests.rig.people import Person
from tests.rig.people import begin_sign_up
from tests.rig.smtp import MailServer
from tests.rig.visitor import Visitor

NAME = "userkit-outbox"


def senders() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == NAME]


@pytest.mark.usefixtures("backend")
def test_a_request_that_causes_mail_answers_while_the_mail_server_hangs(
    start_server: StartServer, mail_server: MailServer
) -> None:
    mail_server.mode = "hang"
    server = start_server(settings={"USERKIT_MAIL_URL": mail_server.url})
    with server.client() as client:
        visitor, person = Visitor(client), Person()
        visitor.open("/account/sign-up")
        times = []
        for _ in range(3):
            begun = time.monotonic()
            page = begin_sign_up(visitor, person)
            times.append(time.monotonic() - begun)
            assert page.url.endswith("/account/sign-up/verification")
    # One that waited for the mail server would take ten seconds each time; a machine that does
    # something else meanwhile is slow once.
    assert min(times) < 1
    assert max(times) < email.TIMEOUT
    assert mail_server.attempted.wait(10)
    begun = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begun < 25
    assert "Traceback" not in server.log


def test_a_request_that_sent_its_mail_itself_would_wait(
    make_app: MakeApp, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_server.mode = "hang"
    app = make_app(USERKIT_MAIL_URL=mail_server.url, USERKIT_OUTBOX="worker")
    with app.app_context():
        kit = app.extensions["userkit"].kit
    monkeypatch.setattr(kit.outbox, "wake", lambda: deliver_next(kit))
    answered = threading.Event()

    def ask() -> None:
        begin_sign_up(Visitor(app.test_client()), Person())
        answered.set()

    threading.Thread(target=ask).start()
    assert not answered.wait(1)
    mail_server.mode = "ok"
    assert answered.wait(10)


@pytest.mark.usefixtures("backend")
def test_mail_goes_out_once_when_the_server_is_back(
    make_app: MakeApp, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_thread, "POLL_SECONDS", 0.2)
    mail_server.stop()
    app: Flask = make_app(USERKIT_MAIL_URL=mail_server.url)
    visitor, person = Visitor(app.test_client()), Person()
    begin_sign_up(visitor, person)
    time.sleep(0.5)
    mail_server.start()
    (delivery,) = mail_server.wait(1, seconds=15)
    time.sleep(0.5)
    assert delivery.rcpt_tos == (person.email_address,)
    assert len(mail_server.deliveries) == 1
    code = next(word for word in delivery.text.split() if len(word) == 6 and word.isdigit())
    visitor.submit("/sign-up/verification", code=code)
    assert visitor.open("/members").status == 200


def test_the_thread_starts_at_the_first_request_and_not_before(make_app: MakeApp) -> None:
    already = set(senders())
    app = make_app()
    with app.app_context():
        app.extensions["userkit"].users.create_user(username="ada_1815")
    assert set(senders()) == already
    for _ in range(3):
        app.test_client().get("/account/sign-in")
    (started,) = set(senders()) - already
    with app.app_context():
        app.extensions["userkit"].close()
    assert not started.is_alive()


def test_an_app_whose_workers_send_has_no_thread(make_app: MakeApp) -> None:
    already = set(senders())
    app = make_app(USERKIT_OUTBOX="worker")
    begin_sign_up(Visitor(app.test_client()), Person())
    assert set(senders()) == already
