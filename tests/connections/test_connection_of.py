"""A connection comes from an app's settings, which are said to be wrong before anybody signs in."""

from __future__ import annotations

import subprocess
import sys
import typing as t

import pytest
from joserfc.jwk import ECKey

from flask_userkit.connections import READY
from flask_userkit.connections import connection_of
from flask_userkit.connections.connection import STANDARD_CLAIMS
from flask_userkit.connections.connection import Connection
from flask_userkit.connections.registry import Connections
from flask_userkit.errors import SetupError

SECRET = "a-secret-that-nobody-is-shown"
PEM = ECKey.generate_key("P-256").as_pem(private=True).decode()
APPLE = {"team_id": "TEAM", "key_id": "KEY", "private_key": PEM}
ACME = {
    "client_id": "reading-list",
    "server_metadata_url": "https://acme.example/.well-known/openid-configuration",
}
PLAIN = {
    "client_id": "reading-list",
    "authorize_url": "https://acme.example/authorize",
    "access_token_url": "https://acme.example/token",
    "userinfo_url": "https://acme.example/me",
}


@pytest.mark.parametrize("name", sorted(READY))
def test_a_ready_one_needs_a_name_and_a_secret(name: str) -> None:
    own = APPLE if name == "apple" else {"client_secret": SECRET}
    connection = connection_of(name, {"client_id": "reading-list", **own})
    assert connection.client_id == "reading-list"
    assert connection.label
    assert connection.icon == name
    assert connection.scopes
    assert connection.reauthenticates is False, "none documents it of itself"
    urls = [connection.server_metadata_url, connection.authorize_url, connection.userinfo_url]
    assert all(url.startswith("https://") for url in urls if url)
    assert connection.is_openid is bool(connection.server_metadata_url)


def test_the_settings_of_an_app_go_before_what_is_ready() -> None:
    settings = {"client_id": "x", "label": "The other hub", "scopes": ["read:user"], "pkce": False}
    connection = connection_of("github", settings)
    assert connection.label == "The other hub"
    assert connection.scopes == ("read:user",)
    assert connection.pkce is False
    assert connection.authorize_url == "https://github.com/login/oauth/authorize"


def test_one_of_the_apps_own_needs_its_address_alone() -> None:
    connection = connection_of("acme_books", ACME)
    assert connection.label == "Acme Books"
    assert connection.icon == "link"
    assert connection.scopes == ("openid", "email", "profile")
    assert connection.expected_issuer == "https://acme.example"
    assert connection.email_verified_claim is None, "nobody has said what proves an address"
    assert connection.pkce
    assert connection.nonce
    assert connection_of("acme", {**ACME, "scopes": "openid books"}).scopes == ("openid", "books")


