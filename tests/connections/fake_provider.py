"""A provider on a loopback port that answers as the documentation of a real one says."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
import typing as t
from abc import ABC
from abc import abstractmethod
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qsl
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

#: The status, the type and the text of an answer.
Reply = tuple[int, str, str]
Claims = dict[str, t.Any]
HOUR = 3600


@dataclass(frozen=True)
class Request:
    """What came in."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]

    @property
    def basic(self) -> tuple[str, str] | None:
        """Return the name and the secret of an app that says them in the header."""
        kind, _, pair = self.headers.get("authorization", "").partition(" ")
        if kind != "Basic":
            return None
        name, _, secret = base64.b64decode(pair).decode().partition(":")
        return name, secret


class Refused(Exception):
    """The provider says no, as it does."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply


def say(value: object, status: int = 200) -> Reply:
    return status, "application/json", json.dumps(value)


class FakeProvider(ABC):
    """A provider whose quirks are those of a subclass.

    :param secret: what the app is known by.
    """

    client_id = "the-app"

    def __init__(self, secret: str = "") -> None:
        self.client_secret = secret or secrets.token_urlsafe(24)
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.requests: list[Request] = []
        self.access_token = secrets.token_urlsafe(24)
        self._codes: dict[str, dict[str, str]] = {}
        fake = self

        class Handler(_Handler):
            """That of this provider alone."""

        Handler.fake = fake
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @abstractmethod
    def answer(self, request: Request) -> Reply:
        """Answer as the provider does."""

    def check_authorization(self, query: dict[str, str]) -> None:
        """Refuse a request of the browser that the provider would refuse."""
        assert query["client_id"] == self.client_id
        assert query["response_type"] == "code"
        assert query["state"]

    def log_in(self, url: str) -> str:
        """Return the code that a browser comes back with from an authorization address."""
        query = dict(parse_qsl(urlsplit(url).query, strict_parsing=True))
        self.check_authorization(query)
        code = secrets.token_urlsafe(24)
        self._codes[code] = query
        return code

    def redeem(self, request: Request) -> dict[str, str]:
        """Return the authorization request of a code.

        :raises Refused: the code is worth nothing to who brings it.
        """
        form = request.form
        query = self._codes.pop(form.get("code", ""), None)
        if query is None or form.get("redirect_uri") != query["redirect_uri"]:
            raise Refused(say({"error": "invalid_grant"}, 400))
        if form.get("grant_type") != "authorization_code":
            raise Refused(say({"error": "unsupported_grant_type"}, 400))
        if "code_challenge" in query:
            assert query["code_challenge_method"] == "S256"
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if proof != query["code_challenge"]:
                raise Refused(say({"error": "invalid_grant"}, 400))
        return query

    def check_post(self, request: Request) -> None:
        """Refuse an app that does not say who it is in the form."""
        said = (request.form.get("client_id"), request.form.get("client_secret"))
        if said != (self.client_id, self.client_secret) or request.basic:
            raise Refused(say({"error": "invalid_client"}, 401))

    def check_bearer(self, request: Request) -> None:
        """Refuse a request without the token that was given out."""
        if request.headers.get("authorization") != f"Bearer {self.access_token}":
            raise Refused(say({"error": "invalid_token"}, 401))

    def id_token(self, claims: Claims) -> str:
        now = int(time.time())
        claims = {"aud": self.client_id, "iat": now, "exp": now + HOUR, **claims}
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def keys(self) -> Reply:
        return say({"keys": [self.key.as_dict(private=False)]})

    def __enter__(self) -> t.Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeProvider

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        parts = urlsplit(self.path)
        request = Request(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query)),
            dict(parse_qsl(body, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
        )
        self.fake.requests.append(request)
        try:
            status, kind, text = self.fake.answer(request)
        except Refused as refused:
            status, kind, text = refused.reply
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing down: addresses have codes."""
