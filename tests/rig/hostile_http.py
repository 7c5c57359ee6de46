"""A real HTTP server that does what its path says, such as a byte now and then for ever."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote
from urllib.parse import urlsplit

#: These send a byte at a time, each of which begins a time-out anew.
DRIPS = ("slow-head", "slow-body", "slow-chunks", "interim")
SLOW = ("silent", *DRIPS)
ENDLESS = ("endless", "endless-chunks", "long", "bomb")
NONSENSE = ("cut", "bare", "babble", "bad-chunks", "bad-gzip")
_OK = b"HTTP/1.1 200 OK\r\n"


class Visit(t.NamedTuple):
    """What was asked, and by the connection from which port."""

    method: str
    path: str
    headers: dict[str, str]
    port: int


class HostileHttp:
    """Answers by what is asked for: ``/ok`` says ``body``, and ``/silent`` says nothing.

    :param certificate: with one it speaks TLS, as localhost.
    """

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        self.body = b'{"fine": true}'
        self.content_type = "application/json"
        self.status = 200
        self.visits: list[Visit] = []
        #: The names that it was greeted by.
        self.names: list[str | None] = []
        self.stopping = threading.Event()
        #: Somebody who was being answered did not wait for the end.
        self.hung_up = threading.Event()
        self._scheme = "https" if certificate else "http"
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.port = self._server.server_port
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            context.sni_callback = lambda _sock, name, _context: self.names.append(name)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )

    def url(self, path: str = "ok", *, host: str = "127.0.0.1") -> str:
        return f"{self._scheme}://{host}:{self.port}/{path}"

    def __enter__(self) -> t.Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def deaf() -> Iterator[int]:
    """Yield a port that takes connections and never reads from one."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(64)
        yield sock.getsockname()[1]


@contextmanager
def full(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """Yield a port that a connection is never made to, nor refused by."""
    with socket.socket() as sock:
        sock.bind((host, port))
        sock.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            with suppress(BlockingIOError):
                each.connect(sock.getsockname())
        try:
            yield sock.getsockname()[1]
        finally:
            for each in waiting:
                each.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Write nothing down: that the other side is gone is what is tried."""


def _handler(server: HostileHttp) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = dict(self.headers.items())
            server.visits.append(Visit(self.command, self.path, headers, self.client_address[1]))
            self.rfile.read(int(headers.get("Content-Length", "0")))
            parts = urlsplit(self.path)
            try:
                self._answer(parts.path.strip("/"), parts.query)
            except OSError:
                # Who asked has hung up.
                server.hung_up.set()
                self.close_connection = True

        def do_POST(self) -> None:
            self.do_GET()

        def do_CONNECT(self) -> None:
            self.do_GET()

        def _answer(self, mode: str, query: str) -> None:
            match mode:
                case "ok":
                    self._send(server.body)
                case "gzip":
                    self._send(gzip.compress(server.body), {"Content-Encoding": "gzip"})
                case "cookie":
                    self._send(server.body, {"Set-Cookie": "who=ada; Path=/"})
                case "to":
                    self._send(b"", {"Location": unquote(query)}, 302)
                case "far":
                    self._send(b"", {"Location": "/" + "a" * 10_000}, 302)
                case "loop":
                    self._send(b"", {"Location": "/loop"}, 302)
                case "long":
                    self._head({"Content-Length": str(10**11)})
                    self._for_ever(b"x" * 4096)
                case "endless":
                    self._head({"Connection": "close"})
                    self._for_ever(b"x" * 4096)
                case "endless-chunks":
                    self._head({"Transfer-Encoding": "chunked"})
                    self._for_ever(b"1000\r\n" + b"x" * 4096 + b"\r\n")
                case "bomb":
                    bomb = gzip.compress(b" " * 50_000_000)
                    self._send(bomb, {"Content-Encoding": "gzip"})
                case "extra":
                    self._head({"Content-Length": str(len(server.body))})
                    self.wfile.write(server.body + b"HTTP/1.1 200 OK\r\n\r\nmore")
                    self.close_connection = True
                case "cut":
                    self._head({"Content-Length": str(len(server.body) + 9)})
                    self.wfile.write(server.body)
                    self.close_connection = True
                case "bare":
                    self.close_connection = True
                case "babble":
                    self.wfile.write(b"220 mail.example ESMTP\r\n")
                    self.close_connection = True
                case "bad-chunks":
                    self._head({"Transfer-Encoding": "chunked"})
                    self.wfile.write(b"many\r\n")
                    self.close_connection = True
                case "bad-gzip":
                    self._send(server.body, {"Content-Encoding": "gzip"})
                case "slow-head":
                    self._drip(_OK + b"Server: " + b"x" * 5000)
                case "slow-body":
                    self._head({"Content-Length": "5000"})
                    self._drip(b"x" * 5000)
                case "slow-chunks":
                    self._head({"Transfer-Encoding": "chunked"})
                    self._drip(b"1\r\nx\r\n" * 1000)
                case "interim":
                    self._drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 200)
                case _:
                    # As /silent, and as what a proxy is asked for by CONNECT.
                    server.stopping.wait(60)
                    self.close_connection = True

        def _send(
            self, body: bytes, headers: dict[str, str] | None = None, status: int | None = None
        ) -> None:
            self._head({"Content-Length": str(len(body)), **(headers or {})}, status)
            self.wfile.write(body)

        def _head(self, headers: dict[str, str], status: int | None = None) -> None:
            self.send_response(status or server.status)
            for name, value in {"Content-Type": server.content_type, **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def _for_ever(self, piece: bytes) -> None:
            while not server.stopping.is_set():
                self.wfile.write(piece)

        def _drip(self, text: bytes) -> None:
            for byte in text:
                if server.stopping.wait(0.02):
                    break
                self.wfile.write(bytes([byte]))
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Write nothing down."""

    return Handler
