"""Visits to a provider, as tests make them: there, and back with a code."""

from __future__ import annotations

import secrets
import typing as t
from urllib.parse import parse_qsl
from urllib.parse import urlsplit

import pytest

from flask_userkit.connections import connection_of
from flask_userkit.connections.client import Client
from flask_userkit.connections.connection import Connection
from flask_userkit.connections.connection import Profile
from flask_userkit.connections.connection import Tokens
from flask_userkit.connections.errors import ProviderError
from tests.connections.fake_provider import FakeProvider
from tests.rig.hostile.modes import Mode
from tests.rig.hostile_provider import HostileProvider

REDIRECT_URI = "https://app.example/account/oauth/acme/callback"


class Visit:
    """One visit: what the app has made for it, and keeps until its end."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.state = secrets.token_urlsafe(24)
        self.nonce = secrets.token_urlsafe(24)
        self.code_verifier = secrets.token_urlsafe(48)

    def url(self, **more: t.Any) -> str:
        return self.client.authorization_url(
            redirect_uri=REDIRECT_URI,
            state=self.state,
            nonce=self.nonce,
            code_verifier=self.code_verifier,
            **more,
        )

    def asked(self, **more: t.Any) -> dict[str, str]:
        """Return what the browser asks the provider."""
        return query_of(self.url(**more))

    def end(self, code: str, iss: str | None = None, **more: t.Any) -> tuple[Tokens, Profile]:
        values = {"nonce": self.nonce, "code_verifier": self.code_verifier, **more}
        return self.client.exchange(redirect_uri=REDIRECT_URI, code=code, iss=iss, **values)


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def connection_to(provider: HostileProvider, **settings: t.Any) -> Connection:
    """Return the connection to a provider that nothing ready is known of."""
    known = {
        "server_metadata_url": provider.metadata_url,
        "client_id": provider.client_id,
        "client_secret": provider.client_secret,
        "email_verified_claim": "email_verified",
    }
    return connection_of("acme", {**known, **settings})


def client_of(provider: HostileProvider, **settings: t.Any) -> Client:
    return Client(connection_to(provider, **settings))


def plain_client_of(provider: HostileProvider, **settings: t.Any) -> Client:
    """Return a client that asks for a profile, as plain OAuth 2 has no ID tokens."""
    known = {
        "issuer": provider.issuer,
        "authorize_url": f"{provider.issuer}/authorize",
        "access_token_url": f"{provider.issuer}/token",
        "userinfo_url": f"{provider.issuer}/userinfo",
        "scopes": ["openid", "email", "profile"],
    }
    return client_of(provider, server_metadata_url="", **{**known, **settings})


def visit(
    client: Client, provider: HostileProvider, mode: Mode | None = None, **more: t.Any
) -> tuple[Tokens, Profile]:
    """Visit a provider and come back."""
    going = Visit(client)
    url = going.url(**more)
    back = query_of(provider.log_in(url, mode))
    assert back.get("state") == going.state
    return going.end(back["code"], back.get("iss"), scopes=more.get("scopes", ()))


def visit_fake(
    client: Client, fake: FakeProvider, extra: dict[str, str] | None = None, **more: t.Any
) -> tuple[Tokens, Profile]:
    """Visit a ready provider and come back, by what its documentation says."""
    going = Visit(client)
    return going.end(fake.log_in(going.url(**more)), extra=extra)


def refusal(kind: type[ProviderError], work: t.Callable[[], object]) -> str:
    """Return why a provider is not believed, or does not answer."""
    with pytest.raises(kind) as caught:
        work()
    return caught.value.reason
