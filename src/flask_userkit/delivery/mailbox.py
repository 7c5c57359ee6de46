"""The development mailbox: what would be sent is kept in a folder."""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path

from .email import Mail
from .sms import TextMessage

KEPT = 200
_CODE = re.compile(r"^\s*(\d{6})\s*$", re.MULTILINE)
#: The last line of a text message has it for browsers to fill in; a template may be without.
_CODES_OF_TEXT = (
    re.compile(r"^@\S+ #(\d{6})$", re.MULTILINE),
    re.compile(r"(?<!\d)(\d{6})(?!\d)"),
)
_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class MailboxMessage:
    """A mail or text message as the mailbox shows it."""

    to: str
    subject: str
    text: str
    html: str
    code: str | None
    links: list[str]
    sent_at: str
    message_id: str
    kind: t.Literal["email", "sms"] = "email"


class Mailbox:
    """Keeps the newest messages of an app in its instance folder, for every process of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: Mail | TextMessage) -> None:
        kept = _from_mail(message) if isinstance(message, Mail) else _from_text(message)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        message_id = kept.message_id.strip("<>").partition("@")[0]
        name = f"{message.sent_at:%Y%m%dT%H%M%S%f}-{message_id}.json"
        partial = self._folder / f".{name}"
        partial.write_text(json.dumps(asdict(kept)), encoding="utf-8")
        partial.replace(self._folder / name)
        for old in self._names()[KEPT:]:
            (self._folder / old).unlink(missing_ok=True)

    def messages(self) -> list[MailboxMessage]:
        """Return the kept messages, newest first."""
        messages: list[MailboxMessage] = []
        for name in self._names():
            try:
                text = (self._folder / name).read_text(encoding="utf-8")
            except FileNotFoundError:
                continue
            messages.append(MailboxMessage(**json.loads(text)))
        return messages

    def _names(self) -> list[str]:
        if not self._folder.is_dir():
            return []
        names = (entry.name for entry in self._folder.iterdir())
        return sorted((n for n in names if n[0] != "." and n.endswith(".json")), reverse=True)


def _from_mail(mail: Mail) -> MailboxMessage:
    code = _CODE.search(mail.text)
    return MailboxMessage(
        to=mail.to,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        code=code[1] if code else None,
        links=_LINK.findall(mail.text),
        sent_at=mail.sent_at.isoformat(),
        message_id=mail.message_id,
    )


def _from_text(message: TextMessage) -> MailboxMessage:
    codes = (code[1] for pattern in _CODES_OF_TEXT if (code := pattern.search(message.text)))
    return MailboxMessage(
        to=message.to,
        subject="",
        text=message.text,
        html="",
        code=next(codes, None),
        links=_LINK.findall(message.text),
        sent_at=message.sent_at.isoformat(),
        message_id=message.message_id,
        kind="sms",
    )
