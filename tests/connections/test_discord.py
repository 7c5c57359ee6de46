"""Discord: plain OAuth 2, with a number for an id that is told as text."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from functools import partial

import pytest

from flask_userkit.connections import connection_of
from flask_userkit.connections.client import Client
from flask_userkit.connections.errors import ProviderUnavailable
from tests.connections.fake_provider import FakeProvider
from tests.connections.fake_provider import Reply
from tests.connections.fake_provider import Request
from tests.connections.fake_provider import say
from tests.connections.visits import Visit
from tests.connections.visits import refusal
from tests.connections.visits import visit_fake

ID, DIGEST = "80351110224678912", "8342729096ea3675442027381ff50dfe"


class Discord(FakeProvider):
    """Discord, which takes forms alone and limits everybody."""

    def __init__(self) -> None:
        super().__init__()
        self.busy = False
        self.person: dict[str, t.Any] = {
            "id": ID,
            "username": "ada",
            "discriminator": "0",
            "global_name": "Countess",
            "avatar": DIGEST,
            "verified": True,
            "email": "ada@example.com",
        }

    def check_authorization(self, query: dict[str, str]) -> None:
        super().check_authorization(query)
        assert query.get("prompt", "none") in ("none", "consent"), "it refuses others"

    def answer(self, request: Request) -> Reply:
        if self.busy:
            message = "You are being rate limited."
            return say({"message": message, "retry_after": 0.5, "global": False}, 429)
        if request.path == "/api/oauth2/token":
            kind = request.headers["content-type"].partition(";")[0]
            assert kind == "application/x-www-form-urlencoded", "it takes no JSON"
            if request.form["grant_type"] == "authorization_code":
                self.redeem(request)
            assert request.basic == (self.client_id, self.client_secret)
            return say(
                {
                    "access_token": self.access_token,
                    "token_type": "Bearer",
                    "expires_in": 604800,
                    "refresh_token": "D43f5y0ahjqew82jZ4NViEr2YafMKhue",
                    "scope": "identify email",
                }
            )
        self.check_bearer(request)
        return say(self.person)


@pytest.fixture
def discord() -> Iterator[Discord]:
    with Discord() as fake:
        yield fake


def client_of(discord: Discord) -> Client:
    known = {
        "client_id": discord.client_id,
        "client_secret": discord.client_secret,
        "authorize_url": f"{discord.url}/oauth2/authorize",
        "access_token_url": f"{discord.url}/api/oauth2/token",
        "userinfo_url": f"{discord.url}/api/v10/users/@me",
    }
    return Client(connection_of("discord", known))


def test_somebody_is_their_number(discord: Discord) -> None:
    tokens, profile = visit_fake(client_of(discord), discord, select_account=True)
    assert profile.provider_user_id == ID
    assert profile.issuer == "https://discord.com"
    assert (profile.email_address, profile.email_verified) == ("ada@example.com", True)
    assert (profile.first_name, profile.username) == ("Countess", "ada")
    assert profile.image_url == f"https://cdn.discordapp.com/avatars/{ID}/{DIGEST}.png"
    assert tokens.scopes == ("identify", "email")
    assert tokens.refresh_token


def test_who_has_proven_nothing_and_shows_nothing_comes_in_as_well(discord: Discord) -> None:
    discord.person |= {"verified": False, "global_name": None, "avatar": None}
    _tokens, profile = visit_fake(client_of(discord), discord)
    assert (profile.email_address, profile.email_verified) == ("ada@example.com", False)
    assert (profile.first_name, profile.image_url) == (None, None)
    discord.person |= {"verified": True, "email": None}
    _tokens, profile = visit_fake(client_of(discord), discord)
    assert (profile.email_address, profile.email_verified) == (None, False)


def test_one_that_has_too_much_to_do_has_refused_nothing(discord: Discord) -> None:
    client = client_of(discord)
    discord.busy = True
    going = partial(visit_fake, client, discord)
    assert refusal(ProviderUnavailable, going) == "status_429"
    again = partial(client.refresh, "D43f5y0ahjqew82jZ4NViEr2YafMKhue", ("identify",))
    assert refusal(ProviderUnavailable, again) == "status_429"
    discord.busy = False
    assert again().scopes == ("identify", "email")


def test_its_addresses_are_those_that_it_documents() -> None:
    connection = connection_of("discord", {"client_id": "x"})
    assert connection.authorize_url == "https://discord.com/oauth2/authorize"
    assert connection.access_token_url == "https://discord.com/api/oauth2/token"
    assert connection.userinfo_url == "https://discord.com/api/v10/users/@me"
    assert "nonce" not in Visit(Client(connection)).asked()
