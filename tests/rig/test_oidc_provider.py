"""The certified provider is spoken to as an app does it, and does what the tests order."""

from __future__ import annotations

import secrets
import threading
import time
import typing as t
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from authlib.integrations.base_client.errors import OAuthError
from joserfc.jws import extract_compact
from playwright.sync_api import Browser

from tests.rig import relying_party
from tests.rig.browser import Screen
from tests.rig.browser import close_context
from tests.rig.browser import open_context
from tests.rig.ci import Missing
from tests.rig.clients import http_client
from tests.rig.node import packages_of
from tests.rig.oidc_pages import Answer
from tests.rig.oidc_pages import log_in
from tests.rig.oidc_pages import log_in_by_browser
from tests.rig.oidc_provider import PROJECT
from tests.rig.oidc_provider import OidcProvider
from tests.rig.relying_party import NONCE
from tests.rig.relying_party import RelyingParty
from tests.rig.relying_party import parameters_of

CALLBACK = "http://localhost:1/callback"
SCOPE = f"{relying_party.SCOPE} books"


class Home(BaseHTTPRequestHandler):
    """A page like any other."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"Hi")

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing down: the address has the code."""


class App(RelyingParty):
    """An app that makes itself known to the provider."""

    def __init__(self, provider: OidcProvider, callback: str = CALLBACK, **metadata: t.Any) -> None:
        registered = provider.register(callback, **metadata)
        super().__init__(provider.metadata_url, *registered, callback)

    def ask(self, **parameters: str) -> str:
        # Without consent asked for, the provider gives out no refresh token.
        return super().ask(**{"prompt": "consent", "scope": SCOPE, **parameters})


@pytest.fixture
def app(oidc_provider: OidcProvider) -> Iterator[App]:
    with App(oidc_provider) as app:
        yield app


