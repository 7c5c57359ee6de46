"""GitLab: an OpenID provider, also on a machine of the app's own."""

from __future__ import annotations

import time
import typing as t
from collections.abc import Iterator
from functools import partial

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

PICTURE = "https://gitlab.com/uploads/-/system/user/avatar/1815/avatar.png"


class GitLab(FakeProvider):
    """GitLab, below a folder of its machine, which tells most at the place of profiles."""

    def __init__(self) -> None:
        super().__init__()
        self.base = f"{self.url}/git"
        self.person: dict[str, t.Any] = {
            "sub": "1815",
            "sub_legacy": "f4d6",
            "name": "Ada Lovelace",
            "nickname": "ada",
            "preferred_username": "ada",
            "email": "ada@example.com",
            "email_verified": True,
            "profile": "https://gitlab.com/ada",
            "picture": PICTURE,
            "groups": ["analysts"],
        }

    def check_authorization(self, query: dict[str, str]) -> None:
        super().check_authorization(query)
        assert query.get("prompt", "login") in ("login", "consent"), "it breaks on others"

    def answer(self, request: Request) -> Reply:
        match request.path.removeprefix("/git"):
            case "/.well-known/openid-configuration":
                return say(
                    {
                        "issuer": self.base,
                        "authorization_endpoint": f"{self.base}/oauth/authorize",
                        "token_endpoint": f"{self.base}/oauth/token",
                        "userinfo_endpoint": f"{self.base}/oauth/userinfo",
                        "jwks_uri": f"{self.base}/oauth/discovery/keys",
                        "id_token_signing_alg_values_supported": ["RS256"],
                        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time"],
                    }
                )
            case "/oauth/discovery/keys":
                return self.keys()
            case "/oauth/userinfo":
                self.check_bearer(request)
                return say(self.person)
            case _:
                return self.token(request)

    def token(self, request: Request) -> Reply:
        query = self.redeem(request)
        assert request.basic == (self.client_id, self.client_secret)
        told = ("sub", "sub_legacy", "email", "email_verified")
        claims = {
            **{name: self.person[name] for name in told},
            "iss": self.base,
            "nonce": query["nonce"],
            # When they signed in last, in any browser.
            "auth_time": int(time.time()),
        }
        return say(
            {
                "access_token": self.access_token,
                "token_type": "Bearer",
                "expires_in": 7200,
                "refresh_token": "gitlab-refresh",
                "scope": "openid email profile",
                "created_at": int(time.time()),
                "id_token": self.id_token(claims),
            }
        )


@pytest.fixture
def gitlab() -> Iterator[GitLab]:
    with GitLab() as fake:
        yield fake


def client_of(gitlab: GitLab, **more: t.Any) -> Client:
    known = {
        "client_id": gitlab.client_id,
        "client_secret": gitlab.client_secret,
        "base_url": f"{gitlab.base}/",
    }
    return Client(connection_of("gitlab", {**known, **more}))


def test_somebody_comes_from_a_machine_of_the_apps_own(gitlab: GitLab) -> None:
    tokens, profile = visit_fake(client_of(gitlab), gitlab, select_account=True)
    assert profile.issuer == gitlab.base
    assert profile.provider_user_id == "1815"
    assert (profile.email_address, profile.email_verified) == ("ada@example.com", True)
    assert (profile.first_name, profile.username) == ("Ada Lovelace", "ada")
    assert profile.image_url == PICTURE
    assert tokens.refresh_token == "gitlab-refresh"


def test_an_address_that_is_not_proven_is_not(gitlab: GitLab) -> None:
    gitlab.person["email_verified"] = False
    _tokens, profile = visit_fake(client_of(gitlab), gitlab)
    assert (profile.email_address, profile.email_verified) == ("ada@example.com", False)


def test_another_machine_is_another_issuer(gitlab: GitLab) -> None:
    client = client_of(gitlab, issuer="https://gitlab.com")
    assert refusal(ProviderUntrusted, partial(visit_fake, client, gitlab)) == "issuer"


def test_its_address_is_the_one_that_it_documents() -> None:
    connection = connection_of("gitlab", {"client_id": "x"})
    assert connection.server_metadata_url == "https://gitlab.com/.well-known/openid-configuration"
    assert connection.expected_issuer == "https://gitlab.com"


def test_it_is_asked_for_the_person_and_a_proof_key(gitlab: GitLab) -> None:
    asked = Visit(client_of(gitlab)).asked()
    assert asked["scope"] == "openid email profile"
    assert asked["nonce"]
    assert asked["code_challenge_method"] == "S256"
