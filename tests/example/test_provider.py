"""Meadow ID keeps to OpenID Connect: the whole conversation, and what an app learns."""

from __future__ import annotations

import io
import secrets
import time
import typing as t
from pathlib import Path

import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core.util import create_half_hash
from authlib.oidc.discovery import OpenIDProviderMetadata
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet
from PIL import Image

from example_app.provider import connection
from tests.example.meadow import AUTHORIZE
from tests.example.meadow import VERIFIER
from tests.example.meadow import address
from tests.example.meadow import answer
from tests.example.meadow import ask
from tests.example.meadow import choose
from tests.example.meadow import person_id
from tests.example.meadow import redeem
from tests.example.meadow import tokens
from tests.example.steps import MakeExample
from tests.rig.fixtures.servers import StartServer
from tests.rig.recorder import record
from tests.rig.servers import Server
from tests.rig.servers import example_app
from tests.rig.visitor import Visitor


class Session(OAuth2Session):
    """An app's session with the provider, and the server of it."""

    server: Server


@pytest.fixture
def session(start_server: StartServer, tmp_path: Path) -> t.Iterator[Session]:
    """An app that knows Meadow ID, which two processes serve."""
    key = secrets.token_urlsafe(32)
    record("password", key)
    server = start_server(
        example_app(tmp_path / "example"), workers=2, settings={"SECRET_KEY": key}
    )
    with Session(**_told(server, key), code_challenge_method="S256") as session:
        session.trust_env = False
        session.server = server
        url = session.metadata["server_metadata_url"]
        session.metadata |= session.request("GET", url, withhold_token=True).json()
        yield session


def _told(server: Server, key: str) -> dict[str, t.Any]:
    """Return what the settings of the example app tell a client."""
    app = Flask("told")
    app.config.update(SECRET_KEY=key, USERKIT_BASE_URL=server.url)
    names = ("client_id", "client_secret", "server_metadata_url")
    settings = connection(app)
    return {
        **{name: settings[name] for name in names},
        "scope": " ".join(settings["scopes"]),
        "redirect_uri": f"{server.url}/account/oauth/meadow/callback",
    }


def test_an_app_learns_who_somebody_is(session: Session) -> None:
    metadata, server = session.metadata, session.server
    OpenIDProviderMetadata(metadata).validate()
    began = int(time.time())
    url, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=VERIFIER, nonce="a nonce"
    )
    visitor = Visitor(server.client())
    visitor.open(url.removeprefix(server.url))
    page = visitor.submit(AUTHORIZE, person=person_id("Mary"), follow=False)
    assert page.location is not None
    token = session.fetch_token(
        metadata["token_endpoint"],
        authorization_response=page.location,
        state=state,
        code_verifier=VERIFIER,
    )
    keys = KeySet.import_key_set(session.get(metadata["jwks_uri"]).json())
    algorithms = metadata["id_token_signing_alg_values_supported"]
    claims = jwt.decode(token["id_token"], keys, algorithms).claims
    assert (claims["iss"], claims["aud"]) == (f"{server.url}/provider", ["reading-list"])
    assert (claims["sub"], claims["nonce"]) == (person_id("Mary"), "a nonce")
    assert began <= claims["auth_time"] <= claims["iat"] < claims["exp"]
    half_hash = create_half_hash(token["access_token"], algorithms[0])
    assert half_hash is not None
    assert claims["at_hash"] == half_hash.decode()

    told = session.get(metadata["userinfo_endpoint"]).json()
    assert told.items() <= claims.items()
    assert (told["name"], told["email"]) == ("Mary Somerville", "mary@example.com")
    assert told["email_verified"] is True
    picture = session.get(told["picture"])
    assert Image.open(io.BytesIO(picture.content)).size == (192, 192)


