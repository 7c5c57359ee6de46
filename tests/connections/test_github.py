"""GitHub: plain OAuth 2, with a number for an id and the addresses in a place of their own."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from functools import partial

import pytest

from flask_userkit.connections import connection_of
from flask_userkit.connections.client import Client
from flask_userkit.connections.errors import ProviderRefused
from flask_userkit.connections.errors import ProviderUnavailable
from flask_userkit.connections.errors import ProviderUntrusted
from tests.connections.fake_provider import FakeProvider
from tests.connections.fake_provider import Refused
from tests.connections.fake_provider import Reply
from tests.connections.fake_provider import Request
from tests.connections.fake_provider import say
from tests.connections.visits import Visit
from tests.connections.visits import refusal
from tests.connections.visits import visit_fake

PRIMARY = {"email": "ada@example.com", "verified": True, "primary": True, "visibility": "public"}
OTHER = {"email": "ada@users.noreply.example", "verified": True, "primary": False}


class GitHub(FakeProvider):
    """GitHub, where somebody shows another address than they have proven."""

    def __init__(self) -> None:
        super().__init__()
        self.person: dict[str, t.Any] = {
            "login": "ada",
            "id": 1815,
            "node_id": "MDQ6VXNlcjE4MTU=",
            "avatar_url": "https://avatars.githubusercontent.com/u/1815?v=4",
            "name": "Ada Lovelace",
            "email": "shown@example.org",
        }
        self.addresses: t.Any = [OTHER, PRIMARY]

    def answer(self, request: Request) -> Reply:
        if request.path == "/login/oauth/access_token":
            return self.token(request)
        self.check_bearer(request)
        if "user-agent" not in request.headers:
            raise Refused(say({"message": "Request forbidden by administrative rules."}, 403))
        match request.path:
            case "/user":
                return say(self.person)
            case "/user/emails":
                return say(self.addresses)
            case _:
                return say({"message": "Not Found"}, 404)

    def token(self, request: Request) -> Reply:
        if "json" not in request.headers.get("accept", ""):
            # As it answers whoever does not ask for JSON.
            return 200, "application/x-www-form-urlencoded", f"access_token={self.access_token}"
        try:
            self.check_post(request)
            self.redeem(request)
        except Refused:
            # With the status of success, as it documents.
            return say({"error": "bad_verification_code", "error_description": "It is wrong."})
        token = {"access_token": self.access_token, "token_type": "bearer"}
        return say({**token, "scope": "read:user,user:email"})


@pytest.fixture
def github() -> Iterator[GitHub]:
    with GitHub() as fake:
        yield fake


def client_of(github: GitHub, **more: t.Any) -> Client:
    known = {
        "client_id": github.client_id,
        "client_secret": github.client_secret,
        "authorize_url": f"{github.url}/login/oauth/authorize",
        "access_token_url": f"{github.url}/login/oauth/access_token",
        "userinfo_url": f"{github.url}/user",
    }
    return Client(connection_of("github", {**known, **more}))


def test_somebody_is_their_number_and_their_proven_address(github: GitHub) -> None:
    tokens, profile = visit_fake(client_of(github), github)
    assert profile.provider_user_id == "1815"
    assert profile.issuer == "https://github.com"
    assert (profile.email_address, profile.email_verified) == ("ada@example.com", True)
    assert (profile.first_name, profile.username) == ("Ada Lovelace", "ada")
    assert profile.image_url == github.person["avatar_url"]
    assert profile.auth_time is None
    assert tokens.scopes == ("read:user", "user:email")
    assert (tokens.refresh_token, tokens.expires_at, tokens.id_token) == (None, None, None)


def test_another_name_is_the_same_person(github: GitHub) -> None:
    client = client_of(github)
    first = visit_fake(client, github)[1]
    github.person |= {"login": "countess", "email": None}
    second = visit_fake(client, github)[1]
    assert (second.issuer, second.provider_user_id) == (first.issuer, first.provider_user_id)


@pytest.mark.parametrize(
    ("addresses", "address"),
    [
        ([{**PRIMARY, "verified": False}, OTHER], "ada@example.com"),
        ([{**PRIMARY, "verified": "true"}], "ada@example.com"),
        ([{**PRIMARY, "verified": 1}], "ada@example.com"),
        ([{**PRIMARY, "primary": "true"}], None),
        ([OTHER], None),
        ([], None),
    ],
)
def test_an_address_is_proven_where_the_list_says_so(
    github: GitHub, addresses: t.Any, address: str | None
) -> None:
    github.addresses = addresses
    _tokens, profile = visit_fake(client_of(github), github)
    assert (profile.email_address, profile.email_verified) == (address, False)


@pytest.mark.parametrize("addresses", [{}, None, "ada@example.com", ["ada@example.com"], [None]])
def test_a_list_that_is_none_is_no_answer(github: GitHub, addresses: t.Any) -> None:
    github.addresses = addresses
    going = partial(visit_fake, client_of(github), github)
    assert refusal(ProviderUnavailable, going) == "userinfo"


@pytest.mark.parametrize("id", [None, True, "", 1.5, [1815]])
def test_nobody_is_somebody_without_a_number(github: GitHub, id: t.Any) -> None:
    github.person["id"] = id
    going = partial(visit_fake, client_of(github), github)
    assert refusal(ProviderUntrusted, going) == "subject"


def test_a_refusal_is_one_whatever_its_status(github: GitHub) -> None:
    client = client_of(github, client_secret="guess")
    assert refusal(ProviderRefused, lambda: visit_fake(client, github)) == "refused"


def test_an_account_can_be_chosen_and_nothing_is_asked_that_it_does_not_know(
    github: GitHub,
) -> None:
    going = Visit(client_of(github))
    assert going.asked(select_account=True, consent=True)["prompt"] == "select_account"
    assert "nonce" not in going.asked()
    assert going.asked()["code_challenge_method"] == "S256"


def test_its_addresses_are_those_that_it_documents() -> None:
    connection = connection_of("github", {"client_id": "x"})
    assert connection.authorize_url == "https://github.com/login/oauth/authorize"
    assert connection.access_token_url == "https://github.com/login/oauth/access_token"
    assert connection.userinfo_url == "https://api.github.com/user"
