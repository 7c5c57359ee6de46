"""A real OpenID provider that is right in all it does, or hostile in one thing."""

from __future__ import annotations

import base64
import hmac
import secrets
import ssl
import threading
import typing as t
from collections.abc import Mapping
from pathlib import Path

import httpx

from .hostile.callbacks import SCRIPT
from .hostile.callbacks import callback
from .hostile.callbacks import with_parameters
from .hostile.claims import login_time
from .hostile.claims import told_of
from .hostile.grants import Grant
from .hostile.grants import Grants
from .hostile.grants import Refused
from .hostile.modes import Endpoint
from .hostile.modes import Mode
from .hostile.server import Answer
from .hostile.server import Request
from .hostile.server import Server
from .hostile.tokens import EVIL
from .hostile.tokens import HOUR
from .hostile.tokens import Claims
from .hostile.tokens import evil_key
from .hostile.tokens import id_token
from .hostile.tokens import next_key
from .recorder import record
from .relying_party import certificates


class HostileProvider:
    """An OpenID provider on a loopback port, where somebody is logged in for good.

    All that is public may change at any time. ``mode`` is what it does wrong; a parameter ``mode``
    of an authorization request goes before it for that login. ``at`` is the endpoint that answers
    wrong in the modes of ``OF_ANSWER``.

    :param redirect_uris: where it may send people back to; nothing else is taken.
    :param certificate: that of a provider that speaks TLS.
    """

    def __init__(self, *redirect_uris: str, certificate: tuple[Path, Path] | None = None) -> None:
        self.mode: Mode = "ok"
        self.at: Endpoint = "token"
        self.redirect_uris = set(redirect_uris)
        self.client_id = f"app-{secrets.token_hex(4)}"
        self.client_secret = secrets.token_urlsafe(32)
        record("token", self.client_secret)
        #: Who is logged in.
        self.subject: Claims = {
            "sub": f"Ada-{secrets.token_hex(4)}",
            "email": "ada@example.com",
            "email_verified": True,
            "name": "Ada Lovelace",
            "given_name": "Ada",
            "family_name": "Lovelace",
            "preferred_username": "ada",
        }
        #: Whether the ID token tells what the profile tells, or only whose it is.
        self.tells_all_in_id_token = True
        #: The scopes that are granted, of those that are asked for; None: all.
        self.grants_only: frozenset[str] | None = None
        self.access_token_seconds = HOUR
        self.rotates_refresh_tokens = True
        #: What is at ``/picture``.
        self.picture = b""
        self.requests: list[Request] = []
        #: The bytes that it got rid of in the modes that do not come to an end.
        self.sent = 0
        self.grants = Grants()
        self.stopping = threading.Event()
        self._key = next_key()
        self._server = Server(self)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        if certificate is not None:
            self.issuer = f"https://localhost:{self._server.server_port}"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    @property
    def metadata_url(self) -> str:
        """Return the address of its discovery document."""
        return f"{self.issuer}/.well-known/openid-configuration"

    def asked(self, path: str) -> list[Request]:
        """Return the requests that came to an address."""
        return [request for request in self.requests if request.path == path]

    def rotate_keys(self) -> None:
        """Sign with a new key from now on; the old one is no longer published."""
        self._key = next_key()

    def log_in(self, url: str, mode: Mode | None = None) -> str:
        """Follow an authorization URL to where it leads back to, and return that address unopened.

        :param mode: what goes wrong with this login alone.
        """
        address = with_parameters(url, [("mode", mode)] if mode else [])
        answer = httpx.get(address, trust_env=False, verify=certificates(), timeout=30)
        assert answer.is_redirect, f"{answer.status_code} {answer.text}"
        return answer.headers["Location"]

    def __enter__(self) -> t.Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def discovery(self) -> Answer:
        issuer = EVIL if self.mode == "iss_mismatch_discovery" else self.issuer
        base = EVIL.replace("https:", "http:") if self.mode == "http_endpoints" else self.issuer
        return self.mode, {
            "issuer": issuer,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "userinfo_endpoint": f"{base}/userinfo",
            "jwks_uri": f"{base}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def jwks(self) -> Answer:
        return self.mode, {"keys": [self._key.as_dict(private=False)]}

    def evil_jwks(self) -> Answer:
        return "ok", {"keys": [evil_key().as_dict(private=False)]}

    def authorize(self, query: Mapping[str, str]) -> str:
        """Return where somebody is sent back to.

        :raises Refused: the request is not the app's, so nobody is sent anywhere.
        """
        target, state = query.get("redirect_uri", ""), query.get("state", "")
        if query.get("client_id") != self.client_id or target not in self.redirect_uris:
            raise Refused("invalid_request", "This app is not known here.")
        try:
            grant, code = self.grants.code(query, self.subject)
        except Refused as refused:
            back = {**refused.answer, "state": state, "iss": self.issuer}
            return with_parameters(target, [*back.items()])
        mode = grant.mode or self.mode
        return with_parameters(target, callback(mode, code, state, self.issuer))

    def token(self, request: Request) -> Answer:
        """Return tokens.

        :raises Refused: the app is another, or has nothing that is worth tokens.
        """
        form = request.form
        self._check_app(request)
        renewed = form.get("grant_type") == "refresh_token"
        if renewed:
            token = form.get("refresh_token", "")
            grant = self.grants.renew(token, rotate=self.rotates_refresh_tokens)
        elif form.get("grant_type") == "authorization_code":
            grant = self.grants.redeem(form)
        else:
            raise Refused("unsupported_grant_type", "There is no such grant.")
        mode = grant.mode or self.mode
        if mode == "invalid_grant":
            raise Refused("invalid_grant", SCRIPT)
        return mode, self._tokens(mode, grant, renewed=renewed)

    def userinfo(self, request: Request) -> Answer:
        """Return a profile.

        :raises Refused: the access token is worth nothing.
        """
        grant = self.grants.of_access_token(request.authorization)
        mode = grant.mode or self.mode
        told = told_of(mode, grant.subject)
        return mode, {**told, "sub": "somebody-else"} if mode == "other_userinfo" else told

    def _check_app(self, request: Request) -> None:
        given = f"{request.form.get('client_id')}:{request.form.get('client_secret')}"
        if request.authorization:
            kind, _, pair = request.authorization.partition(" ")
            given = base64.b64decode(pair).decode() if kind == "Basic" else ""
        if not hmac.compare_digest(given, f"{self.client_id}:{self.client_secret}"):
            raise Refused("invalid_client", "This is not the app.", 401)

    def _tokens(self, mode: Mode, grant: Grant, *, renewed: bool) -> Claims:
        asked = grant.scope.split()
        scopes = [s for s in asked if self.grants_only is None or s in self.grants_only]
        access_token = self.grants.access_token(grant)
        answer: Claims = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": self.access_token_seconds,
            "scope": " ".join(scopes),
        }
        if "offline_access" in scopes and (self.rotates_refresh_tokens or not renewed):
            answer["refresh_token"] = self.grants.refresh_token(grant)
        if not renewed and mode != "no_id_token":
            told = told_of(mode, grant.subject)
            thin = mode == "other_userinfo" or not self.tells_all_in_id_token
            claims = {
                **({"sub": told["sub"]} if thin else told),
                **login_time(mode, grant.auth_time),
                "iss": self.issuer,
                "aud": self.client_id,
                **({"nonce": grant.nonce} if grant.nonce else {}),
            }
            answer["id_token"] = id_token(mode, claims, access_token, self._key)
            record("token", answer["id_token"])
        if mode == "no_access_token":
            del answer["access_token"]
        return answer
