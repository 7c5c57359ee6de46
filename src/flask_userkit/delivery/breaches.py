"""Breached passwords: what looks one up, and the lookup at Have I Been Pwned."""

from __future__ import annotations

import hashlib
import ssl
import threading
import time
import typing as t
from contextlib import suppress
from functools import cached_property
from http.client import HTTPConnection
from http.client import HTTPResponse
from http.client import HTTPSConnection
from socket import SHUT_RDWR
from urllib.parse import urlsplit

from ..security.passwords import normalize

URL = "https://api.pwnedpasswords.com/range/"
#: For all of it, from the name to the last byte.
SECONDS = 1.0
#: A thousand lines are 45 KB.
LONGEST_ANSWER = 256 * 1024
#: More at a time, and the service is away rather than slow.
AT_ONCE = 16


class BreachCheckError(Exception):
    """Nobody knows whether a password is known."""


class BreachChecker(t.Protocol):
    """Anything that knows passwords that were stolen."""

    def is_breached(self, password: str, /) -> bool:
        """Tell whether a password is known from a breach.

        It is asked in the request that sets the password, which waits for the answer. What it
        raises counts as no.
        """
        ...


class PwnedPasswords:
    """Asks Have I Been Pwned, which gets five letters of a hash and returns all that begin so.

    :param url: where ranges are; a server of one's own may be plain HTTP.
    :param seconds: how long to wait, for all of it.
    """

    def __init__(self, url: str = URL, *, seconds: float = SECONDS) -> None:
        parts = urlsplit(url)
        self._host = parts.netloc
        self._path = parts.path
        self._secure = parts.scheme == "https"
        self._seconds = seconds
        self._slots = threading.BoundedSemaphore(AT_ONCE)

    def is_breached(self, password: str, /) -> bool:
        """Tell whether a password is known from a breach.

        :raises BreachCheckError: there was no answer, in time or at all.
        """
        digest = hashlib.sha1(normalize(password).encode(), usedforsecurity=False).hexdigest()
        prefix, rest = digest[:5].upper(), digest[5:].upper()
        counts = dict(_line(line) for line in self._range(prefix).splitlines())
        # Lines that count nothing are there to hide how many there are.
        return counts.get(rest, 0) > 0

    def _range(self, prefix: str) -> str:
        if not self._slots.acquire(blocking=False):
            raise BreachCheckError("too many at once")
        lookup = _Lookup(self._connect(), self._path + prefix, self._seconds, self._slots)
        return lookup.answer()

    def _connect(self) -> HTTPConnection:
        if self._secure:
            return HTTPSConnection(self._host, timeout=self._seconds, context=self._tls)
        return HTTPConnection(self._host, timeout=self._seconds)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()


class _Lookup:
    """One request in a thread of its own, given up in time wherever it is.

    The time-out of a connection begins anew with each byte, and the look-up of a name has none.
    """

    def __init__(
        self,
        connection: HTTPConnection,
        path: str,
        seconds: float,
        slots: threading.BoundedSemaphore,
    ) -> None:
        self._connection = connection
        self._path = path
        self._deadline = time.monotonic() + seconds
        self._slots = slots
        self._done = threading.Event()
        self._found: str | Exception = ""
        threading.Thread(target=self._run, daemon=True).start()

    def answer(self) -> str:
        """Return what was answered.

        :raises BreachCheckError: nothing was, in time or at all.
        """
        if not self._done.wait(max(0, self._deadline - time.monotonic())):
            self._hang_up()
            raise BreachCheckError("too slow")
        if isinstance(self._found, BreachCheckError):
            raise self._found
        if isinstance(self._found, TimeoutError):
            raise BreachCheckError("too slow")
        if isinstance(self._found, Exception):
            raise BreachCheckError(type(self._found).__name__)
        return self._found

    def _hang_up(self) -> None:
        sock = self._connection.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(SHUT_RDWR)

    def _run(self) -> None:
        try:
            self._found = self._ask()
        except Exception as error:
            self._found = error
        finally:
            self._connection.close()
            self._slots.release()
            self._done.set()

    def _ask(self) -> str:
        self._connection.connect()
        if time.monotonic() > self._deadline:
            # Nobody waits any more, nor would hang up.
            raise BreachCheckError("too slow")
        headers = {"Add-Padding": "true", "User-Agent": "flask-userkit"}
        self._connection.request("GET", self._path, headers=headers)
        return _read(self._connection.getresponse())


def _read(response: HTTPResponse) -> str:
    if response.status != 200:
        raise BreachCheckError(f"answered {response.status}")
    body = response.read(LONGEST_ANSWER + 1)
    if len(body) > LONGEST_ANSWER:
        raise BreachCheckError("too long")
    return body.decode("ascii")


def _line(line: str) -> tuple[str, int]:
    rest, separator, count = line.strip().partition(":")
    if len(rest) != 35 or not separator or not count.isdigit():
        raise BreachCheckError("no list of hashes")
    return rest, int(count)
