"""A mail is what it should be on the wire, whatever its values hold (B52)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from flask_userkit.delivery.email import DeliveryError
from flask_userkit.delivery.email import FileSender
from flask_userkit.delivery.email import Mail
from flask_userkit.delivery.email import SmtpSender
from flask_userkit.delivery.email import sender_from_url
from flask_userkit.errors import SetupError
from tests.rig.ports import free_port
from tests.rig.smtp import MailServer
from tests.rig.smtp import Mode

MAIL = Mail(
    to="ada@example.com",
    sender="Shelf <no-reply@example.com>",
    subject="Your code for Shelf",
    text="Your code is below.\n.\nThen on, é and 😀.\n",
    html="<p>Your code is below, é and 😀.</p>",
    message_id="<msg_1@example.com>",
    sent_at=dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.UTC),
)
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
}


def test_a_mail_has_its_headers_and_both_its_parts(mail_server: MailServer) -> None:
    SmtpSender(mail_server.url).send(MAIL)
    (delivery,) = mail_server.wait()
    message = delivery.message
    assert set(message.keys()) == HEADERS
    assert (message["From"], message["To"]) == (MAIL.sender, MAIL.to)
    assert (message["Subject"], message["Message-ID"]) == (MAIL.subject, MAIL.message_id)
    assert message["Date"].datetime == MAIL.sent_at
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert [part.get_content_type() for part in (text, html)] == ["text/plain", "text/html"]
    assert text.get_content().replace("\r\n", "\n") == MAIL.text
    assert html.get_content().strip() == MAIL.html
    assert (delivery.mail_from, delivery.rcpt_tos) == ("no-reply@example.com", (MAIL.to,))


@pytest.mark.parametrize("field", ["to", "sender", "subject", "message_id"])
@pytest.mark.parametrize(
    "tail", ["\r\nBcc: eve@example.com", "\nX-Evil: 1", "\rCc: eve@example.com"]
)
def test_no_value_adds_a_header_or_a_recipient(
    mail_server: MailServer, field: str, tail: str
) -> None:
    mail = replace(MAIL, **{field: getattr(MAIL, field) + tail})
    with pytest.raises(DeliveryError) as caught:
        SmtpSender(mail_server.url).send(mail)
    assert caught.value.permanent
    assert mail_server.deliveries == []


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?b?QmNjOiBldmU=?=",
        '"victim@example.com" <eve@example.com>',
        "x" * 1000,
        "é😀\u202e",
        "Bcc: eve@example.com",
        "a: b, c; d <e@example.com>",
    ],
    ids=ascii,
)
def test_any_subject_is_one_header_and_one_recipient(mail_server: MailServer, subject: str) -> None:
    SmtpSender(mail_server.url).send(replace(MAIL, subject=subject))
    (delivery,) = mail_server.wait()
    assert set(delivery.message.keys()) == HEADERS
    assert delivery.rcpt_tos == (MAIL.to,)
    assert b"eve@example.com" not in delivery.raw.partition(b"Subject")[0]


@pytest.mark.parametrize(
    "body", ["\r\n.\r\nMAIL FROM:<eve@example.com>\r\n", "..\n.\n", "x" * 5000]
)
def test_no_body_ends_the_mail_early(mail_server: MailServer, body: str) -> None:
    SmtpSender(mail_server.url).send(replace(MAIL, text=body))
    (delivery,) = mail_server.wait()
    assert delivery.text.replace("\r\n", "\n").strip() == body.replace("\r\n", "\n").strip()
    assert len(mail_server.deliveries) == 1


@pytest.fixture
def ascii_server() -> Iterator[MailServer]:
    """A server as most of them still are, which takes ASCII alone."""
    with MailServer(smtputf8=False) as server:
        yield server


@pytest.mark.parametrize(
    ("to", "written"),
    [
        ("ada@münchen.example", "ada@xn--mnchen-3ya.example"),
        ("Ada.L+x@mail.bücher.example", "Ada.L+x@mail.xn--bcher-kva.example"),
        ("ada@straße.example", "ada@xn--strae-oqa.example"),
        ("ada@例え.テスト", "ada@xn--r8jz45g.xn--zckzah"),
        ("Ada@Example.COM", "Ada@Example.COM"),
    ],
    ids=ascii,
)
def test_a_domain_of_any_script_is_written_to_at_any_server(
    ascii_server: MailServer, mail_server: MailServer, to: str, written: str
) -> None:
    for server in (ascii_server, mail_server):
        SmtpSender(server.url).send(replace(MAIL, to=to))
        (delivery,) = server.wait()
        assert delivery.rcpt_tos == (written,)
        assert delivery.message["To"] == written
        assert delivery.raw.partition(b"\r\n\r\n")[0].isascii()


@pytest.mark.parametrize("tail", ["", "\r\nBcc: eve@bücher.example", ">, <eve@bücher.example"])
def test_no_domain_of_any_script_adds_a_header_or_a_recipient(
    mail_server: MailServer, tail: str
) -> None:
    mail = replace(MAIL, to=f"ada@\r\nBcc: eve@bücher.example{tail}")
    with pytest.raises(DeliveryError) as caught:
        SmtpSender(mail_server.url).send(mail)
    assert caught.value.permanent
    assert mail_server.deliveries == []


def test_a_sender_of_any_domain_writes_at_any_server(ascii_server: MailServer) -> None:
    sender = "Die Bücher <no-reply@bücher.example>"
    SmtpSender(ascii_server.url).send(replace(MAIL, sender=sender))
    (delivery,) = ascii_server.wait()
    written = "no-reply@xn--bcher-kva.example"
    assert delivery.mail_from == written
    assert delivery.message["From"] == f"Die Bücher <{written}>"


def test_a_name_of_any_script_needs_a_server_that_knows_it(
    ascii_server: MailServer, mail_server: MailServer
) -> None:
    for to in ("josé@example.com", "josé@bücher.example"):
        mail = replace(MAIL, to=to)
        with pytest.raises(DeliveryError, match="SMTPUTF8") as caught:
            SmtpSender(ascii_server.url).send(mail)
        assert caught.value.permanent
        SmtpSender(mail_server.url).send(mail)
        delivery = mail_server.wait()[-1]
        assert delivery.rcpt_tos == (to,)
        assert delivery.message["To"] == to
    assert ascii_server.deliveries == []
    assert len(mail_server.deliveries) == 2


@pytest.mark.parametrize(("mode", "permanent"), [("421", False), ("451", False), ("550", True)])
def test_a_refusal_says_whether_to_try_again(
    mail_server: MailServer, mode: Mode, permanent: bool
) -> None:
    mail_server.mode = mode
    with pytest.raises(DeliveryError) as caught:
        SmtpSender(mail_server.url).send(MAIL)
    assert caught.value.permanent is permanent
    assert MAIL.to not in str(caught.value)


@pytest.mark.parametrize(
    "tail", ["?starttls=required", "with a user"], ids=["asked for", "for a password"]
)
def test_nothing_secret_travels_in_the_open(mail_server: MailServer, tail: str) -> None:
    url = mail_server.url
    url = url.replace("//", "//user:secret@") if tail == "with a user" else url + tail
    with pytest.raises(DeliveryError, match="STARTTLS") as caught:
        SmtpSender(url).send(MAIL)
    assert not caught.value.permanent
    assert mail_server.deliveries == []


def test_a_server_that_is_down_is_tried_again() -> None:
    with pytest.raises(DeliveryError) as caught:
        SmtpSender(f"smtp://127.0.0.1:{free_port()}").send(MAIL)
    assert not caught.value.permanent


def test_a_file_for_each_mail(tmp_path: Path) -> None:
    sender = sender_from_url(f"file://{tmp_path}/mail%20box")
    assert isinstance(sender, FileSender)
    for number in range(3):
        sender.send(replace(MAIL, message_id=f"<msg_{number}@example.com>"))
    files = sorted((tmp_path / "mail box").iterdir())
    assert [file.suffix for file in files] == [".eml"] * 3
    message = message_from_bytes(files[0].read_bytes(), policy=default)
    assert (message["To"], message["Message-ID"]) == (MAIL.to, "<msg_0@example.com>")
    with pytest.raises(DeliveryError):
        sender.send(replace(MAIL, subject="a\r\nBcc: eve@example.com"))


@pytest.mark.parametrize(
    "url", ["", "mail.example.com", "http://mail", "smtp://", "file:", "smtps:///x"]
)
def test_an_address_of_no_sender_is_refused(url: str) -> None:
    with pytest.raises(SetupError, match="USERKIT_MAIL_URL"):
        sender_from_url(url)
