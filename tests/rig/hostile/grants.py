"""What an OpenID provider checks and remembers, from a login to the last refresh."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from ..recorder import record
from .modes import MODES
from .modes import Mode
from .tokens import Claims

CODE_SECONDS = 60


class Refused(Exception):
    """The provider says no, as RFC 6749 has it."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.status = status
        self.answer = {"error": error, "error_description": description}


@dataclass(frozen=True)
class Grant:
    """What somebody allowed an app, once."""

    subject: Claims
    scope: str
    nonce: str | None
    challenge: str
    redirect_uri: str
    auth_time: int
    #: Where the authorization request named one; else that of the provider counts.
    mode: Mode | None


class Grants:
    """The codes and tokens that are out, each good for one thing."""

    def __init__(self) -> None:
        self._codes: dict[str, Grant] = {}
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self._lock = threading.Lock()

    def code(self, query: Mapping[str, str], subject: Claims) -> tuple[Grant, str]:
        """Return a grant for an authorization request, and its code.

        :raises Refused: the request is not as it should be.
        """
        if query.get("response_type") != "code":
            raise Refused("unsupported_response_type", "The response type is code.")
        if "openid" not in query.get("scope", "").split():
            raise Refused("invalid_scope", "The scope openid is missing.")
        if query.get("code_challenge_method") != "S256" or not query.get("code_challenge"):
            raise Refused("invalid_request", "A proof key (S256) is missing.")
        mode = query.get("mode")
        if mode is not None and mode not in MODES:
            raise Refused("invalid_request", f"There is no mode {mode!r}.")
        grant = Grant(
            subject=dict(subject),
            scope=query["scope"],
            nonce=query.get("nonce"),
            challenge=query["code_challenge"],
            redirect_uri=query["redirect_uri"],
            auth_time=int(time.time()),
            mode=mode,
        )
        code = secrets.token_urlsafe(24)
        self._codes[code] = grant
        return grant, code

    def redeem(self, form: Mapping[str, str]) -> Grant:
        """Return the grant of a code, which is good once.

        :raises Refused: it is used, old or not for this app, or the proof is wrong.
        """
        with self._lock:
            grant = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            grant is None
            or grant.redirect_uri != form.get("redirect_uri")
            or time.time() - grant.auth_time > CODE_SECONDS
            or not hmac.compare_digest(grant.challenge, proof)
        ):
            raise Refused("invalid_grant", "The code is worth nothing.")
        return grant

    def renew(self, token: str, *, rotate: bool) -> Grant:
        """Return the grant of a refresh token.

        :param rotate: whether the token is worth nothing after this.
        :raises Refused: it is worth nothing already.
        """
        with self._lock:
            grant = self._refresh.pop(token, None) if rotate else self._refresh.get(token)
        if grant is None:
            raise Refused("invalid_grant", "The refresh token is worth nothing.")
        return grant

    def access_token(self, grant: Grant) -> str:
        return _kept(self._access, grant)

    def refresh_token(self, grant: Grant) -> str:
        return _kept(self._refresh, grant)

    def of_access_token(self, authorization: str) -> Grant:
        """Return the grant that a request bears.

        :raises Refused: it bears none.
        """
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or token not in self._access:
            raise Refused("invalid_token", "The access token is worth nothing.", 401)
        return self._access[token]

    def forget(self) -> None:
        """Make every token worth nothing, as when somebody takes back what they allowed."""
        with self._lock:
            self._access.clear()
            self._refresh.clear()


def _kept(tokens: dict[str, Grant], grant: Grant) -> str:
    token = secrets.token_urlsafe(32)
    record("token", token)
    tokens[token] = grant
    return token
