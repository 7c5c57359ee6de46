"""The development mailbox keeps the newest messages, for every process of the app."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from flask_userkit.delivery.email import Mail
from flask_userkit.delivery.mailbox import KEPT
from flask_userkit.delivery.mailbox import Mailbox
from flask_userkit.delivery.sms import TextMessage

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def mail(number: int, text: str = "") -> Mail:
    return Mail(
        to=f"person{number}@example.com",
        sender="no-reply@example.com",
        subject=f"Mail {number}",
        text=text,
        html="",
        message_id=f"<msg_{number:06}@example.com>",
        sent_at=START + dt.timedelta(microseconds=number // 2),
    )


def text_message(number: int, text: str = "") -> TextMessage:
    return TextMessage(
        to=f"+4915112{number:06}",
        text=text,
        message_id=f"msg_{number:06}",
        sent_at=START + dt.timedelta(microseconds=number // 2),
    )


def test_the_newest_two_hundred_are_kept_newest_first(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "box")
    for number in range(KEPT + 25):
        mailbox.send(mail(number))
    other_process = Mailbox(tmp_path / "box")
    subjects = [message.subject for message in other_process.messages()]
    assert KEPT == 200
    assert subjects == [f"Mail {number}" for number in range(KEPT + 24, 24, -1)]


def test_a_mailbox_without_a_mail_is_empty(tmp_path: Path) -> None:
    assert Mailbox(tmp_path / "nothing").messages() == []


def test_a_code_and_the_links_are_found_in_the_text(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    text = "In 2026, for 1234567:\n\n  012345\n\nhttps://example.com/a?b=1&c=2 <http://localhost/x>"
    mailbox.send(mail(1, text))
    (message,) = mailbox.messages()
    assert message.code == "012345"
    assert message.links == ["https://example.com/a?b=1&c=2", "http://localhost/x"]
    assert (message.to, message.sent_at) == ("person1@example.com", START.isoformat())


def test_a_mail_without_a_code_has_none(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    mailbox.send(mail(1, "Call 1234567 or 123456 now.\nhttps://example.com/654321"))
    assert mailbox.messages()[0].code is None


def test_a_mail_that_is_still_being_written_is_not_shown(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    mailbox.send(mail(1))
    (tmp_path / ".half.json").write_text("{")
    (tmp_path / "notes.txt").write_text("x")
    assert len(mailbox.messages()) == 1


def test_texts_and_mails_are_kept_together_in_their_order(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    for number in range(KEPT + 10):
        mailbox.send(text_message(number) if number % 2 else mail(number))
    messages = Mailbox(tmp_path).messages()
    assert len(messages) == KEPT
    assert [message.kind for message in messages] == ["sms", "email"] * (KEPT // 2)
    assert messages[0].to == f"+4915112{KEPT + 9:06}"
    assert (messages[0].subject, messages[0].html) == ("", "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("012345 is your code for Shelf.\n\n@example.com #012345", "012345"),
        ("Shelf 111111: your code is 222222.\n\n@example.com #222222", "222222"),
        ("Your code is 012345", "012345"),
        ("Call 1234567 or +4915112345678, or 12345.", None),
        ("", None),
    ],
)
def test_the_code_of_a_text_is_found(tmp_path: Path, text: str, code: str | None) -> None:
    mailbox = Mailbox(tmp_path)
    mailbox.send(text_message(1, text))
    (message,) = mailbox.messages()
    assert (message.kind, message.text, message.code) == ("sms", text, code)


def test_mails_that_were_kept_before_there_were_texts_are_shown(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    mailbox.send(mail(1))
    (path,) = tmp_path.glob("*.json")
    kept = json.loads(path.read_text("utf-8"))
    del kept["kind"]
    path.write_text(json.dumps(kept), "utf-8")
    assert mailbox.messages()[0].kind == "email"
