"""What the tests of Meadow ID do again and again."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from urllib.parse import parse_qs
from urllib.parse import urlencode
from urllib.parse import urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from example_app.provider.pages import COOKIE
from example_app.provider.pages import PATH
from example_app.provider.pages import cookie_signer
from example_app.provider.people import PEOPLE
from example_app.provider.settings import connection
from tests.rig.pages import Page
from tests.rig.visitor import Visitor

AUTHORIZE = "/provider/authorize"
CALLBACK = "http://localhost:5000/account/oauth/meadow/callback"
VERIFIER = "a-verifier-that-is-long-enough-for-the-standard"
ASKED = {
    "response_type": "code",
    "client_id": "reading-list",
    "redirect_uri": CALLBACK,
    "scope": "openid email profile offline_access",
    "state": "the state of the app",
    "nonce": "the nonce of the app",
    "code_challenge": create_s256_code_challenge(VERIFIER),  # type: ignore[no-untyped-call] # Authlib gives it no types
    "code_challenge_method": "S256",
}


def person_id(first_name: str) -> str:
    return next(each.id for each in PEOPLE.values() if each.first_name == first_name)


def address(**changed: str | None) -> str:
    """Return where an app sends people to; None leaves a parameter out."""
    asked = {name: value for name, value in {**ASKED, **changed}.items() if value is not None}
    return f"{AUTHORIZE}?{urlencode(asked)}"


def choose(visitor: Visitor, first_name: str = "Mary", /, **changed: str | None) -> Page:
    """Say who one is, and return the answer that leads back to the app."""
    page = visitor.open(address(**changed))
    assert page.status == 200, page.words
    return visitor.submit(AUTHORIZE, person=person_id(first_name), follow=False)


def at_meadow(visitor: Visitor, first_name: str = "Mary") -> Page:
    """Go to Meadow ID by the link of this page, and come back."""
    link = visitor.page.html.select_one("a[href*='/provider/authorize?']")
    assert link is not None, visitor.page.words
    parts = urlsplit(str(link["href"]))
    visitor.open(f"{parts.path}?{parts.query}")
    return visitor.submit(AUTHORIZE, person=person_id(first_name))


def answer(page: Page | TestResponse) -> dict[str, str]:
    """Return what the app is told, once each."""
    location = page.location or ""
    assert location.startswith(f"{CALLBACK}?"), location
    told = parse_qs(urlsplit(location).query, strict_parsing=True)
    assert all(len(values) == 1 for values in told.values()), told
    return {name: values[0] for name, values in told.items()}


def redeem(client: FlaskClient, code: str | None, **changed: str | None) -> TestResponse:
    """Ask for tokens as the app does; None leaves a parameter out."""
    values: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **credentials(client.application),
        **changed,
    }
    data = {name: value for name, value in values.items() if value is not None}
    return client.post("/provider/token", data=data)


def credentials(app: Flask) -> dict[str, str]:
    settings = connection(app)
    return {"client_id": settings["client_id"], "client_secret": settings["client_secret"]}


def tokens(visitor: Visitor, client: FlaskClient, **changed: str | None) -> Mapping[str, t.Any]:
    """Return the tokens of somebody who agrees to everything."""
    response = redeem(client, answer(choose(visitor, **changed))["code"])
    assert response.status_code == 200, response.text
    return t.cast("Mapping[str, t.Any]", response.get_json())


def ask(client: FlaskClient, path: str, token: str) -> TestResponse:
    """Ask the provider's API with a token."""
    return client.get(f"/provider{path}", headers={"Authorization": f"Bearer {token}"})


def remember(app: Flask, client: FlaskClient, first_name: str, auth_time: int) -> None:
    """Have a browser in which somebody has signed in at Meadow ID at a time."""
    with app.app_context():
        value = cookie_signer().dumps([person_id(first_name), auth_time])
    client.set_cookie(COOKIE, value, path=PATH)
