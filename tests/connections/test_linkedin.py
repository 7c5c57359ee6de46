"""LinkedIn: OpenID without a nonce, which refuses a proof key beside a secret."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from functools import partial

import pytest

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

ISSUER = "https://www.linkedin.com/oauth"
PICTURE = "https://media.licdn-ei.com/dms/image/picture"


class LinkedIn(FakeProvider):
    """LinkedIn, which refuses what most others ask for."""

    def __init__(self) -> None:
        super().__init__()
        self.person: dict[str, t.Any] = {
            "sub": "782bbtaQ",
            "name": "Ada Lovelace",
            "given_name": "Ada",
            "family_name": "Lovelace",
            "picture": PICTURE,
            # Not the text that OpenID has it be.
            "locale": {"country": "GB", "language": "en"},
            "email": "ada@example.com",
            "email_verified": True,
        }
        self.signed: dict[str, t.Any] = {}

    def answer(self, request: Request) -> Reply:
        match request.path:
            case "/oauth/.well-known/openid-configuration":
                return say(
                    {
                        "issuer": ISSUER,
                        "authorization_endpoint": f"{self.url}/oauth/v2/authorization",
                        "token_endpoint": f"{self.url}/oauth/v2/accessToken",
                        "userinfo_endpoint": f"{self.url}/v2/userinfo",
                        "jwks_uri": f"{self.url}/oauth/openid/jwks",
                        "id_token_signing_alg_values_supported": ["RS256"],
                    }
                )
            case "/oauth/openid/jwks":
                return self.keys()
            case "/v2/userinfo":
                self.check_bearer(request)
                return say(self.person)
            case _:
                return self.token(request)

    def token(self, request: Request) -> Reply:
        if "code_verifier" in request.form:
            raise Refused(say({"error": "invalid_client"}, 401))
        self.check_post(request)
        self.redeem(request)
        return say(
            {
                "access_token": self.access_token,
                "expires_in": 5183999,
                "scope": "email,openid,profile",
                "token_type": "Bearer",
                "id_token": self.id_token({**self.person, "iss": ISSUER, **self.signed}),
            }
        )


@pytest.fixture
def linkedin() -> Iterator[LinkedIn]:
    with LinkedIn() as fake:
        yield fake


def client_of(linkedin: LinkedIn, **more: t.Any) -> Client:
    known = {
        "client_id": linkedin.client_id,
        "client_secret": linkedin.client_secret,
        "server_metadata_url": f"{linkedin.url}/oauth/.well-known/openid-configuration",
        "issuer": ISSUER,
    }
    return Client(connection_of("linkedin", {**known, **more}))


def test_somebody_comes_without_a_nonce_and_without_a_proof_key(linkedin: LinkedIn) -> None:
    tokens, profile = visit_fake(client_of(linkedin), linkedin, select_account=True)
    assert profile.issuer == ISSUER
    assert profile.provider_user_id == "782bbtaQ"
    assert (profile.email_address, profile.email_verified) == ("ada@example.com", True)
    assert (profile.first_name, profile.last_name) == ("Ada", "Lovelace")
    assert profile.image_url == PICTURE
    assert tokens.scopes == ("email", "openid", "profile")
    assert tokens.refresh_token is None


def test_it_is_asked_for_none_of_the_two(linkedin: LinkedIn) -> None:
    asked = Visit(client_of(linkedin)).asked(select_account=True)
    assert not {"nonce", "code_challenge", "prompt"} & set(asked)
    proving = client_of(linkedin, pkce=True)
    assert refusal(ProviderRefused, partial(visit_fake, proving, linkedin)) == "invalid_client"
    asking = client_of(linkedin, nonce=True)
    assert refusal(ProviderUntrusted, partial(visit_fake, asking, linkedin)) == "id_token_nonce"


@pytest.mark.parametrize(
    ("signed", "reason"),
    [
        ({"iss": "https://www.linkedin.com"}, "id_token_iss"),
        ({"aud": "another-app"}, "id_token_aud"),
        ({"exp": 1}, "id_token_exp"),
    ],
)
def test_the_rest_of_its_token_counts_all_the_same(
    linkedin: LinkedIn, signed: dict[str, t.Any], reason: str
) -> None:
    linkedin.signed = signed
    going = partial(visit_fake, client_of(linkedin), linkedin)
    assert refusal(ProviderUntrusted, going) == reason


@pytest.mark.parametrize("claim", [False, None, "true", 1])
def test_an_address_is_theirs_where_it_says_so(linkedin: LinkedIn, claim: object) -> None:
    linkedin.person["email_verified"] = claim
    _tokens, profile = visit_fake(client_of(linkedin), linkedin)
    assert profile.email_verified is False


def test_its_address_is_the_one_that_it_documents() -> None:
    connection = connection_of("linkedin", {"client_id": "x"})
    assert connection.server_metadata_url == f"{ISSUER}/.well-known/openid-configuration"
    assert connection.expected_issuer == ISSUER
