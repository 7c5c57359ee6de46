"""When somebody signed in at Meadow ID, and whether an app wants them to do so once more."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.example.meadow import AUTHORIZE
from tests.example.meadow import address
from tests.example.meadow import answer
from tests.example.meadow import choose
from tests.example.meadow import person_id
from tests.example.meadow import redeem
from tests.example.meadow import remember
from tests.rig.visitor import Visitor

HOUR = 3600


@pytest.mark.parametrize(
    ("first_name", "changed", "again"),
    [
        ("Ada", {}, False),
        ("Ada", {"max_age": str(2 * HOUR)}, False),
        ("Ada", {"prompt": "select_account"}, False),
        ("Ada", {"max_age": str(HOUR // 2)}, True),
        ("Ada", {"max_age": "0"}, True),
        ("Ada", {"prompt": "login"}, True),
        ("Ada", {"prompt": "login", "max_age": "0"}, True),
        ("Mary", {}, True),
    ],
)
def test_it_is_told_when_somebody_signed_in(
    app: Flask,
    visitor: Visitor,
    client: FlaskClient,
    first_name: str,
    changed: dict[str, str],
    again: bool,
) -> None:
    began = int(time.time())
    remember(app, client, "Ada", began - HOUR)
    code = answer(choose(visitor, first_name, **changed))["code"]
    keys = KeySet.import_key_set(client.get("/provider/jwks").get_json())
    claims = jwt.decode(redeem(client, code).get_json()["id_token"], keys, ["RS256"]).claims
    assert claims["sub"] == person_id(first_name)
    assert claims["auth_time"] >= began if again else claims["auth_time"] == began - HOUR


def test_a_second_sign_in_is_asked_for_in_words(
    app: Flask, visitor: Visitor, client: FlaskClient
) -> None:
    remember(app, client, "Mary", int(time.time()) - HOUR)
    page = visitor.open(address(prompt="login", max_age="0"))
    assert "asks that you sign in once more." in page.words
    assert page.form(AUTHORIZE).values["person"] == person_id("Mary")


@pytest.mark.parametrize(
    ("signed_in", "max_age", "error"),
    [
        (False, None, "login_required"),
        (True, None, "consent_required"),
        (True, "60", "login_required"),
    ],
)
def test_an_app_that_wants_no_page_is_told_that_one_is_needed(
    app: Flask, client: FlaskClient, signed_in: bool, max_age: str | None, error: str
) -> None:
    if signed_in:
        remember(app, client, "Ada", int(time.time()) - HOUR)
    told = answer(client.get(address(prompt="none", max_age=max_age)))
    assert told["error"] == error
    assert told["state"] == "the state of the app"


def test_a_cookie_that_was_changed_is_nobodys(app: Flask, client: FlaskClient) -> None:
    remember(app, client, "Ada", int(time.time()))
    cookie = client.get_cookie("meadow", path="/provider")
    assert cookie is not None
    client.set_cookie("meadow", f"A{cookie.value}", path="/provider")
    assert answer(client.get(address(prompt="none")))["error"] == "login_required"
