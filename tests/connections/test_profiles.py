"""Who somebody is: an address is theirs when the provider says so of that address, plainly."""

from __future__ import annotations

import typing as t
from functools import partial

import pytest

from flask_userkit.connections.connection import Claims
from flask_userkit.connections.connection import GetJson
from flask_userkit.connections.connection import Profile
from flask_userkit.connections.errors import ProviderUnavailable
from flask_userkit.connections.errors import ProviderUntrusted
from tests.connections.visits import client_of
from tests.connections.visits import plain_client_of
from tests.connections.visits import refusal
from tests.connections.visits import visit
from tests.rig.hostile.modes import Mode
from tests.rig.hostile_provider import HostileProvider

EMAIL = "ada@example.com"


@pytest.mark.parametrize(
    ("mode", "address"),
    [
        ("email_unverified", EMAIL),
        ("email_str_false", EMAIL),
        ("email_str_true", EMAIL),
        ("email_one", EMAIL),
        ("entra", EMAIL),
        ("no_email", None),
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_an_address_is_theirs_where_the_claim_is_true_and_nothing_like_it(
    provider: HostileProvider, mode: Mode, address: str | None, whole: bool
) -> None:
    provider.tells_all_in_id_token = whole
    _tokens, profile = visit(client_of(provider), provider, mode)
    assert (profile.email_address, profile.email_verified) == (address, False)


def test_an_address_proves_nothing_where_no_claim_is_named(provider: HostileProvider) -> None:
    client = client_of(provider, email_verified_claim=None)
    _tokens, profile = visit(client, provider)
    assert (profile.email_address, profile.email_verified) == (EMAIL, False)


def test_no_address_is_proven_where_there_is_none(provider: HostileProvider) -> None:
    del provider.subject["email"]
    _tokens, profile = visit(client_of(provider), provider)
    assert (profile.email_address, profile.email_verified) == (None, False)


def test_what_the_id_token_does_not_say_is_asked_for(provider: HostileProvider) -> None:
    visit(client_of(provider), provider)
    assert provider.asked("/userinfo") == []
    provider.tells_all_in_id_token = False
    _tokens, profile = visit(client_of(provider), provider)
    assert (profile.email_address, profile.email_verified) == (EMAIL, True)
    assert profile.first_name == "Ada"
    assert len(provider.asked("/userinfo")) == 1


def test_a_profile_of_somebody_else_is_refused(provider: HostileProvider) -> None:
    client = client_of(provider)
    going = partial(visit, client, provider, "other_userinfo")
    assert refusal(ProviderUntrusted, going) == "userinfo_sub"


@pytest.mark.parametrize(
    ("signed", "told"),
    [
        ({"email": "ada@evil.example"}, {"email": EMAIL, "email_verified": True}),
        ({"email": "ada@evil.example"}, {"email_verified": True}),
        ({"email_verified": True}, {"email": EMAIL}),
        ({"email_verified": True}, {"email": EMAIL, "email_verified": False}),
    ],
)
def test_the_proof_of_one_address_is_not_taken_for_another(
    provider: HostileProvider,
    monkeypatch: pytest.MonkeyPatch,
    signed: dict[str, t.Any],
    told: dict[str, t.Any],
) -> None:
    subject = provider.subject["sub"]
    provider.subject = {"sub": subject, **signed}
    monkeypatch.setattr(provider, "userinfo", lambda _: ("ok", {"sub": subject, **told}))
    _tokens, profile = visit(client_of(provider), provider)
    assert profile.email_address == signed.get("email", EMAIL)
    assert profile.email_verified is False


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ({"name": "Ada Lovelace"}, ("Ada Lovelace", None)),
        ({"name": "Ada Lovelace", "family_name": "Lovelace"}, (None, "Lovelace")),
        ({"given_name": "", "family_name": 5, "name": ["Ada"]}, (None, None)),
    ],
)
def test_a_name_is_taken_as_it_is_told(
    provider: HostileProvider, told: dict[str, t.Any], names: tuple[str | None, str | None]
) -> None:
    provider.subject = {"sub": provider.subject["sub"], **told}
    _tokens, profile = visit(client_of(provider), provider)
    assert (profile.first_name, profile.last_name) == names


def test_a_plain_provider_tells_all_at_one_address(provider: HostileProvider) -> None:
    tokens, profile = visit(plain_client_of(provider, email_verified_claim="proven"), provider)
    assert (profile.email_address, profile.email_verified) == (EMAIL, False)
    assert profile.auth_time is None, "nobody has signed it"
    assert tokens.scopes == ("openid", "email", "profile")
    [request] = provider.asked("/userinfo")
    assert request.authorization == f"Bearer {tokens.access_token}"


def test_claims_have_the_names_that_the_app_gives_them(provider: HostileProvider) -> None:
    provider.subject = {"id": 7, "mail": EMAIL, "proven": True, "nick": "ada", "face": "https://x"}
    claims = {
        "provider_user_id": "id",
        "email_address": "mail",
        "username": "nick",
        "image_url": "face",
    }
    told = plain_client_of(provider, claims=claims, email_verified_claim="proven")
    # A grant of this provider is always somebody's.
    provider.subject["sub"] = "7"
    _tokens, profile = visit(told, provider)
    assert profile == Profile(
        provider_user_id="7",
        issuer=provider.issuer,
        email_address=EMAIL,
        email_verified=True,
        username="ada",
        image_url="https://x",
    )


@pytest.mark.parametrize("id", [None, True, 1.5, "", [1], {"id": 1}])
def test_a_plain_provider_tells_an_id_that_is_one(provider: HostileProvider, id: object) -> None:
    provider.subject["id"] = id
    client = plain_client_of(provider, claims={"provider_user_id": "id"})
    assert refusal(ProviderUntrusted, lambda: visit(client, provider)) == "subject"


def test_a_hook_of_the_app_reads_what_is_told_elsewhere(provider: HostileProvider) -> None:
    def read_profile(get_json: GetJson, claims: Claims, extra: t.Mapping[str, str]) -> Claims:
        return {"preferred_username": get_json("userinfo")["given_name"], "email": None}

    _tokens, profile = visit(client_of(provider, read_profile=read_profile), provider)
    assert profile.username == "Ada"
    assert (profile.email_address, profile.email_verified) == (None, False)


@pytest.mark.parametrize("mode", ["html", "list", "empty", "truncated", "500", "429"])
def test_a_profile_that_cannot_be_read_may_be_read_later(
    provider: HostileProvider, mode: Mode
) -> None:
    provider.at, provider.tells_all_in_id_token = "userinfo", False
    for client in (client_of(provider), plain_client_of(provider)):
        provider.mode = mode
        refusal(ProviderUnavailable, partial(visit, client, provider))
        provider.mode = "ok"
        visit(client, provider)
