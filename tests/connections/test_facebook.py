"""Facebook: plain OAuth 2, where an address proves nothing and some people have none."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from functools import partial

import pytest

from flask_userkit.connections import connection_of
from flask_userkit.connections.client import Client
from flask_userkit.connections.errors import ProviderRefused
from flask_userkit.connections.errors import ProviderUnavailable
from tests.connections.fake_provider import FakeProvider
from tests.connections.fake_provider import Refused
from tests.connections.fake_provider import Reply
from tests.connections.fake_provider import Request
from tests.connections.fake_provider import say
from tests.connections.visits import Visit
from tests.connections.visits import refusal
from tests.connections.visits import visit_fake

GRAPH = "https://graph.facebook.com"
PICTURE = "https://platform-lookaside.fbsbx.com/platform/profilepic/?asid=1815"


class Facebook(FakeProvider):
    """Facebook, which tells only the fields that are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.person: t.Any = {
            "id": "10158815",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "email": "ada@example.com",
            "picture": {"data": {"height": 200, "is_silhouette": False, "url": PICTURE}},
            # Nobody has asked for it.
            "verified": True,
        }

    def check_authorization(self, query: dict[str, str]) -> None:
        super().check_authorization(query)
        assert set(query["scope"].split()) == {"email", "public_profile"}

    def answer(self, request: Request) -> Reply:
        if request.path == "/oauth/access_token":
            return self.token(request)
        self.check_bearer(request)
        if not isinstance(self.person, dict):
            return say(self.person)
        fields = request.query.get("fields", "id,name").split(",")
        asked = {field.partition(".")[0] for field in fields}
        return say({name: value for name, value in self.person.items() if name in asked})

    def token(self, request: Request) -> Reply:
        try:
            self.check_post(request)
            self.redeem(request)
        except Refused:
            error = {"message": "Error validating it.", "type": "OAuthException", "code": 100}
            return say({"error": error}, 400)
        # It does not say what was allowed.
        answer = {"access_token": self.access_token, "token_type": "bearer", "expires_in": 5183944}
        return say(answer)


@pytest.fixture
def facebook() -> Iterator[Facebook]:
    with Facebook() as fake:
        yield fake


def client_of(facebook: Facebook, **more: t.Any) -> Client:
    ready = connection_of("facebook", {"client_id": "x"})
    known = {
        "client_id": facebook.client_id,
        "client_secret": facebook.client_secret,
        "authorize_url": f"{facebook.url}/dialog/oauth",
        "access_token_url": f"{facebook.url}/oauth/access_token",
        "userinfo_url": ready.userinfo_url.replace(GRAPH, facebook.url),
    }
    return Client(connection_of("facebook", {**known, **more}))


def test_somebody_is_their_number_and_their_address_proves_nothing(facebook: Facebook) -> None:
    tokens, profile = visit_fake(client_of(facebook), facebook)
    assert profile.provider_user_id == "10158815"
    assert profile.issuer == "https://www.facebook.com"
    assert (profile.email_address, profile.email_verified) == ("ada@example.com", False)
    assert (profile.first_name, profile.last_name) == ("Ada", "Lovelace")
    assert profile.image_url == PICTURE
    assert tokens.scopes == ("email", "public_profile")
    assert tokens.expires_at is not None


def test_who_came_by_phone_has_no_address(facebook: Facebook) -> None:
    del facebook.person["email"], facebook.person["picture"]
    _tokens, profile = visit_fake(client_of(facebook), facebook)
    assert (profile.email_address, profile.image_url) == (None, None)


@pytest.mark.parametrize("picture", ["https://x.example", [], {"data": []}, {"data": {"url": 5}}])
def test_nobody_is_turned_away_for_the_sake_of_a_picture(
    facebook: Facebook, picture: object
) -> None:
    facebook.person["picture"] = picture
    _tokens, profile = visit_fake(client_of(facebook), facebook)
    assert profile.image_url is None


@pytest.mark.parametrize("person", [[], "Ada", None])
def test_a_person_that_is_none_is_no_answer(facebook: Facebook, person: t.Any) -> None:
    facebook.person = person
    going = partial(visit_fake, client_of(facebook), facebook)
    assert refusal(ProviderUnavailable, going) == "userinfo"


def test_its_own_way_to_refuse_is_a_refusal(facebook: Facebook) -> None:
    client = client_of(facebook, client_secret="guess")
    assert refusal(ProviderRefused, lambda: visit_fake(client, facebook)) == "refused"


def test_it_is_asked_nothing_that_it_does_not_know(facebook: Facebook) -> None:
    asked = Visit(client_of(facebook)).asked(select_account=True, consent=True)
    assert "prompt" not in asked
    assert "nonce" not in asked


def test_its_addresses_are_those_that_it_documents() -> None:
    connection = connection_of("facebook", {"client_id": "x"})
    assert connection.authorize_url == "https://www.facebook.com/dialog/oauth"
    assert connection.access_token_url == f"{GRAPH}/oauth/access_token"
    assert connection.userinfo_url.startswith(f"{GRAPH}/me?fields=id,")
    assert connection.email_verified_claim is None
