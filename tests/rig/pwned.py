"""A real HTTP server that speaks Have I Been Pwned's ranges, or has a bad day."""

from __future__ import annotations

import hashlib
import secrets
import ssl
import threading
import typing as t
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from pathlib import Path

Mode = t.Literal[
    "ok",
    "404",
    "429",
    "500",
    "redirect",
    "garbage",
    "binary",
    "long",
    "cut",
    "silent",
    "slow head",
    "slow body",
]
#: Those in which nothing is known after it.
BAD_DAYS: tuple[Mode, ...] = (
    "404",
    "429",
    "500",
    "redirect",
    "garbage",
    "binary",
    "long",
    "cut",
)
SLOW: tuple[Mode, ...] = ("silent", "slow head", "slow body")


class Range(t.NamedTuple):
    """What was asked."""

    path: str
    headers: dict[str, str]


class Pwned:
    """Knows some passwords; with a certificate it speaks TLS.

    :param stolen: the passwords that are known.
    """

    def __init__(
        self, stolen: Iterable[str] = (), certificate: tuple[Path, Path] | None = None
    ) -> None:
        self.mode: Mode = "ok"
        self.asked: list[Range] = []
        self.stopping = threading.Event()
        #: Somebody who was being answered did not wait for the end.
        self.hung_up = threading.Event()
        self.stolen = {sha1(password): 7 for password in stolen}
        #: Those that come with a count of nothing, as what fills an answer up.
        self.padding: set[str] = set()
        self._scheme = "https" if certificate else "http"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}/range/"

    def lines(self, prefix: str) -> list[str]:
        """Return the rows of a range: stolen ones, others, and padding."""
        known = [f"{sha[5:]}:{n}" for sha, n in self.stolen.items() if sha.startswith(prefix)]
        padding = [f"{sha[5:]}:0" for sha in self.padding if sha.startswith(prefix)]
        others = [f"{secrets.token_hex(18)[:35].upper()}:{n}" for n in range(1, 900)]
        return sorted([*known, *padding, *others])

    def __enter__(self) -> t.Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


def sha1(password: str) -> str:
    """Return the hash of a password, as the service writes it."""
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def _handler(pwned: Pwned) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            pwned.asked.append(Range(self.path, dict(self.headers.items())))
            body = "\r\n".join(pwned.lines(self.path[-5:])).encode()
            match pwned.mode:
                case "ok":
                    self._send(200, body)
                case "404" | "429" | "500":
                    self._send(int(pwned.mode), body)
                case "redirect":
                    self._send(302, body, {"Location": self.path})
                case "garbage":
                    self._send(200, b"<html>Sign in to the network</html>\n" + body)
                case "binary":
                    self._send(200, b"\xff\xfe" + body)
                case "long":
                    self._send(200, body * 10)
                case "cut":
                    self._send(200, body[:999], {"Content-Length": "1000"})
                    self.close_connection = True
                case "silent":
                    pwned.stopping.wait(30)
                case "slow head":
                    self._drip(b"HTTP/1.1 200 OK\r\nServer: " + b"x" * 5000)
                case "slow body":
                    length = b"Content-Length: %d\r\n\r\n" % len(body)
                    self._drip(b"HTTP/1.1 200 OK\r\n" + length, body)

        def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def _drip(self, *parts: bytes) -> None:
            """Send a byte at a time, so that each read of the other side succeeds."""
            if len(parts) > 1:
                self.wfile.write(parts[0])
            for byte in parts[-1]:
                if pwned.stopping.wait(0.02):
                    return
                try:
                    self.wfile.write(bytes([byte]))
                except OSError:
                    # Who asked has hung up.
                    pwned.hung_up.set()
                    self.close_connection = True
                    return

        def log_message(self, format: str, *args: object) -> None:
            """Write nothing down."""

    return Handler
