"""A shared caching proxy in front of one server, such as a company or a CDN runs."""

from __future__ import annotations

import threading
import typing as t
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from urllib.parse import urlsplit

from .http_cache import Cache
from .http_cache import Fields

#: These end at each hop (RFC 9110 section 7.6.1).
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


class CachingProxy:
    """Passes requests on, and answers from its cache what it may; X-Cache says which it was."""

    def __init__(self, origin: str) -> None:
        self.cache = Cache()
        self._origin = origin
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://localhost:{self._server.server_address[1]}"

    def __enter__(self) -> t.Self:
        class Handler(_Handler):
            cache = self.cache
            origin = self._origin

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cache: t.ClassVar[Cache]
    origin: t.ClassVar[str]

    def do_GET(self) -> None:
        asked = tuple(self.headers.items())
        if stored := self.cache.find(self.path, asked):
            fields = (*stored.fields, ("Age", str(stored.age)), ("X-Cache", "hit"))
            self._answer(stored.status, fields, stored.body)
            return
        status, fields, body = self._pass_on(None)
        self.cache.keep(self.path, asked, status, fields, body)
        self._answer(status, (*fields, ("X-Cache", "miss")), body)

    def do_POST(self) -> None:
        status, fields, body = self._pass_on(
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
        )
        if status < 400:
            self.cache.forget(self.path)
        self._answer(status, (*fields, ("X-Cache", "miss")), body)

    def _pass_on(self, body: bytes | None) -> tuple[int, Fields, bytes]:
        address = urlsplit(self.origin)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
        try:
            connection.putrequest(
                self.command, self.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in self.headers.items():
                if name.lower() not in HOP_BY_HOP:
                    connection.putheader(name, value)
            connection.putheader("Connection", "close")
            connection.endheaders(body)
            response = connection.getresponse()
            kept = tuple(
                (name, value)
                for name, value in response.getheaders()
                if name.lower() not in HOP_BY_HOP | {"content-length"}
            )
            return response.status, kept, response.read()
        finally:
            connection.close()

    def _answer(self, status: int, fields: Fields, body: bytes) -> None:
        self.send_response_only(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: t.Any) -> None:
        """Stay quiet; the server behind keeps the log."""
