"""The development mailbox: mail is kept in a folder instead of being sent."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path

from .email import Mail

KEPT = 200
_CODE = re.compile(r"^\s*(\d{6})\s*$", re.MULTILINE)
_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class MailboxMessage:
    """A mail as the mailbox shows it."""

    to: str
    subject: str
    text: str
    html: str
    code: str | None
    links: list[str]
    sent_at: str
    message_id: str


class Mailbox:
    """Keeps the newest mails of an app in its instance folder, for every process of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: Mail) -> None:
        code = _CODE.search(mail.text)
        message = MailboxMessage(
            to=mail.to,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            code=code[1] if code else None,
            links=_LINK.findall(mail.text),
            sent_at=mail.sent_at.isoformat(),
            message_id=mail.message_id,
        )
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = (
            f"{mail.sent_at:%Y%m%dT%H%M%S%f}-{mail.message_id.strip('<>').partition('@')[0]}.json"
        )
        partial = self._folder / f".{name}"
        partial.write_text(json.dumps(asdict(message)), encoding="utf-8")
        partial.replace(self._folder / name)
        for old in self._names()[KEPT:]:
            (self._folder / old).unlink(missing_ok=True)

    def messages(self) -> list[MailboxMessage]:
        """Return the kept mails, newest first."""
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
