"""The development mailbox, read the way a person would: the new mail, once it is there."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass

from .clients import Client
from .clients import request
from .recorder import record
from .recorder import record_mail

PATIENCE = 30
NEW_SIGN_IN = "New sign-in to your account"


@dataclass(frozen=True)
class Letter:
    """One mail of the mailbox."""

    to: str
    subject: str
    text: str
    code: str | None
    links: tuple[str, ...]
    sent_at: str

    @property
    def the_code(self) -> str:
        """Return the code, which this mail has."""
        assert self.code, f"no code in {self.subject!r}"
        return self.code


class Mailbox:
    """Reads ``/account/mailbox.json`` and hands out each mail once."""

    def __init__(self, client: Client, path: str = "/account/mailbox.json") -> None:
        self._client = client
        self._path = path
        self._handed_out: set[Letter] = set()

    def all(self) -> list[Letter]:
        """Return every mail that is there now, newest first."""
        page = request(self._client, "GET", self._path)
        assert page.status == 200, f"{self._path} answers {page.status}"
        return [_letter(item) for item in page.json]

    def wait(self, to: str, *, seconds: float = PATIENCE, about: str = "") -> Letter:
        """Return the oldest mail to an address that was not handed out before.

        :param about: what its subject ends with; by default anything but a notice of a sign-in,
            which comes with most of what people do.
        """
        deadline = time.monotonic() + seconds
        while True:
            new = [mail for mail in self.all() if mail.to == to and mail not in self._handed_out]
            new = [mail for mail in new if mail.subject.endswith(about or mail.subject)]
            if not about:
                new = [mail for mail in new if NEW_SIGN_IN not in f"{mail.subject} {mail.text}"]
            if new:
                self._handed_out.add(new[-1])
                return new[-1]
            if time.monotonic() > deadline:
                raise AssertionError(f"no mail to {to} within {seconds} s")
            time.sleep(0.02)


def _letter(item: dict[str, t.Any]) -> Letter:
    record("code", item["code"])
    record_mail(item["text"])
    return Letter(
        to=item["to"],
        subject=item["subject"],
        text=item["text"],
        code=item["code"],
        links=tuple(item["links"]),
        sent_at=item["sent_at"],
    )
