"""Apple: the app signs its secret, the answer comes by a form, and a name comes once."""

from __future__ import annotations

import json
import time
import typing as t
from collections.abc import Iterator
from functools import partial

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from flask_userkit.connections import connection_of
from flask_userkit.connections.client import Client
from flask_userkit.connections.errors import ProviderRefused
from flask_userkit.connections.errors import ProviderUntrusted
from tests.connections.fake_provider import FakeProvider
from tests.connections.fake_provider import Refused
from tests.connections.fake_provider import Reply
from tests.connections.fake_provider import Request
from tests.connections.fake_provider import say
from tests.connections.visits import Visit
from tests.connections.visits import refusal
from tests.connections.visits import visit_fake

ISSUER = "https://appleid.apple.com"
TEAM, KEY = "DEF123GHIJ", "ABC123DEFG"
HALF_A_YEAR = 15777000
RELAY = "abc123@privaterelay.appleid.com"
NAME = {"name": {"firstName": "Ada", "lastName": "Lovelace"}, "email": "typed@example.com"}


class Apple(FakeProvider):
    """Apple, which checks whether the app has signed its secret, and how."""

    def __init__(self) -> None:
        super().__init__()
        self.app_key = ECKey.generate_key("P-256")
        self.claims: dict[str, t.Any] = {
            "iss": ISSUER,
            "sub": "001815.0123456789abcdef0123456789abcdef.1852",
            "email": RELAY,
            "email_verified": "true",
            "is_private_email": "true",
            "nonce_supported": True,
            "auth_time": int(time.time()),
        }

    def check_authorization(self, query: dict[str, str]) -> None:
        super().check_authorization(query)
        scopes = set(query["scope"].split())
        assert scopes <= {"openid", "name", "email"}, "it refuses those that it does not know"
        assert query["response_mode"] == "form_post", "it refuses to tell a name by a query"

    def answer(self, request: Request) -> Reply:
        match request.path:
            case "/.well-known/openid-configuration":
                return say(
                    {
                        "issuer": ISSUER,
                        "authorization_endpoint": f"{self.url}/auth/authorize",
                        "token_endpoint": f"{self.url}/auth/token",
                        "jwks_uri": f"{self.url}/auth/keys",
                        "response_modes_supported": ["query", "fragment", "form_post"],
                        "id_token_signing_alg_values_supported": ["RS256"],
                        "token_endpoint_auth_methods_supported": ["client_secret_post"],
                    }
                )
            case "/auth/keys":
                return self.keys()
            case "/auth/token":
                return self.token(request)
            case _:
                return say({}, 404)

    def token(self, request: Request) -> Reply:
        self.check_secret(request)
        query = self.redeem(request)
        return say(
            {
                "access_token": self.access_token,
                "token_type": "Bearer",
                "expires_in": 3600,
                "refresh_token": "r.apple",
                "id_token": self.id_token({**self.claims, "nonce": query["nonce"]}),
            }
        )

    def check_secret(self, request: Request) -> None:
        try:
            secret = jwt.decode(
                request.form.get("client_secret", ""), self.app_key, algorithms=["ES256"]
            )
        except (JoseError, ValueError):
            raise Refused(say({"error": "invalid_client"}, 400)) from None
        now, claims = int(time.time()), secret.claims
        right = (
            secret.header["kid"] == KEY
            and request.form.get("client_id") == self.client_id
            and (claims["iss"], claims["sub"], claims["aud"]) == (TEAM, self.client_id, ISSUER)
            and now - 60 < claims["iat"] <= now + 1
            and now < claims["exp"] <= now + HALF_A_YEAR
        )
        if not right:
            raise Refused(say({"error": "invalid_client"}, 400))


@pytest.fixture
def apple() -> Iterator[Apple]:
    with Apple() as fake:
        yield fake


