"""The development mailbox: for the machine it was made on, and for nobody else."""

from __future__ import annotations

import time
import typing as t
from pathlib import Path

import pytest
from flask import Flask

from flask_userkit.services import outbox
from tests.http.cookies import forget
from tests.rig.fixtures.apps import MakeApp
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.visitor import Visitor
from tests.services.deliveries import deliver_all

URLS = ("/account/mailbox", "/account/mailbox.json")


def status(app: Flask, url: str, host: str = "localhost:5000", **environ: t.Any) -> int:
    environ = {"HTTP_HOST": host, "REMOTE_ADDR": "127.0.0.1", **environ}
    answer = app.test_client().get(url, environ_overrides=environ)
    assert answer.status_code == 200 or b"@example.com" not in answer.data
    return answer.status_code


@pytest.fixture
def filled(app: Flask, ada: Person) -> Flask:
    """An app with a mail in its mailbox."""
    return app


@pytest.mark.parametrize("url", URLS)
def test_this_machine_reads_it_by_any_of_its_names(filled: Flask, url: str) -> None:
    for remote in ("127.0.0.1", "127.0.0.53", "::1"):
        for host in ("localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000", "a.localhost"):
            assert status(filled, url, host, REMOTE_ADDR=remote) == 200, (remote, host)


@pytest.mark.parametrize("url", URLS)
def test_another_machine_does_not(filled: Flask, url: str) -> None:
    for remote in ("192.168.1.5", "203.0.113.9", "2001:db8::1", "", "unix:", "127.0.0.1.evil"):
        assert status(filled, url, REMOTE_ADDR=remote) == 404, remote


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host", "Via"]
)
def test_who_comes_through_a_proxy_does_not(filled: Flask, url: str, header: str) -> None:
    name = "HTTP_" + header.upper().replace("-", "_")
    for value in ("127.0.0.1", "203.0.113.9", ""):
        assert status(filled, url, **{name: value}) == 404, value


@pytest.mark.parametrize("url", URLS)
def test_a_page_elsewhere_that_had_its_name_point_here_does_not(filled: Flask, url: str) -> None:
    for host in (
        "evil.example",
        "evil.example:5000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "192.168.1.5",
        "0.0.0.0",  # noqa: S104 (an address that is looked at, not bound)
        "localhost@evil.example",
        "[::",
        "",
    ):
        assert status(filled, url, host) in (400, 404), host


@pytest.mark.parametrize("url", URLS)
def test_in_production_there_is_no_such_address(
    make_app: MakeApp, url: str, tmp_path: Path
) -> None:
    app = make_app(
        DEBUG=False,
        TESTING=False,
        USERKIT_BASE_URL="https://example.com",
        USERKIT_MAIL_URL=f"file://{tmp_path}",
    )
    assert [rule for rule in app.url_map.iter_rules() if "mailbox" in rule.rule] == []
    assert status(app, url) == 404


@pytest.mark.parametrize("url", URLS)
def test_a_debug_app_that_sends_mail_keeps_none(
    make_app: MakeApp, url: str, tmp_path: Path
) -> None:
    app = make_app(USERKIT_MAIL_URL=f"file://{tmp_path}")
    assert status(app, url) == 404


def test_it_shows_the_newest_first_with_code_and_links(
    filled: Flask, visitor: Visitor, ada: Person
) -> None:
    forget(visitor)
    visitor.open("/account/sign-up")
    visitor.submit("/sign-up", email_address=ada.email_address, password=ada.password)
    deadline = time.monotonic() + 30
    while len(mails := visitor.open("/account/mailbox.json").json) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert [mail["code"] is None for mail in mails] == [True, False]
    assert {"to", "subject", "text", "code", "links", "sent_at"} <= set(mails[0])
    assert mails[0]["sent_at"] >= mails[1]["sent_at"]
    assert mails[0]["links"] == ["http://localhost:5000/account/sign-in"]
    page = visitor.open("/account/mailbox")
    assert page.status == 200
    assert [tag.get_text() for tag in page.html.select(".userkit-item__title")] == [
        mail["subject"] for mail in mails
    ]
    assert mails[1]["code"] in page.words


def test_an_empty_one_says_so(visitor: Visitor) -> None:
    page = visitor.open("/account/mailbox")
    assert page.status == 200
    assert "No mail yet" in page.words
    assert visitor.open("/account/mailbox.json").json == []


NUMBER = "+4915112345678"


def send_text(app: Flask) -> None:
    """Send a code by text message."""
    with app.app_context():
        userkit = app.extensions["userkit"]
        with userkit.transaction() as db:
            more: dict[str, t.Any] = {"code": "482913", "purpose": "sign_in", "minutes": 10}
            outbox.send_sms(db, "verification_code", NUMBER, **more)
        deliver_all(userkit.kit)


@pytest.mark.parametrize("mail_is_sent", [False, True])
def test_a_text_message_is_shown_with_its_number_and_its_code(
    make_app: MakeApp, tmp_path: Path, mail_is_sent: bool
) -> None:
    mail_url = f"file://{tmp_path}/mail" if mail_is_sent else None
    app = make_app(
        USERKIT_OUTBOX="worker", USERKIT_PHONE_NUMBER="optional", USERKIT_MAIL_URL=mail_url
    )
    send_text(app)
    letter = Mailbox(app.test_client()).wait(NUMBER)
    assert letter.code == "482913"
    assert letter.text.startswith("482913 is your code")
    page = Visitor(app.test_client()).open("/account/mailbox")
    (item,) = page.html.select(".userkit-item")
    assert [tag.get_text() for tag in item.select(".userkit-item__title")] == ["Text message"]
    assert f"To {NUMBER}" in " ".join(item.get_text().split())
    assert [tag.get_text() for tag in item.select(".userkit-mailbox__code")] == ["482913"]


def test_where_mail_and_texts_are_sent_nothing_is_kept(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(
        USERKIT_PHONE_NUMBER="optional",
        USERKIT_MAIL_URL=f"file://{tmp_path}",
        USERKIT_SMS_URL="twilio://AC1:token@api.twilio.com?from=%2B15005550006",
    )
    assert [status(app, url) for url in URLS] == [404, 404]
