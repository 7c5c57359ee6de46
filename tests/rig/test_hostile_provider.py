"""The hostile provider is right in all it does until it is told to do one thing wrong."""

from __future__ import annotations

import secrets
import ssl
import time
import typing as t
from collections.abc import Iterator
from urllib.parse import urlencode
from urllib.parse import urlsplit

import httpx
import pytest
from authlib.integrations.base_client.errors import OAuthError
from joserfc.errors import JoseError

from tests.rig.artifacts import folder
from tests.rig.certificates import make_certificate
from tests.rig.hostile.app import CALLBACK
from tests.rig.hostile.app import HostileApp
from tests.rig.hostile.callbacks import SCRIPT
from tests.rig.hostile.modes import OF_CALLBACK
from tests.rig.hostile.modes import OfCallback
from tests.rig.hostile.tokens import EVIL
from tests.rig.hostile_provider import HostileProvider
from tests.rig.relying_party import NONCE
from tests.rig.relying_party import SCOPE
from tests.rig.relying_party import STATE
from tests.rig.relying_party import parameters_of


@pytest.fixture
def app(hostile_provider: HostileProvider) -> Iterator[HostileApp]:
    with HostileApp(hostile_provider) as app:
        yield app


def test_somebody_logs_in_and_is_told_of(app: HostileApp) -> None:
    provider = app.provider
    callback = provider.log_in(app.ask())
    assert callback.startswith(f"{CALLBACK}?")
    assert {"state": STATE, "iss": provider.issuer}.items() <= parameters_of(callback).items()
    token = app.exchange(callback)
    assert (token["scope"], token["expires_in"]) == (SCOPE, 3600)
    claims = app.claims(token)
    right = {"iss": provider.issuer, "aud": provider.client_id, "nonce": NONCE}
    assert right.items() <= claims.items()
    assert claims["iat"] <= time.time() < claims["exp"]
    assert claims["auth_time"] <= claims["iat"]
    assert provider.subject.items() <= claims.items()
    assert app.user() == provider.subject
    new = app.refresh(token["refresh_token"])
    assert new["access_token"] != token["access_token"]
    assert new["refresh_token"] != token["refresh_token"]
    with pytest.raises(OAuthError, match="invalid_grant"):
        app.refresh(token["refresh_token"])
    assert [request.form["grant_type"] for request in provider.asked("/token")] == [
        "authorization_code",
        "refresh_token",
        "refresh_token",
    ]


def test_the_id_token_may_be_thin_and_the_scopes_fewer(app: HostileApp) -> None:
    provider = app.provider
    provider.tells_all_in_id_token = False
    provider.grants_only = frozenset({"openid", "email"})
    token = app.log_in()
    assert token["scope"] == "openid email"
    assert "refresh_token" not in token
    claims = app.claims(token)
    assert claims["sub"] == provider.subject["sub"]
    assert "email" not in claims


def test_a_refresh_token_may_last(app: HostileApp) -> None:
    app.provider.rotates_refresh_tokens = False
    token = app.log_in()["refresh_token"]
    # Authlib hands on the old one where there is no new.
    assert [app.refresh(token)["refresh_token"] for _ in range(2)] == [token, token]


def test_what_is_taken_back_is_worth_nothing(app: HostileApp) -> None:
    token = app.log_in()
    app.provider.grants.forget()
    assert app.session.get(app.metadata["userinfo_endpoint"]).status_code == 401
    with pytest.raises(OAuthError, match="invalid_grant"):
        app.refresh(token["refresh_token"])