def client_of(apple: Apple, **more: t.Any) -> Client:
    known = {
        "client_id": apple.client_id,
        "team_id": TEAM,
        "key_id": KEY,
        "private_key": apple.app_key.as_pem(private=True).decode(),
        "server_metadata_url": f"{apple.url}/.well-known/openid-configuration",
        "issuer": ISSUER,
    }
    return Client(connection_of("apple", {**known, **more}))


def test_the_app_is_known_by_what_it_signs_and_somebody_by_what_apple_signs(apple: Apple) -> None:
    tokens, profile = visit_fake(client_of(apple), apple, {"user": json.dumps(NAME)})
    assert profile.issuer == ISSUER
    assert profile.provider_user_id == apple.claims["sub"]
    assert (profile.email_address, profile.email_verified) == (RELAY, True)
    assert (profile.first_name, profile.last_name) == ("Ada", "Lovelace")
    assert tokens.refresh_token == "r.apple"
    assert tokens.scopes == ("openid", "email", "name"), "it does not say"
    assert "client_secret" not in Visit(client_of(apple)).asked()


def test_a_key_may_come_with_its_line_breaks_written_out(apple: Apple) -> None:
    key = apple.app_key.as_pem(private=True).decode().replace("\n", "\\n")
    visit_fake(client_of(apple, private_key=key), apple)


def test_another_key_is_refused(apple: Apple) -> None:
    other = ECKey.generate_key("P-256").as_pem(private=True).decode()
    for wrong in ({"private_key": other}, {"key_id": "OTHER"}, {"team_id": "OTHER"}):
        going = partial(visit_fake, client_of(apple, **wrong), apple)
        assert refusal(ProviderRefused, going) == "invalid_client"


@pytest.mark.parametrize(
    "user",
    [
        None,
        "",
        "{}",
        "[]",
        "null",
        "5",
        '"Ada"',
        "{",
        '{"name": "Ada"}',
        '{"name": null}',
        '{"name": []}',
        '{"name": {"firstName": ["Ada"], "lastName": 5}}',
        "[" * 4000,
        "9" * 5000,
    ],
)
def test_a_name_that_is_none_is_left_out(apple: Apple, user: str | None) -> None:
    extra = None if user is None else {"user": user}
    _tokens, profile = visit_fake(client_of(apple), apple, extra)
    assert (profile.first_name, profile.last_name) == (None, None)


def test_the_form_says_a_name_and_nothing_else(apple: Apple) -> None:
    form = {**NAME, "sub": "somebody-else", "email_verified": True}
    _tokens, profile = visit_fake(client_of(apple), apple, {"user": json.dumps(form)})
    assert profile.provider_user_id == apple.claims["sub"]
    assert profile.email_address == RELAY, "what a browser brings is signed by nobody"


@pytest.mark.parametrize(
    ("claim", "verified"),
    [("true", True), (True, True), ("false", False), (False, False), (1, False), (None, False)],
)
def test_an_address_is_theirs_where_apple_says_so_in_either_way(
    apple: Apple, claim: object, verified: bool
) -> None:
    apple.claims["email_verified"] = claim
    _tokens, profile = visit_fake(client_of(apple), apple)
    assert profile.email_verified is verified


def test_a_nonce_counts_whatever_the_token_says_of_it(apple: Apple) -> None:
    apple.claims["nonce_supported"] = False
    client = client_of(apple)
    going = Visit(client)
    end = partial(going.end, apple.log_in(going.url()), nonce="another")
    assert refusal(ProviderUntrusted, end) == "id_token_nonce"


def test_its_addresses_are_those_that_it_documents(apple: Apple) -> None:
    key = apple.app_key.as_pem(private=True).decode()
    settings = {"client_id": "x", "team_id": TEAM, "key_id": KEY, "private_key": key}
    connection = connection_of("apple", settings)
    assert connection.server_metadata_url == f"{ISSUER}/.well-known/openid-configuration"
    assert connection.expected_issuer == ISSUER
