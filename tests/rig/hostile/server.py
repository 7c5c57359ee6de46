"""The HTTP side of the hostile provider: addresses, and who answers there."""

from __future__ import annotations

import threading
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qsl
from urllib.parse import urlsplit

from .answers import Answers
from .grants import Refused
from .modes import OF_ANSWER
from .modes import Endpoint
from .modes import Mode
from .tokens import Claims

#: What is answered, and the mode that it comes by.
Answer = tuple[Mode, Claims]


@dataclass(frozen=True)
class Request:
    """One request that came in, as it was; of a parameter that came twice, the last."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]

    @property
    def authorization(self) -> str:
        return self.headers.get("Authorization", "")


class Site(t.Protocol):
    """Who answers."""

    at: Endpoint
    picture: bytes
    requests: list[Request]
    sent: int
    stopping: threading.Event

    def authorize(self, query: Mapping[str, str]) -> str: ...
    def discovery(self) -> Answer: ...
    def jwks(self) -> Answer: ...
    def evil_jwks(self) -> Answer: ...
    def token(self, request: Request) -> Answer: ...
    def userinfo(self, request: Request) -> Answer: ...


class Server(ThreadingHTTPServer):
    """A server on a free loopback port."""

    # Many may connect at once, and none of them is to wait for a second try.
    request_queue_size = 64

    def __init__(self, site: Site) -> None:
        class Handler(_Handler):
            """That of this server alone."""

        Handler.site = site
        Handler.stopping = site.stopping
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """Say nothing of those who hang up."""


class _Handler(Answers):
    site: Site

    def do_GET(self) -> None:  # noqa: N802 - the name is http.server's
        self._answer({})

    def do_POST(self) -> None:  # noqa: N802 - so is this one
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._answer(dict(parse_qsl(body, keep_blank_values=True)))

    def _answer(self, form: dict[str, str]) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        headers = dict(self.headers.items())
        request = Request(self.command, parts.path, query, form, headers)
        self.site.requests.append(request)
        try:
            self._dispatch(request)
        except Refused as refused:
            self.send_json(refused.status, refused.answer)

    def _dispatch(self, request: Request) -> None:
        site = self.site
        match request.method, request.path:
            case "GET", "/authorize":
                self.send_whole(302, b"", {"Location": site.authorize(request.query)})
            case "GET", "/.well-known/openid-configuration":
                self._send("discovery", site.discovery())
            case "POST", "/token":
                self._send("token", site.token(request))
            case "GET", "/jwks":
                self._send("jwks", site.jwks())
            case "GET", "/userinfo":
                self._send("userinfo", site.userinfo(request))
            case "GET", "/evil-jwks":
                self._send(None, site.evil_jwks())
            case "GET", "/picture":
                self.send_whole(200, site.picture, {"Content-Type": "image/png"})
            case _:
                self.send_json(404, {"error": "not_found"})

    def _send(self, endpoint: Endpoint | None, answer: Answer) -> None:
        mode, value = answer
        if endpoint == self.site.at and mode in OF_ANSWER:
            self.send_badly(mode, value)
        else:
            self.send_json(200, value)

    def took(self, count: int) -> None:
        self.site.sent += count