@pytest.mark.parametrize("wrong", ["client_secret", "verifier", "redirect_uri", "used"])
def test_nothing_is_given_to_whom_it_does_not_belong(app: HostileApp, wrong: str) -> None:
    callback = app.provider.log_in(app.ask())
    match wrong:
        case "client_secret":
            app.session.client_secret = "guess"
        case "verifier":
            app.verifier = secrets.token_urlsafe(48)
        case "redirect_uri":
            app.session.redirect_uri = "http://localhost/other"
        case _:
            app.exchange(callback)
    refusal = "invalid_client" if wrong == "client_secret" else "invalid_grant"
    with pytest.raises(OAuthError, match=refusal):
        app.exchange(callback)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "email"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_a_wrong_request_is_refused(app: HostileApp, changed: dict[str, str], error: str) -> None:
    url = _changed(app.ask(), changed)
    assert parameters_of(app.provider.log_in(url))["error"] == error


@pytest.mark.parametrize("changed", [{"client_id": "x"}, {"redirect_uri": "http://localhost/x"}])
def test_nobody_is_sent_to_a_stranger(app: HostileApp, changed: dict[str, str]) -> None:
    assert app.http.get(_changed(app.ask(), changed)).status_code == 400


def test_keys_are_rotated(app: HostileApp) -> None:
    old = app.log_in()
    app.provider.rotate_keys()
    assert app.claims(app.log_in())["nonce"] == NONCE
    with pytest.raises((JoseError, ValueError)):
        app.claims(old)


IN_CALLBACK: dict[OfCallback, t.Callable[[dict[str, str]], bool]] = {
    "error_description": lambda given: given["error_description"] == SCRIPT,
    "access_denied": lambda given: given["error"] == "access_denied" and "code" not in given,
    "server_error": lambda given: given["error"] == "server_error" and "code" not in given,
    "wrong_state": lambda given: given["state"] != STATE,
    "no_state": lambda given: "state" not in given,
    "no_code": lambda given: "code" not in given and "error" not in given,
    "long_code": lambda given: len(given["code"]) == 4096,
    "doubled_code": lambda given: "code" in given,
    "tampered_iss": lambda given: given["iss"] == EVIL,
    "no_iss": lambda given: "iss" not in given,
}


@pytest.mark.parametrize("mode", OF_CALLBACK)
def test_somebody_comes_back_with_the_wrong_parameters(app: HostileApp, mode: OfCallback) -> None:
    url = app.provider.log_in(app.ask(), mode)
    given = parameters_of(url)
    assert IN_CALLBACK[mode](given)
    assert url.count("code=") == {"doubled_code": 2}.get(mode, "code" in given)
    # The mode was that of one login.
    app.log_in()


def test_the_token_endpoint_refuses_or_forgets(app: HostileApp) -> None:
    with pytest.raises(OAuthError, match="invalid_grant"):
        app.log_in("invalid_grant")
    assert "access_token" not in app.log_in("no_access_token")


def test_the_document_is_a_lie(app: HostileApp) -> None:
    app.provider.mode = "iss_mismatch_discovery"
    assert app.metadata["issuer"] == EVIL
    assert app.metadata["token_endpoint"].startswith(app.provider.issuer)
    app.provider.mode = "http_endpoints"
    assert app.metadata["issuer"] == app.provider.issuer
    assert app.metadata["token_endpoint"].startswith("http://evil.example/")


def test_a_provider_may_speak_tls() -> None:
    certificate = make_certificate(folder("certificates"))
    with HostileProvider(certificate=certificate) as provider:
        assert provider.issuer.startswith("https://localhost:")
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(provider.metadata_url, trust_env=False)
        context = ssl.create_default_context(cafile=str(certificate[0]))
        answer = httpx.get(provider.metadata_url, trust_env=False, verify=context)
        assert answer.json()["issuer"] == provider.issuer


def test_a_picture_is_given_out(app: HostileApp) -> None:
    app.provider.picture = b"a picture"
    assert app.get("/picture").content == b"a picture"
    assert len(app.provider.asked("/picture")) == 1


def _changed(url: str, changes: dict[str, str]) -> str:
    query = urlencode({**parameters_of(url), **changes})
    return urlsplit(url)._replace(query=query).geturl()
