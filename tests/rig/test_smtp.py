"""The mail server does each of the things that mail servers do."""

from __future__ import annotations

import smtplib
import time

import pytest

from tests.rig.smtp import MailServer
from tests.rig.smtp import Mode

MAIL = "From: app@example.com\r\nTo: ada@example.com\r\nSubject: Hi\r\n\r\nYour code is 482913.\r\n"


def send(server: MailServer, *, timeout: float = 5) -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=timeout) as smtp:
        smtp.sendmail("app@example.com", ["ada@example.com"], MAIL)


def test_mail_is_taken(mail_server: MailServer) -> None:
    send(mail_server)
    (delivery,) = mail_server.wait(1)
    assert delivery.rcpt_tos == ("ada@example.com",)
    assert delivery.message["Subject"] == "Hi"
    assert "482913" in delivery.text


@pytest.mark.parametrize("mode", ["421", "451", "550"])
def test_mail_is_refused(mail_server: MailServer, mode: Mode) -> None:
    mail_server.mode = mode
    with pytest.raises((smtplib.SMTPRecipientsRefused, smtplib.SMTPServerDisconnected)) as refused:
        send(mail_server)
    assert mode in str(refused.value) or mode == "421"
    mail_server.mode = "ok"
    send(mail_server)
    assert len(mail_server.wait(1)) == 1


@pytest.mark.parametrize("smtputf8", [True, False])
def test_a_server_knows_addresses_of_any_script_or_does_not(smtputf8: bool) -> None:
    with (
        MailServer(smtputf8=smtputf8) as server,
        smtplib.SMTP("127.0.0.1", server.port, timeout=5) as smtp,
    ):
        smtp.ehlo()
        assert smtp.has_extn("smtputf8") is smtputf8
        send(server)
        assert len(server.wait(1)) == 1


def test_a_server_that_hangs_says_nothing(mail_server: MailServer) -> None:
    mail_server.mode = "hang"
    begun = time.monotonic()
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        send(mail_server, timeout=0.3)
    assert time.monotonic() - begun >= 0.3
    assert mail_server.deliveries == []


def test_a_server_that_is_down_comes_back_on_its_port(mail_server: MailServer) -> None:
    mail_server.stop()
    with pytest.raises(OSError, match="refused"):
        send(mail_server)
    mail_server.start()
    send(mail_server)
    assert len(mail_server.wait(1)) == 1


def test_waiting_for_mail_that_does_not_come_fails(mail_server: MailServer) -> None:
    with pytest.raises(AssertionError, match="0 of 1"):
        mail_server.wait(1, seconds=0.1)
