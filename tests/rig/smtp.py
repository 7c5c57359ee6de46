"""A real SMTP server that takes mail, or does what mail servers do on a bad day."""

from __future__ import annotations

import asyncio
import threading
import time
import typing as t
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope
from aiosmtpd.smtp import Session

from .ports import free_port
from .recorder import record_mail

Mode = t.Literal["ok", "hang", "421", "451", "550"]
NAP = 0.05
REPLIES = {
    "421": "421 4.3.2 shutting down",
    "451": "451 4.3.0 try again later",
    "550": "550 5.1.1 no such mailbox",
}


@dataclass(frozen=True)
class Delivery:
    """One message as it came in."""

    mail_from: str
    rcpt_tos: tuple[str, ...]
    raw: bytes
    message: EmailMessage

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())


class _Controller(Controller):
    """Keeps its connections, so that it can end them: left open they outlive the server."""

    def __init__(self, handler: MailServer, port: int, *, smtputf8: bool) -> None:
        super().__init__(handler, hostname="127.0.0.1", port=port, enable_SMTPUTF8=smtputf8)
        self._connections: list[SMTP] = []

    def factory(self) -> SMTP:
        connection = SMTP(self.handler, **self.SMTP_kwargs)
        self._connections.append(connection)
        return connection

    def stop(self, no_assert: bool = False) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result()
        super().stop(no_assert)

    async def _hang_up(self) -> None:
        for connection in self._connections:
            if isinstance(connection.transport, asyncio.WriteTransport):
                connection.transport.abort()
        await asyncio.sleep(NAP)


class MailServer:
    """An SMTP server on a loopback port; ``mode`` may change at any time.

    Modes: ``ok`` takes all; ``hang`` says nothing after EHLO; ``421``, ``451`` and ``550`` answer
    every recipient so. A server that is down is one that is stopped, or was not started.

    :param smtputf8: whether it takes addresses that are not ASCII (RFC 6531).
    """

    def __init__(self, mode: Mode = "ok", *, smtputf8: bool = True) -> None:
        self.mode: Mode = mode
        self._smtputf8 = smtputf8
        self.port = free_port()
        self.deliveries: list[Delivery] = []
        self.attempted = threading.Event()
        self._arrived = threading.Condition()
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        """Return what USERKIT_MAIL_URL is to be."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> t.Self:
        self._controller = _Controller(self, self.port, smtputf8=self._smtputf8)
        self._controller.start()
        return self

    def stop(self) -> None:
        controller, self._controller = self._controller, None
        if controller is not None:
            controller.stop()

    def wait(self, count: int = 1, *, seconds: float = 120) -> list[Delivery]:
        """Return all messages once there are this many.

        :raises AssertionError: there are fewer after this time.
        """
        deadline = time.monotonic() + seconds
        with self._arrived:
            while len(self.deliveries) < count:
                if not self._arrived.wait(deadline - time.monotonic()):
                    raise AssertionError(f"{len(self.deliveries)} of {count} mails in {seconds} s")
            return list(self.deliveries)

    def __enter__(self) -> t.Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def handle_EHLO(  # noqa: N802 - the name is aiosmtpd's
        self,
        _server: SMTP,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        self.attempted.set()
        while self.mode == "hang" and self._controller is not None:
            await asyncio.sleep(NAP)
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if self.mode in REPLIES:
            return REPLIES[self.mode]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        raw = envelope.original_content or b""
        message = message_from_bytes(raw, _class=EmailMessage, policy=default)
        delivery = Delivery(str(envelope.mail_from), tuple(envelope.rcpt_tos), raw, message)
        record_mail(delivery.text)
        with self._arrived:
            self.deliveries.append(delivery)
            self._arrived.notify_all()
        return "250 taken"