def test_a_plain_one_needs_three_addresses() -> None:
    connection = connection_of("acme", PLAIN)
    assert not connection.is_openid
    assert connection.expected_issuer == "https://acme.example"
    for missing in ("authorize_url", "access_token_url", "userinfo_url"):
        rest = {name: value for name, value in PLAIN.items() if name != missing}
        with pytest.raises(SetupError, match="needs a server_metadata_url, or an authorize_url"):
            connection_of("acme", rest)


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("acme", {}, "'acme' has no client_id"),
        ("google", {"client_secret": SECRET}, "'google' has no client_id"),
        ("google", {"client_idd": "x"}, r"\['google'\] has no setting 'client_idd'.*'client_id'"),
        ("github", {"base_url": "https://x.example"}, "no setting 'base_url'"),
        ("google", {"name": "other"}, "no setting 'name'"),
        ("google", {"client_id": 5}, r"\['client_id'\] is of the wrong type"),
        ("google", {"client_id": "x", "client_secret": [SECRET]}, "'client_secret'.*wrong type"),
        ("google", {"client_id": "x", "scopes": 5}, "'scopes'.*wrong type"),
        ("google", {"client_id": "x", "scopes": ["a", 5]}, "'scopes'.*wrong type"),
        ("google", {"client_id": "x", "pkce": "false"}, "'pkce'.*wrong type"),
        ("google", {"client_id": "x", "selects_account": 1}, "'selects_account'.*wrong type"),
        ("google", {"client_id": "x", "claims": ["sub"]}, "'claims'.*wrong type"),
        ("google", {"client_id": "x", "claims": {"email_adress": "a"}}, "'email_address'"),
        ("google", {"client_id": "x", "claims": {"username": 5}}, "'claims'.*wrong type"),
        ("google", {"client_id": "x", "read_profile": "f"}, "'read_profile'.*wrong type"),
        ("google", {"client_id": "x", "email_verified_claim": True}, "claim'.*wrong type"),
        ("google", {"client_id": "x", "token_endpoint_auth_method": "jwt"}, "auth_method.*'jwt'"),
        ("google", "x", r"USERKIT_CONNECTIONS\['google'\] is not a mapping"),
        ("google", {"client_id": "x", "client_secret": f"{SECRET}\n"}, "client_secret.*line break"),
        ("google", {"client_id": "\u00fc"}, "client_id.*letter"),
        ("Acme", ACME, "cannot be called 'Acme'"),
        ("a" * 25, ACME, "cannot be called"),
        ("1st", ACME, "cannot be called"),
        ("a-b", ACME, "cannot be called"),
        ("a\n", ACME, "cannot be called"),
        ("acme", {**ACME, "server_metadata_url": "http://acme.example/x"}, "no address with https"),
        ("acme", {**PLAIN, "userinfo_url": "ftp://acme.example/x"}, "userinfo_url.*https"),
        ("acme", {**PLAIN, "access_token_url": "acme.example/x"}, "access_token_url.*https"),
        ("gitlab", {"client_id": "x", "base_url": "http://git.example"}, "no address with https"),
        ("microsoft", {"client_id": "x", "tenant": "contoso.example"}, "it is the id of a tenant"),
        ("apple", {"client_id": "x"}, "'apple'.* has no team_id"),
        ("apple", {"client_id": "x", **APPLE, "private_key": SECRET}, "signs nothing"),
    ],
)
def test_what_is_wrong_is_said_and_no_secret_with_it(
    name: str, settings: t.Any, words: str
) -> None:
    with pytest.raises(SetupError, match=f"(?s){words}") as caught:
        connection_of(name, settings)
    assert SECRET not in repr(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("host", ["localhost:5000", "127.0.0.1:5000", "[::1]:5000"])
def test_a_provider_on_this_machine_needs_no_https(host: str) -> None:
    connection = connection_of("acme", {**ACME, "server_metadata_url": f"http://{host}/x"})
    assert connection.expected_issuer == f"http://{host}/x"


def test_no_secret_is_in_the_text_of_a_connection() -> None:
    plain = connection_of("github", {"client_id": "x", "client_secret": SECRET})
    assert plain.client_secret == SECRET
    assert SECRET not in f"{plain!r} {plain}"
    apple = connection_of("apple", {"client_id": "x", **APPLE})
    assert PEM.splitlines()[1] not in f"{apple!r} {apple}"


def test_a_description_in_python_is_checked_as_settings_are() -> None:
    values: dict[str, t.Any] = {"name": "acme", "label": "Acme", **ACME}
    assert Connection(**values).claim("username") == "preferred_username"
    with pytest.raises(SetupError, match="no client_id"):
        Connection(**{**values, "client_id": ""})
    with pytest.raises(SetupError, match="one text"):
        Connection(**{**values, "scopes": "openid email"})
    assert set(STANDARD_CLAIMS) == {
        "provider_user_id",
        "email_address",
        "first_name",
        "last_name",
        "username",
        "image_url",
    }


def test_an_app_has_its_connections_in_their_order_and_each_a_client_of_its_own() -> None:
    ready = connection_of("acme", ACME)
    settings: dict[str, t.Any] = {"github": {"client_id": "x"}, "acme": ready}
    connections = Connections(lambda: settings)
    github, acme = connections.all()
    assert (github.name, acme) == ("github", ready)
    assert connections.labels() == {"github": "GitHub", "acme": "Acme"}
    assert connections.find("github") is github, "made once"
    assert connections.find("google") is None
    assert connections.client(github) is connections.client(github)
    assert connections.client(github) is not connections.client(acme)
    settings["github"] = {"client_id": "y"}
    again = connections.find("github")
    assert again is not None
    assert again.client_id == "y"
    assert connections.client(again) is not connections.client(github)


def test_a_page_without_a_provider_waits_for_no_library() -> None:
    program = (
        "import sys, flask_userkit\n"
        "from flask_userkit.connections import connection_of\n"
        "connection_of('google', {'client_id': 'x'})\n"
        "print([m for m in ('authlib', 'joserfc') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_no_page_asks_a_provider_that_nobody_goes_to() -> None:
    # Whatever listened at its address would be asked in vain: nothing does, and nobody waits.
    program = """
import sys
from flask import Flask, render_template_string
from flask_userkit import UserKit

app = Flask("app")
app.config.update(
    DEBUG=True,
    SECRET_KEY="for this test alone",
    USERKIT_DATABASE_URL="sqlite://",
    USERKIT_CONNECTIONS={
        "acme": {
            "label": "Acme",
            "client_id": "x",
            "server_metadata_url": "http://127.0.0.1:1/.well-known/openid-configuration",
        }
    },
)
UserKit(app)
button = "{% from 'userkit/macros.html' import user_button %}{{ user_button() }}"
app.add_url_rule("/", view_func=lambda: render_template_string(button), endpoint="home")
shown = [app.test_client().get(path).text for path in ("/", "/account/sign-in")]
assert "Continue with Acme" in shown[1]
print([name for name in ("authlib", "joserfc", "requests") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
