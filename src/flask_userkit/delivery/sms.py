"""Text messages: what one is, and the senders that take it."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
import typing as t
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from ssl import SSLCertVerificationError
from urllib.parse import parse_qs
from urllib.parse import quote
from urllib.parse import unquote
from urllib.parse import urlsplit

from ..config import is_loopback
from ..errors import SetupError
from .errors import DeliveryError as DeliveryError

if t.TYPE_CHECKING:
    from requests import RequestException
    from requests import Response

#: Seconds until there is a connection, and until there is an answer.
TIMEOUTS = (5.0, 10.0)
#: Bytes; what Twilio answers has one or two thousand.
LONGEST_ANSWER = 32 * 1024
EXAMPLE = "twilio://ACCOUNT_SID:AUTH_TOKEN@api.twilio.com?from=%2B15005550006"


@dataclass(frozen=True, slots=True)
class TextMessage:
    """One text message to one phone number."""

    #: The number, as E.164 writes it: ``+491511234567``.
    to: str
    text: str
    message_id: str
    sent_at: dt.datetime


class SmsSender(t.Protocol):
    """Anything that takes text messages."""

    def send(self, message: TextMessage, /) -> None:
        """Hand one text message over, and never a second time: each costs money.

        :raises DeliveryError: it was not taken; ``permanent=False`` only where that is sure.
        """


class TwilioSender:
    """Sends by Twilio, or by what speaks its interface.

    :param url: ``twilio://ACCOUNT_SID:AUTH_TOKEN@api.twilio.com?from=%2B15005550006``, or with
        ``?messaging_service=MG…`` in place of a number.
    :param timeouts: seconds until there is a connection, and until there is an answer.
    """

    def __init__(self, url: str, *, timeouts: tuple[float, float] = TIMEOUTS) -> None:
        parts = urlsplit(url)
        if not (parts.hostname and parts.username and parts.password):
            raise ValueError("no host, account or token")
        # A plus sign is one here, and no space as in a form.
        asked = parse_qs(parts.query.replace("+", "%2B"), strict_parsing=True)
        self._from = _sender_field(asked)
        self._auth = (unquote(parts.username), unquote(parts.password))
        scheme = "http" if is_loopback(parts.hostname) else "https"
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        port = f":{parts.port}" if parts.port else ""
        account = quote(self._auth[0], safe="")
        self._url = f"{scheme}://{host}{port}/2010-04-01/Accounts/{account}/Messages.json"
        self._timeouts = timeouts
        _need_requests()

    def send(self, message: TextMessage) -> None:
        import requests

        try:
            # Each in a connection of its own: one that was kept open may be cut just as the next
            # message goes out, and nobody could say whether that was taken.
            with (
                requests.Session() as session,
                session.post(
                    self._url,
                    data={"To": message.to, "Body": message.text, **self._from},
                    auth=self._auth,
                    headers={"Accept-Encoding": "identity", "Connection": "close"},
                    timeout=self._timeouts,
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                answer = self._read(response)
        except requests.RequestException as error:
            sure = _never_left(error)
            name = type(error).__name__
        else:
            _judge(response.status_code, response.headers.get("Retry-After"), answer)
            return
        # Outside of the handler, since the other error holds the request, and with it the token.
        raise DeliveryError(name if sure else f"{name}, maybe taken", permanent=not sure)

    def _read(self, response: Response) -> dict[str, t.Any]:
        """Return what is answered; nothing where that is no JSON, too long or too slow."""
        from requests import RequestException

        deadline = time.monotonic() + self._timeouts[1]
        body = bytearray()
        with suppress(RequestException, ValueError, RecursionError):
            # Byte by byte, since a longer piece waits until it is whole, however slowly it comes.
            for piece in response.iter_content(1):
                body += piece
                if len(body) > LONGEST_ANSWER or time.monotonic() > deadline:
                    return {}
            found: object = json.loads(body)
            return t.cast("dict[str, t.Any]", found) if isinstance(found, dict) else {}
        return {}


class FileSmsSender:
    """Writes each text message into a folder, as one ``.txt`` file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: TextMessage, /) -> None:
        name = f"{message.sent_at:%Y%m%dT%H%M%S%f}-{message.message_id}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial = self._folder / f".{name}.partial"
            partial.write_text(f"To: {message.to}\n\n{message.text}\n", encoding="utf-8")
            partial.replace(self._folder / f"{name}.txt")
        except OSError as error:
            raise DeliveryError(type(error).__name__, permanent=False) from error


def sms_sender_from_url(url: str) -> SmsSender:
    """Return the sender that ``USERKIT_SMS_URL`` names.

    :raises SetupError: no such kind of sender, or its library is not installed.
    """
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme == "twilio":
            return TwilioSender(url)
        if parts.scheme == "file" and parts.path:
            return FileSmsSender(Path(unquote(parts.path)))
    # Without what could not be read, which may be a part of the token.
    raise SetupError(
        f"USERKIT_SMS_URL is {EXAMPLE}, or with ?messaging_service=MG… in place of a number, or "
        "file:///folder; for any other service give UserKit an sms_sender."
    )


def _need_requests() -> None:
    try:
        import_module("requests")
    except ImportError:
        raise SetupError(
            "USERKIT_SMS_URL needs the package requests: run `pip install 'flask-userkit[twilio]'`."
        ) from None


def _sender_field(asked: dict[str, list[str]]) -> dict[str, str]:
    match asked:
        case {"from": [number], **more} if not more:
            return {"From": number}
        case {"messaging_service": [sid], **more} if not more:
            return {"MessagingServiceSid": sid}
        case _:
            raise ValueError("neither a number nor a messaging service")


def _never_left(error: RequestException) -> bool:
    """Tell whether the connection failed before any of the message was sent."""
    from urllib3.exceptions import ConnectTimeoutError
    from urllib3.exceptions import NewConnectionError
    from urllib3.exceptions import ProxyError

    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, ProxyError):
        # The name says little: a connection that is cut after the request is called so, too.
        reason = reason.original_error
        if str(reason).startswith("Tunnel connection failed"):
            return True
    if isinstance(reason, NewConnectionError | ConnectTimeoutError):
        return True
    # Without its certificate it was not even spoken to; any other error of TLS may come later.
    cause = reason.args[0] if isinstance(reason, Exception) and reason.args else None
    return isinstance(cause, SSLCertVerificationError)


def _judge(status: int, retry_after: str | None, answer: dict[str, t.Any]) -> None:
    """Return where the message was taken.

    :raises DeliveryError: it was not, or nobody knows.
    """
    if status // 100 == 2:
        if isinstance(answer.get("sid"), str):
            return
        raise DeliveryError(f"answered {status} and no message, maybe taken", permanent=True)
    # A number alone: the sentence beside it quotes the phone number.
    code = answer.get("code")
    told = f"answered {status}, code {code}" if isinstance(code, int) else f"answered {status}"
    # Wrong credentials are the operator's to mend; the message waits for that.
    if status in (401, 403, 429) or (status == 503 and retry_after is not None):
        asked = re.fullmatch(r"\d{1,6}", retry_after or "", re.ASCII)
        raise DeliveryError(told, permanent=False, retry_after=int(asked[0]) if asked else None)
    if status // 100 == 4:
        raise DeliveryError(told, permanent=True, recipient=status == 400)
    raise DeliveryError(f"{told}, maybe taken", permanent=True)
