"""An ID token counts when the provider has signed it, for this app and this visit."""

from __future__ import annotations

import time
import typing as t
from functools import partial

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.jwk import OctKey
from joserfc.jwk import RSAKey

from flask_userkit.connections import keys
from flask_userkit.connections.errors import ProviderUnavailable
from flask_userkit.connections.errors import ProviderUntrusted
from flask_userkit.connections.id_tokens import LONGEST
from flask_userkit.connections.keys import usable
from tests.connections.visits import client_of
from tests.connections.visits import refusal
from tests.connections.visits import visit
from tests.rig.hostile import tokens
from tests.rig.hostile.modes import OF_ID_TOKEN
from tests.rig.hostile.modes import Mode
from tests.rig.hostile_provider import HostileProvider

REASONS: dict[Mode, str] = {
    "wrong_nonce": "id_token_nonce",
    "no_nonce": "id_token_nonce",
    "wrong_aud": "id_token_aud",
    "extra_aud_no_azp": "id_token_azp",
    "wrong_iss": "id_token_iss",
    "expired": "id_token_exp",
    "nbf_future": "id_token_nbf",
    "wrong_at_hash": "id_token_at_hash",
    "no_id_token": "no_id_token",
}


@pytest.mark.parametrize("mode", OF_ID_TOKEN)
def test_one_that_nobody_may_trust_is_refused(provider: HostileProvider, mode: Mode) -> None:
    client = client_of(provider)
    reason = refusal(ProviderUntrusted, lambda: visit(client, provider, mode))
    assert reason == REASONS.get(mode, "id_token")
    assert provider.asked("/userinfo") == [], "nobody is asked for more"
    assert provider.asked("/evil-jwks") == [], "keys come from where they always come from"
    visit(client, provider)


@pytest.mark.parametrize(("mode", "reason"), [("int_sub", "id_token_sub"), ("long_sub", "subject")])
def test_a_subject_that_is_none_is_refused(
    provider: HostileProvider, mode: Mode, reason: str
) -> None:
    client = client_of(provider)
    assert refusal(ProviderUntrusted, lambda: visit(client, provider, mode)) == reason


@pytest.mark.parametrize("subject", ["", " ", None, True, 1.5, ["ada"], {"id": "ada"}, "a\u0000b"])
def test_an_odd_subject_is_refused_or_taken_as_it_is(
    provider: HostileProvider, subject: object
) -> None:
    provider.subject["sub"] = subject
    client = client_of(provider)
    if subject == " ":
        assert visit(client, provider)[1].provider_user_id == " "
    else:
        refusal(ProviderUntrusted, lambda: visit(client, provider))


def test_the_longest_subject_is_taken_and_its_case_counts(provider: HostileProvider) -> None:
    client = client_of(provider)
    for subject in ("a" * 255, "A" * 255):
        provider.subject["sub"] = subject
        assert visit(client, provider)[1].provider_user_id == subject


def test_a_key_that_is_new_is_asked_for(
    provider: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "REFETCH", 0.0)
    client = client_of(provider)
    visit(client, provider)
    visit(client, provider)
    assert len(provider.asked("/jwks")) == 1
    provider.rotate_keys()
    visit(client, provider)
    assert len(provider.asked("/jwks")) == 2


def test_a_key_that_nobody_has_costs_one_request_at_most(provider: HostileProvider) -> None:
    client = client_of(provider)
    for _ in range(5):
        refusal(ProviderUntrusted, lambda: visit(client, provider, "unknown_kid"))
    assert len(provider.asked("/jwks")) == 1


def test_keys_that_cannot_be_had_stop_only_who_needs_them(provider: HostileProvider) -> None:
    client = client_of(provider)
    provider.at, provider.mode = "jwks", "500"
    assert refusal(ProviderUnavailable, lambda: visit(client, provider)) == "no_keys"
    provider.mode = "ok"
    visit(client, provider)