def test_a_token_is_refreshed_and_the_second_use_of_one_ends_all(session: Session) -> None:
    server, endpoint = session.server, session.metadata["token_endpoint"]
    url, _state = session.create_authorization_url(
        session.metadata["authorization_endpoint"], code_verifier=VERIFIER, nonce="a nonce"
    )
    visitor = Visitor(server.client())
    visitor.open(url.removeprefix(server.url))
    page = visitor.submit(AUTHORIZE, person=person_id("Mary"), follow=False)
    first = session.fetch_token(
        endpoint, authorization_response=page.location, code_verifier=VERIFIER
    )
    second = session.refresh_token(endpoint, refresh_token=first["refresh_token"])
    assert second["scope"] == first["scope"]
    assert second["access_token"] != first["access_token"]
    third = session.refresh_token(endpoint, refresh_token=second["refresh_token"])
    userinfo = session.metadata["userinfo_endpoint"]
    assert session.get(userinfo).status_code == 200
    with pytest.raises(OAuthError, match="invalid_grant"):
        session.refresh_token(endpoint, refresh_token=first["refresh_token"])
    with pytest.raises(OAuthError, match="invalid_grant"):
        session.refresh_token(endpoint, refresh_token=third["refresh_token"])
    assert session.get(userinfo).status_code == 401


@pytest.mark.parametrize(
    ("first_name", "email", "verified"),
    [
        ("Ada", "ada@example.com", True),
        ("Charles", "charles@example.com", False),
        ("G.", "grace@example.com", False),
        ("Emmy", None, None),
    ],
)
def test_people_are_of_each_kind(
    visitor: Visitor, client: FlaskClient, first_name: str, email: str | None, verified: bool | None
) -> None:
    code = answer(choose(visitor, first_name))["code"]
    token = redeem(client, code).get_json()["access_token"]
    told = ask(client, "/userinfo", token).get_json()
    assert (told["sub"], told["given_name"]) == (person_id(first_name), first_name)
    assert (told.get("email"), told.get("email_verified")) == (email, verified)


def test_an_app_gets_what_it_asks_for_and_no_more(visitor: Visitor, client: FlaskClient) -> None:
    found = tokens(visitor, client, scope="openid")
    assert "refresh_token" not in found
    assert set(ask(client, "/userinfo", found["access_token"]).get_json()) == {"sub"}
    assert "asks for nothing but who you are." in visitor.page.words


def test_whoever_cancels_tells_the_app_nothing(visitor: Visitor) -> None:
    visitor.open(address())
    page = visitor.submit(AUTHORIZE, button=("cancel", "yes"), follow=False)
    told = answer(page)
    assert set(told) == {"error", "error_description", "state", "iss"}
    assert told["error"] == "access_denied"
    assert page.cookies == []


@pytest.mark.usefixtures("ada")
def test_its_cookie_is_its_own_and_the_kits_stay_as_they_are(
    visitor: Visitor, client: FlaskClient
) -> None:
    before = client.get_cookie("userkit")
    page = choose(visitor)
    (cookie,) = (each for each in page.cookies if not each.startswith("reading_list="))
    assert cookie.startswith("meadow=")
    assert {"Path=/provider", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    assert before is not None
    assert client.get_cookie("userkit") == before


def test_an_app_on_the_web_has_no_such_provider(
    make_example: MakeExample, database_url: str
) -> None:
    app = make_example(database_url, USERKIT_BASE_URL="https://books.example")
    client = app.test_client()
    assert client.get("/provider/.well-known/openid-configuration").status_code == 404
    assert "meadow" not in (app.config.get("USERKIT_CONNECTIONS", {}))


def test_other_providers_stand_beside_it(make_example: MakeExample, database_url: str) -> None:
    more = {"github": {"client_id": "an id", "client_secret": "a secret"}}
    client = make_example(database_url, USERKIT_CONNECTIONS=more).test_client()
    text = client.get("/account/sign-in").text
    assert text.index("Continue with Meadow ID") < text.index("Continue with GitHub")