@pytest.fixture
def home() -> Iterator[str]:
    """An address that a browser can come back to."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Home) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def test_somebody_logs_in_and_is_told_of(app: App, oidc_provider: OidcProvider) -> None:
    callback = log_in(app.ask(), "ada")
    assert callback.startswith(CALLBACK)
    assert parameters_of(callback)["iss"] == oidc_provider.issuer
    claims = app.claims(token := app.exchange(callback))
    assert (claims["sub"], claims["nonce"]) == ("ada", NONCE)
    assert set(token["scope"].split()) == set(SCOPE.split())
    user = app.user()
    assert user["email"] == "ada@example.com"
    assert user["email_verified"] is True
    assert (user["given_name"], user["family_name"]) == ("ada", "Example")


def test_what_is_told_is_for_the_test_to_say(app: App, oidc_provider: OidcProvider) -> None:
    oidc_provider.set_account("eve", email="ada@example.com", email_verified=False)
    app.exchange(log_in(app.ask(), "eve"))
    assert (app.user()["email"], app.user()["email_verified"]) == ("ada@example.com", False)
    oidc_provider.set_account("eve", email=None, email_verified=None)
    assert "email" not in app.user()


def test_a_login_without_a_proof_key_is_refused(app: App) -> None:
    app.session.code_challenge_method = None
    refused = parameters_of(log_in(app.ask(), "ada"))
    assert refused["error"] == "invalid_request"
    assert "PKCE" in refused["error_description"]


def test_a_wrong_proof_and_a_used_code_are_refused(app: App) -> None:
    callback = log_in(app.ask(), "ada")
    right, app.verifier = app.verifier, secrets.token_urlsafe(48)
    with pytest.raises(OAuthError, match="invalid_grant"):
        app.exchange(callback)
    app.verifier = right
    callback = log_in(app.ask(), "ada")
    app.exchange(callback)
    with pytest.raises(OAuthError, match="invalid_grant"):
        app.exchange(callback)


@pytest.mark.parametrize("answer", ["deny", "cancel"])
def test_somebody_says_no(app: App, answer: Answer) -> None:
    assert parameters_of(log_in(app.ask(), "ada", answer))["error"] == "access_denied"


def test_somebody_allows_less(app: App) -> None:
    token = app.exchange(log_in(app.ask(), "ada", without=["books"]))
    assert set(token["scope"].split()) == set(SCOPE.split()) - {"books"}


def test_a_token_is_refreshed_once(app: App) -> None:
    token = app.exchange(log_in(app.ask(), "ada"))
    old = token["refresh_token"]
    new = app.refresh(old)
    assert new["access_token"] != token["access_token"]
    assert new["refresh_token"] != old
    with pytest.raises(OAuthError, match="invalid_grant"):
        app.refresh(old)


def test_a_consent_is_withdrawn(app: App, oidc_provider: OidcProvider) -> None:
    token = app.exchange(log_in(app.ask(), "grace"))
    oidc_provider.withdraw_consents("grace")
    with pytest.raises(OAuthError, match="invalid_grant"):
        app.refresh(token["refresh_token"])


def test_tokens_live_as_long_as_the_app_was_told(oidc_provider: OidcProvider) -> None:
    with App(oidc_provider, access_token_seconds=2) as app:
        assert app.exchange(log_in(app.ask(), "ada"))["expires_in"] == 2


def test_a_login_is_remembered_until_it_is_asked_for_again(app: App) -> None:
    with http_client("") as browser:
        begun = int(time.time())
        app.exchange(log_in(app.ask(), "ada", browser=browser))
        # Somebody who is known is not asked again, whatever they would say.
        token = app.exchange(log_in(app.ask(prompt="consent"), "eve", browser=browser))
        assert app.claims(token)["sub"] == "ada"
        first = app.claims(app.exchange(log_in(app.ask(max_age="900"), "eve", browser=browser)))
        assert first["sub"] == "ada"
        assert begun <= first["auth_time"] <= time.time()
        while int(time.time()) == first["auth_time"]:
            time.sleep(0.05)
        again = app.ask(prompt="login", max_age="0")
        second = app.claims(app.exchange(log_in(again, "ada", browser=browser)))
        assert first["auth_time"] < second["auth_time"] <= time.time()


@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_another_account_takes_over_a_browser(app: App, prompt: str) -> None:
    with http_client("") as browser:
        app.exchange(log_in(app.ask(), "ada", browser=browser))
        token = app.exchange(log_in(app.ask(prompt=prompt), "grace", browser=browser))
        assert app.claims(token)["sub"] == "grace"


def test_a_new_key_signs_at_once(app: App, oidc_provider: OidcProvider) -> None:
    old = [key["kid"] for key in app.keys["keys"]]
    oidc_provider.rotate_keys()
    token = app.exchange(log_in(app.ask(), "ada"))
    assert app.claims(token)["sub"] == "ada"
    kid = extract_compact(token["id_token"].encode()).headers()["kid"]
    assert [key["kid"] for key in app.keys["keys"]] == [kid, *old]


@pytest.mark.browser
@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("answer", ["allow", "deny", "cancel"])
def test_its_pages_are_walked_through_in_chromium(
    oidc_provider: OidcProvider, home: str, browser: Browser, answer: Answer, javascript: bool
) -> None:
    context = open_context(browser, Screen(javascript=javascript), home)
    page = context.new_page()
    with App(oidc_provider, home) as app:
        page.goto(app.ask())
        log_in_by_browser(page, "ada", answer)
        url = page.url
        close_context(context)
        assert url.startswith(home)
        if answer == "allow":
            app.exchange(url)
            assert app.user()["email"] == "ada@example.com"
        else:
            assert parameters_of(url)["error"] == "access_denied"


def test_it_ends_for_sure() -> None:
    with OidcProvider() as provider:
        address = provider.metadata_url
        assert httpx.get(address, trust_env=False).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(address, trust_env=False)


def test_its_packages_are_installed_once() -> None:
    first = packages_of(PROJECT).stat()
    again = packages_of(PROJECT).stat()
    assert (again.st_ino, again.st_ctime_ns) == (first.st_ino, first.st_ctime_ns)


def test_packages_that_cannot_be_had_are_missing(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"dependencies": {"oidc-provider": "9.13.3"}}')
    (tmp_path / "package-lock.json").write_text('{"lockfileVersion": 3, "packages": {}}')
    with pytest.raises(Missing, match="npm ci failed"):
        packages_of(tmp_path)
    cached = packages_of(PROJECT).parents[1]
    assert list(cached.glob(f"{tmp_path.name}*")) == []


def test_its_lock_file_names_no_host() -> None:
    lock_file = (PROJECT / "package-lock.json").read_text("utf-8")
    assert '"integrity"' in lock_file
    assert "resolved" not in lock_file
