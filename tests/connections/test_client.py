"""The conversation with a provider: there with a proof key, back with a code, and tokens later."""

from __future__ import annotations

import time
from functools import partial

import pytest

from flask_userkit.connections.errors import ProviderRefused
from flask_userkit.connections.errors import ProviderUntrusted
from tests.connections.visits import REDIRECT_URI
from tests.connections.visits import Visit
from tests.connections.visits import client_of
from tests.connections.visits import plain_client_of
from tests.connections.visits import query_of
from tests.connections.visits import refusal
from tests.connections.visits import visit
from tests.rig.hostile.modes import Mode
from tests.rig.hostile.tokens import EVIL
from tests.rig.hostile_provider import HostileProvider


def test_somebody_comes_back_as_who_they_are(provider: HostileProvider) -> None:
    before = int(time.time())
    tokens, profile = visit(client_of(provider), provider, scopes=("books",))
    assert profile.provider_user_id == provider.subject["sub"]
    assert profile.issuer == provider.issuer
    assert profile.email_address == "ada@example.com"
    assert profile.email_verified is True
    assert (profile.first_name, profile.last_name) == ("Ada", "Lovelace")
    assert profile.username == "ada"
    assert profile.auth_time is not None
    assert tokens.scopes == ("openid", "email", "profile", "books")
    assert tokens.refresh_token is None, "none was asked for"
    assert tokens.expires_at is not None
    assert tokens.expires_at >= before + provider.access_token_seconds


def test_a_browser_is_sent_with_a_proof_key_and_a_nonce(provider: HostileProvider) -> None:
    going = Visit(client_of(provider, authorize_params={"audience": "books"}))
    asked = going.asked()
    assert asked["client_id"] == provider.client_id
    assert asked["redirect_uri"] == REDIRECT_URI
    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid email profile"
    assert asked["state"] == going.state
    assert asked["nonce"] == going.nonce
    assert asked["code_challenge_method"] == "S256"
    assert asked["audience"] == "books"
    assert going.code_verifier not in asked.values()
    assert "prompt" not in asked


def test_what_a_person_is_asked_is_what_the_provider_understands(
    provider: HostileProvider,
) -> None:
    plain = Visit(client_of(provider))
    assert "prompt" not in plain.asked(select_account=True), "some refuse what they do not know"
    choosing = Visit(client_of(provider, selects_account=True))
    assert choosing.asked(select_account=True)["prompt"] == "select_account"
    confirming = Visit(client_of(provider, reauthenticates=True))
    assert confirming.asked(select_account=True)["prompt"] == "login"
    again = confirming.asked(reauthenticate=True, login_hint="ada@example.com")
    assert (again["prompt"], again["max_age"]) == ("login", "0")
    assert again["login_hint"] == "ada@example.com"
    assert plain.asked(consent=True)["prompt"] == "consent"
    fixed = Visit(client_of(provider, reauthenticates=True, authorize_params={"prompt": "consent"}))
    assert fixed.asked()["prompt"] == "consent"
    assert fixed.asked(reauthenticate=True)["prompt"] == "consent login"


def test_a_code_without_its_proof_is_worth_nothing(provider: HostileProvider) -> None:
    going = Visit(client_of(provider))
    back = query_of(provider.log_in(going.url()))
    wrong = partial(going.end, back["code"], back["iss"], code_verifier="w" * 64)
    assert refusal(ProviderRefused, wrong) == "invalid_grant"


def test_a_code_counts_once(provider: HostileProvider) -> None:
    going = Visit(client_of(provider))
    back = query_of(provider.log_in(going.url()))
    going.end(back["code"], back["iss"])
    again = partial(going.end, back["code"], back["iss"])
    assert refusal(ProviderRefused, again) == "invalid_grant"


@pytest.mark.parametrize("code", ["", "c" * 4096, "\u00e4\n&code=x"])
def test_an_odd_code_is_refused(provider: HostileProvider, code: str) -> None:
    going = Visit(client_of(provider))
    going.url()
    assert refusal(ProviderRefused, partial(going.end, code, provider.issuer)) == "invalid_grant"


def test_an_app_with_another_secret_is_refused(provider: HostileProvider) -> None:
    client = client_of(provider, client_secret="guess")
    assert refusal(ProviderRefused, lambda: visit(client, provider)) == "invalid_client"


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_the_app_says_who_it_is_as_the_provider_wants_it(
    provider: HostileProvider, method: str
) -> None:
    visit(client_of(provider, token_endpoint_auth_method=method), provider)
    [request] = provider.asked("/token")
    assert bool(request.authorization) is (method == "client_secret_basic")
    assert ("client_secret" in request.form) is (method == "client_secret_post")


def test_an_app_without_a_secret_says_only_who_it_is(provider: HostileProvider) -> None:
    client = client_of(provider, client_secret="")
    assert refusal(ProviderRefused, lambda: visit(client, provider)) == "invalid_client"
    [request] = provider.asked("/token")
    assert not request.authorization
    assert request.form["client_id"] == provider.client_id
    assert "client_secret" not in request.form


@pytest.mark.parametrize(("mode", "reason"), [("tampered_iss", "iss"), ("no_iss", "no_iss")])
def test_an_answer_of_another_provider_is_refused_before_its_code_is_shown_to_anybody(
    provider: HostileProvider, mode: Mode, reason: str
) -> None:
    client = client_of(provider)
    assert refusal(ProviderUntrusted, lambda: visit(client, provider, mode)) == reason
    assert provider.asked("/token") == []


def test_a_plain_provider_is_known_by_its_host(provider: HostileProvider) -> None:
    client = plain_client_of(provider)
    for iss in (None, provider.issuer, f"{provider.issuer}/oauth"):
        going = Visit(client)
        back = query_of(provider.log_in(going.url()))
        _tokens, profile = going.end(back["code"], iss)
        assert profile.provider_user_id == provider.subject["sub"]
        assert profile.issuer == provider.issuer
    going = Visit(client)
    back = query_of(provider.log_in(going.url()))
    assert refusal(ProviderUntrusted, partial(going.end, back["code"], EVIL)) == "iss"
