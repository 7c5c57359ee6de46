"""A token that has run out is exchanged for a new one, as long as somebody allows it."""

from __future__ import annotations

from functools import partial

from flask_userkit.connections.errors import ProviderRefused
from flask_userkit.connections.errors import ProviderUnavailable
from tests.connections.visits import client_of
from tests.connections.visits import refusal
from tests.connections.visits import visit
from tests.rig.hostile.modes import Mode
from tests.rig.hostile_provider import HostileProvider

OFFLINE = ("offline_access", "books")
SCOPES = ("openid", "email", "profile", *OFFLINE)
BAD_DAYS: dict[Mode, str] = {
    "500": "status_500",
    "429": "status_429",
    "html": "no_json",
    "list": "no_json",
    "empty": "no_json",
    "no_access_token": "no_access_token",
}


def test_a_refresh_token_brings_a_new_token(provider: HostileProvider) -> None:
    client = client_of(provider)
    first, _profile = visit(client, provider, scopes=OFFLINE)
    assert first.refresh_token
    second = client.refresh(first.refresh_token, first.scopes)
    assert second.access_token != first.access_token
    assert second.refresh_token not in (None, first.refresh_token), "this one gives a new one"
    assert second.scopes == SCOPES
    assert provider.asked("/token")[-1].form["grant_type"] == "refresh_token"


def test_the_old_one_is_kept_where_there_is_no_new_one(provider: HostileProvider) -> None:
    provider.rotates_refresh_tokens = False
    client = client_of(provider)
    first, _profile = visit(client, provider, scopes=OFFLINE)
    assert first.refresh_token
    second = client.refresh(first.refresh_token, first.scopes)
    assert second.refresh_token == first.refresh_token


def test_access_that_was_taken_back_is_refused(provider: HostileProvider) -> None:
    client = client_of(provider)
    first, _profile = visit(client, provider, scopes=OFFLINE)
    assert first.refresh_token
    provider.grants.forget()
    again = partial(client.refresh, first.refresh_token, first.scopes)
    assert refusal(ProviderRefused, again) == "invalid_grant"


def test_a_provider_on_a_bad_day_has_taken_nothing_back(provider: HostileProvider) -> None:
    client = client_of(provider)
    provider.rotates_refresh_tokens = False
    first, _profile = visit(client, provider, scopes=OFFLINE)
    assert first.refresh_token
    again = partial(client.refresh, first.refresh_token, first.scopes)
    for mode, reason in BAD_DAYS.items():
        provider.mode = mode
        assert refusal(ProviderUnavailable, again) == reason, mode
    provider.mode = "ok"
    assert again().access_token


def test_scopes_are_those_that_were_granted(provider: HostileProvider) -> None:
    provider.grants_only = frozenset({"openid", "email", "offline_access"})
    client = client_of(provider)
    first, _profile = visit(client, provider, scopes=OFFLINE)
    assert first.scopes == ("openid", "email", "offline_access")