def test_a_set_is_read_for_the_keys_that_check_signatures() -> None:
    right = RSAKey.generate_key(2048, {"kid": "right"}).as_dict(private=False)
    curve = ECKey.generate_key("P-256", {"kid": "curve", "use": "sig"}).as_dict(private=False)
    shared = OctKey.generate_key(256, {"kid": "shared"}).as_dict()
    others: list[object] = [
        {**right, "use": "enc"},
        shared,
        {"kty": "AKP", "kid": "of-tomorrow", "pub": "AAAA"},
        {**curve, "crv": "P-000"},
        {**curve, "x": 5},
        {"kty": "RSA"},
        {"kty": ["RSA"]},
        {},
        "key",
        None,
    ]
    assert usable({"keys": [*others, right, curve]}) == [right, curve]
    empty: list[object] = [{}, [], None, {"keys": None}, {"keys": {"a": right}}, {"keys": others}]
    assert [usable(each) for each in empty] == [[]] * len(empty)


def test_only_what_the_provider_says_it_signs_with_is_taken(
    provider: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = provider.discovery
    for offered, right in (
        (["RS256"], True),
        (None, True),
        ("RS256", True),
        (["ES256"], False),
        (["HS256", "none"], False),
        ([], False),
    ):
        document = {**told()[1], "id_token_signing_alg_values_supported": offered}
        monkeypatch.setattr(provider, "discovery", lambda document=document: ("ok", document))
        going = partial(visit, client_of(provider), provider)
        if right:
            going()
        else:
            assert refusal(ProviderUntrusted, going) in ("id_token", "algorithms"), offered


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": None},
        {"aud": []},
        {"aud": 5},
        {"aud": [5]},
        {"aud": {"a": 1}},
        {"azp": "somebody-else"},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"iat": None},
        {"iat": "now"},
        {"iat": 10**12},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"iss": ["x"]},
        {"iss": {"a": 1}},
        {"nonce": None},
        {"nonce": 0},
        {"nonce": ["x"]},
        {"at_hash": 5},
        {"at_hash": ["x"]},
        {"at_hash": "\u00e9"},
        {"amr": 5},
        {"auth_time": "now"},
    ],
)
def test_an_odd_claim_is_refused(
    provider: HostileProvider, monkeypatch: pytest.MonkeyPatch, claims: dict[str, t.Any]
) -> None:
    real = tokens.id_token

    def odd(mode: Mode, given: tokens.Claims, *rest: t.Any) -> str:
        values = {**given, **claims}
        kept = {name: value for name, value in values.items() if value is not None}
        if "iat" in claims or "exp" in claims:
            key: RSAKey = rest[1]
            now = int(time.time())
            times = {"iat": now, "exp": now + 60} | claims
            times = {name: value for name, value in times.items() if value is not None}
            return jwt.encode({"alg": "RS256", "kid": key.kid}, {**kept, **times}, key)
        return real(mode, kept, *rest)

    monkeypatch.setattr("tests.rig.hostile_provider.id_token", odd)
    client = client_of(provider)
    reason = refusal(ProviderUntrusted, lambda: visit(client, provider))
    assert reason.startswith("id_token")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a",
        "a.b",
        "..",
        "a.b.c.d.e",
        "\u00e4.b.c",
        "e30.e30.",
        "bnVsbA.bnVsbA.",
        "W10.W10.W10",
        "eyJhbGciOlsiUlMyNTYiXX0.e30.AAAA",
        "eyJhbGciOiJSUzI1NiIsImtpZCI6WyJ4Il19.e30.AAAA",
        "W1tb" * 4000 + ".e30.AAAA",
        "e30." + "A" * LONGEST + ".AAAA",
        "e30.e30." + "A" * 4096,
    ],
)
def test_what_is_no_token_is_refused(
    provider: HostileProvider, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setattr("tests.rig.hostile_provider.id_token", lambda *_: token)
    client = client_of(provider)
    reason = refusal(ProviderUntrusted, lambda: visit(client, provider))
    assert reason == ("id_token" if token else "no_id_token")
