"""The hostile provider's ID tokens are wrong in what each mode says, and in nothing else."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import typing as t
from base64 import urlsafe_b64decode
from collections.abc import Iterator

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jwk import KeySet
from joserfc.jwk import KeySetSerialization
from joserfc.jwk import RSAKey

from tests.rig.hostile.app import HostileApp
from tests.rig.hostile.modes import OF_CLAIMS
from tests.rig.hostile.modes import OF_ID_TOKEN
from tests.rig.hostile.modes import Mode
from tests.rig.hostile.modes import OfClaims
from tests.rig.hostile.modes import OfIdToken
from tests.rig.hostile.tokens import EVIL
from tests.rig.hostile.tokens import Claims
from tests.rig.hostile_provider import HostileProvider
from tests.rig.relying_party import NONCE


@pytest.fixture
def app(hostile_provider: HostileProvider) -> Iterator[HostileApp]:
    with HostileApp(hostile_provider) as app:
        yield app


#: What is odd about a token that a published key has signed.
IN_ID_TOKEN: dict[OfIdToken, t.Callable[[Claims], bool]] = {
    "wrong_nonce": lambda claims: claims["nonce"] != NONCE,
    "no_nonce": lambda claims: "nonce" not in claims,
    "wrong_aud": lambda claims: claims["aud"] == "somebody-else",
    "extra_aud_no_azp": lambda claims: len(claims["aud"]) == 2 and "azp" not in claims,
    "wrong_iss": lambda claims: claims["iss"] == EVIL,
    "expired": lambda claims: claims["exp"] < time.time() - 1800,
    "nbf_future": lambda claims: claims.get("nbf", 0) > time.time() + 1800,
}


@pytest.mark.parametrize("mode", IN_ID_TOKEN)
def test_an_id_token_says_what_it_should_not(app: HostileApp, mode: OfIdToken) -> None:
    usual = app.claims(app.log_in())
    odd = app.claims(app.log_in(mode))
    assert IN_ID_TOKEN[mode](odd)
    assert not IN_ID_TOKEN[mode](usual)


#: What the head of a token has that no published key has signed.
FORGED: dict[OfIdToken, t.Callable[[Claims], bool]] = {
    "alg_none": lambda header: header["alg"] == "none",
    "hs256_pub": lambda header: header["alg"] == "HS256",
    "jwk_header": lambda header: header["jwk"].keys() == {"kty", "crv", "x", "y"},
    "jku_header": lambda header: header["jku"].endswith("/evil-jwks"),
    "unknown_kid": lambda header: header.keys() == {"alg", "typ", "kid"},
    "stripped_signature": lambda header: header["alg"] == "RS256",
}


@pytest.mark.parametrize("mode", FORGED)
def test_an_id_token_is_forged(app: HostileApp, mode: OfIdToken) -> None:
    answer = app.log_in(mode)
    token = answer["id_token"]
    assert FORGED[mode](part_of(token, 0))
    assert part_of(token, 1)["nonce"] == NONCE
    with pytest.raises((JoseError, ValueError)):
        app.claims(answer)
    unsigned = mode in ("alg_none", "stripped_signature")
    assert token.endswith(".") is unsigned


def test_a_forged_token_would_pass_where_its_own_word_is_taken(app: HostileApp) -> None:
    token = app.log_in("jwk_header")["id_token"]
    key = ECKey.import_key(part_of(token, 0)["jwk"])
    assert jwt.decode(token, key).claims["nonce"] == NONCE
    keys = t.cast("KeySetSerialization", app.get("/evil-jwks").json())
    token = app.log_in("jku_header")["id_token"]
    assert jwt.decode(token, KeySet.import_key_set(keys)).claims["nonce"] == NONCE
    (public,) = KeySet.import_key_set(app.keys).keys
    assert isinstance(public, RSAKey)
    signed, _, mac = app.log_in("hs256_pub")["id_token"].rpartition(".")
    right = hmac.digest(public.as_pem(private=False), signed.encode(), "sha256")
    assert urlsafe_b64decode(f"{mac}==")[:32] == right


def test_the_rest_of_what_may_be_wrong_with_an_id_token(app: HostileApp) -> None:
    assert "id_token" not in app.log_in("no_id_token")
    answer = app.log_in("crit")
    assert part_of(answer["id_token"], 0)["crit"] == ["surprise"]
    with pytest.raises(JoseError):
        app.claims(answer)
    pairs: list[tuple[str, t.Any]] = []
    raw = raw_part_of(app.log_in("duplicate_claims")["id_token"], 1)
    json.loads(raw, object_pairs_hook=pairs.extend)
    subjects = [value for name, value in pairs if name == "sub"]
    assert subjects == ["somebody-else", app.provider.subject["sub"]]
    hashes = []
    modes: tuple[Mode, ...] = ("ok", "wrong_at_hash")
    for mode in modes:
        answer = app.log_in(mode)
        digest = hashlib.sha256(answer["access_token"].encode()).digest()[:16]
        told = app.claims(answer)["at_hash"]
        hashes.append(urlsafe_b64decode(f"{told}==") == digest)
    assert hashes == [True, False]


IN_CLAIMS: dict[OfClaims, tuple[str, t.Any]] = {
    "email_unverified": ("email_verified", False),
    "email_str_false": ("email_verified", "false"),
    "email_str_true": ("email_verified", "true"),
    "email_one": ("email_verified", 1),
    "no_email": ("email", None),
    "entra": ("email_verified", None),
    "int_sub": ("sub", 1815),
    "empty_sub": ("sub", ""),
    "long_sub": ("sub", "s" * 4096),
    "case_sub": ("sub", "aDA-0"),
}


@pytest.mark.parametrize("mode", IN_CLAIMS)
def test_somebody_is_told_of_oddly(app: HostileApp, mode: OfClaims) -> None:
    app.provider.subject["sub"] = "Ada-0"
    name, value = IN_CLAIMS[mode]
    claims = app.claims(app.log_in(mode))
    for told in (claims, app.user()):
        assert told.get(name) == value
        assert type(told.get(name)) is type(value)


def test_a_login_was_long_ago_or_nobody_knows_when(app: HostileApp) -> None:
    usual = app.claims(app.log_in())["auth_time"]
    stale = app.claims(app.log_in("stale_auth_time"))["auth_time"]
    assert stale < usual - 1800
    assert "auth_time" not in app.claims(app.log_in("no_auth_time"))


def test_a_profile_is_somebody_elses(app: HostileApp) -> None:
    claims = app.claims(app.log_in("other_userinfo"))
    assert claims["sub"] == app.provider.subject["sub"]
    assert app.user()["sub"] == "somebody-else"


def test_every_mode_of_tokens_and_claims_is_tried_here() -> None:
    alone = {"no_id_token", "crit", "duplicate_claims", "wrong_at_hash"}
    assert {*IN_ID_TOKEN, *FORGED, *alone} == set(OF_ID_TOKEN)
    assert {*IN_CLAIMS, "stale_auth_time", "no_auth_time"} == set(OF_CLAIMS)


def raw_part_of(token: str, number: int) -> bytes:
    return urlsafe_b64decode(f"{token.split('.')[number]}===")


def part_of(token: str, number: int) -> Claims:
    part: Claims = json.loads(raw_part_of(token, number))
    return part
