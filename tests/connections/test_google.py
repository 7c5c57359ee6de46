"""Google: a certified OpenID provider that gives a refresh token only where it is asked to."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

import pytest

from flask_userkit.connections import connection_of
from flask_userkit.connections.client import Client
from flask_userkit.connections.errors import ProviderUntrusted
from tests.connections.fake_provider import FakeProvider
from tests.connections.fake_provider import Reply
from tests.connections.fake_provider import Request
from tests.connections.fake_provider import say
from tests.connections.visits import Visit
from tests.connections.visits import refusal
from tests.connections.visits import visit_fake

ISSUER = "https://accounts.google.com"
PICTURE = "https://lh3.googleusercontent.com/a/picture"


class Google(FakeProvider):
    """Google, where somebody has an account of an organisation."""

    claims: t.ClassVar[dict[str, t.Any]] = {
        "iss": ISSUER,
        "sub": "10769150350006150715113082367",
        "hd": "example.com",
        "email": "ada@example.com",
        "email_verified": True,
        "name": "Ada Lovelace",
        "picture": PICTURE,
        "given_name": "Ada",
        "family_name": "Lovelace",
    }

    def __init__(self) -> None:
        super().__init__()
        self.consented = False

    def answer(self, request: Request) -> Reply:
        match request.path:
            case "/.well-known/openid-configuration":
                return say(
                    {
                        "issuer": ISSUER,
                        "authorization_endpoint": f"{self.url}/o/oauth2/v2/auth",
                        "token_endpoint": f"{self.url}/token",
                        "userinfo_endpoint": f"{self.url}/v1/userinfo",
                        "jwks_uri": f"{self.url}/oauth2/v3/certs",
                        "id_token_signing_alg_values_supported": ["RS256"],
                    }
                )
            case "/oauth2/v3/certs":
                return self.keys()
            case "/token":
                return self.token(request)
            case _:
                return say({}, 404)

    def token(self, request: Request) -> Reply:
        query = self.redeem(request)
        assert request.basic == (self.client_id, self.client_secret)
        claims = {**self.claims, "azp": self.client_id, "nonce": query["nonce"]}
        answer: dict[str, t.Any] = {
            "access_token": self.access_token,
            "expires_in": 3599,
            # It spells out what it calls by short names.
            "scope": "openid https://www.googleapis.com/auth/userinfo.email",
            "token_type": "Bearer",
            "id_token": self.id_token(claims),
        }
        shown = not self.consented or "consent" in query.get("prompt", "")
        self.consented = True
        if query.get("access_type") == "offline" and shown:
            answer["refresh_token"] = "1//refresh"
        return say(answer)


@pytest.fixture
def google() -> Iterator[Google]:
    with Google() as fake:
        yield fake


def client_of(google: Google, **more: t.Any) -> Client:
    known = {
        "client_id": google.client_id,
        "client_secret": google.client_secret,
        "server_metadata_url": f"{google.url}/.well-known/openid-configuration",
        "issuer": ISSUER,
    }
    return Client(connection_of("google", {**known, **more}))


def test_who_somebody_is_stands_in_the_id_token(google: Google) -> None:
    tokens, profile = visit_fake(client_of(google), google)
    assert profile.issuer == ISSUER
    assert profile.provider_user_id == google.claims["sub"]
    assert (profile.email_address, profile.email_verified) == ("ada@example.com", True)
    assert (profile.first_name, profile.last_name) == ("Ada", "Lovelace")
    assert profile.image_url == PICTURE
    assert tokens.expires_at is not None
    assert "https://www.googleapis.com/auth/userinfo.email" in tokens.scopes


def test_a_refresh_token_comes_where_somebody_is_asked_to_allow_it(google: Google) -> None:
    client = client_of(google)
    assert [visit_fake(client, google)[0].refresh_token for _ in range(2)] == ["1//refresh", None]
    assert visit_fake(client, google, consent=True)[0].refresh_token == "1//refresh"


def test_what_was_allowed_earlier_stays_and_an_account_can_be_chosen(google: Google) -> None:
    going = Visit(client_of(google))
    assert going.asked()["include_granted_scopes"] == "true"
    assert going.asked(select_account=True)["prompt"] == "select_account"


def test_its_document_is_believed_by_its_name_alone(google: Google) -> None:
    other = client_of(google, issuer="https://accounts.google.example")
    assert refusal(ProviderUntrusted, lambda: visit_fake(other, google)) == "issuer"


def test_its_addresses_are_those_that_it_documents() -> None:
    connection = connection_of("google", {"client_id": "x"})
    assert connection.server_metadata_url == f"{ISSUER}/.well-known/openid-configuration"
    assert connection.expected_issuer == ISSUER
