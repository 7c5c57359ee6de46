"""The addresses of a provider: asked for when they are needed, and believed when they are its."""

from __future__ import annotations

import threading
import typing as t
from functools import partial

import pytest

from flask_userkit.connections import metadata
from flask_userkit.connections.client import Client
from flask_userkit.connections.errors import ProviderUnavailable
from flask_userkit.connections.errors import ProviderUntrusted
from tests.connections.visits import Visit
from tests.connections.visits import client_of
from tests.connections.visits import plain_client_of
from tests.connections.visits import refusal
from tests.connections.visits import visit
from tests.rig.hostile.modes import Mode
from tests.rig.hostile_provider import HostileProvider

DOCUMENT = "/.well-known/openid-configuration"


def going(client: Client) -> t.Callable[[], str]:
    return Visit(client).url


def test_they_are_asked_for_when_somebody_goes_there_and_then_kept(
    provider: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(provider)
    assert provider.requests == []
    visit(client, provider)
    visit(client, provider)
    assert len(provider.asked(DOCUMENT)) == 1
    monkeypatch.setattr(metadata, "LIFETIME", 0.0)
    visit(client, provider)
    assert len(provider.asked(DOCUMENT)) > 1


def test_a_plain_provider_is_asked_for_none(provider: HostileProvider) -> None:
    visit(plain_client_of(provider), provider)
    assert provider.asked(DOCUMENT) == []
    assert provider.asked("/jwks") == []


def test_many_who_go_at_once_ask_once(provider: HostileProvider) -> None:
    client = client_of(provider)
    urls: list[str] = []
    threads = [threading.Thread(target=lambda: urls.append(going(client)())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(urls) == 4
    assert len(provider.asked(DOCUMENT)) == 1


def test_a_failure_is_kept_for_a_moment_alone(
    provider: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(provider)
    provider.at, provider.mode = "discovery", "500"
    for _ in range(5):
        assert refusal(ProviderUnavailable, going(client)) == "no_metadata"
    assert len(provider.asked(DOCUMENT)) < 5, "a page that is tried again and again does not wait"
    provider.mode = "ok"
    monkeypatch.setattr(metadata, "FAILURE", 0.0)
    visit(client, provider)


@pytest.mark.parametrize(
    ("mode", "reason"),
    [("iss_mismatch_discovery", "issuer"), ("http_endpoints", "authorization_endpoint")],
)
def test_a_document_that_leads_to_somebody_else_is_refused(
    provider: HostileProvider, mode: Mode, reason: str
) -> None:
    provider.mode = mode
    assert refusal(ProviderUntrusted, going(client_of(provider))) == reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"issuer": None}, "issuer"),
        ({"issuer": ["x"]}, "issuer"),
        ({"issuer": "http://127.0.0.1"}, "issuer"),
        ({"token_endpoint": "ftp://127.0.0.1/token"}, "token_endpoint"),
        ({"token_endpoint": "//evil.example"}, "token_endpoint"),
        ({"token_endpoint": "https://[::1"}, "token_endpoint"),
        ({"token_endpoint": 5}, "token_endpoint"),
        ({"jwks_uri": "http://evil.example/jwks"}, "jwks_uri"),
        ({"userinfo_endpoint": "http://127.0.0.1.evil.example"}, "userinfo_endpoint"),
    ],
)
def test_an_odd_document_is_refused(
    provider: HostileProvider,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, object],
    reason: str,
) -> None:
    change(provider, monkeypatch, changes)
    assert refusal(ProviderUntrusted, going(client_of(provider))) == reason


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_a_document_without_an_address_is_of_no_use(
    provider: HostileProvider, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    change(provider, monkeypatch, {name: None})
    assert refusal(ProviderUnavailable, going(client_of(provider))) == "no_metadata"


def test_an_issuer_may_end_with_a_slash_unless_it_is_named(
    provider: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = provider.issuer
    provider.issuer = f"{named}/"
    monkeypatch.setattr(provider, "discovery", partial(_discovery, provider, named))
    known = {"server_metadata_url": named + DOCUMENT}
    _tokens, profile = visit(client_of(provider, **known), provider)
    assert profile.issuer == f"{named}/"
    visit(client_of(provider, **known, issuer=f"{named}/"), provider)
    exact = client_of(provider, **known, issuer=named)
    assert refusal(ProviderUntrusted, going(exact)) == "issuer"


def test_addresses_of_the_app_go_before_those_of_the_document(provider: HostileProvider) -> None:
    client = client_of(provider, userinfo_url=f"{provider.issuer}/elsewhere")
    provider.tells_all_in_id_token = False
    assert refusal(ProviderUnavailable, lambda: visit(client, provider)) == "userinfo_404"
    assert len(provider.asked("/elsewhere")) == 1


def change(
    provider: HostileProvider, monkeypatch: pytest.MonkeyPatch, changes: dict[str, object]
) -> None:
    document = {**provider.discovery()[1], **changes}
    found = {name: value for name, value in document.items() if value is not None}
    monkeypatch.setattr(provider, "discovery", lambda: ("ok", found))


def _discovery(provider: HostileProvider, base: str) -> tuple[Mode, dict[str, t.Any]]:
    names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
    return "ok", {
        "issuer": provider.issuer,
        **{name: f"{base}/{path}" for name, path in names.items()},
    }
