"""What Meadow ID does not do: answer strangers, honour what was used, changed or taken away."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.example.meadow import AUTHORIZE
from tests.example.meadow import CALLBACK
from tests.example.meadow import address
from tests.example.meadow import answer
from tests.example.meadow import ask
from tests.example.meadow import choose
from tests.example.meadow import credentials
from tests.example.meadow import person_id
from tests.example.meadow import redeem
from tests.example.meadow import tokens
from tests.rig.clients import request
from tests.rig.visitor import Visitor


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": None},
        {"client_id": "another-app"},
        {"client_id": 'a"b'},
        {"redirect_uri": None},
        {"redirect_uri": f"{CALLBACK}/"},
        {"redirect_uri": f"{CALLBACK}?next=1"},
        {"redirect_uri": CALLBACK.replace("localhost", "127.0.0.1")},
        {"redirect_uri": CALLBACK.replace("http://", "http://evil.example@")},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "javascript:alert('\"\\ä')"},
        {"response_type": 't"ö\\ken'},
    ],
)
def test_nobody_is_led_to_where_no_app_is(client: FlaskClient, changed: dict[str, str]) -> None:
    response = client.get(address(**changed))
    assert response.status_code == 400
    assert response.location is None
    assert "This does not work" in response.text
    assert "form-action 'self'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "scope"])
def test_a_parameter_that_is_given_twice_is_refused(client: FlaskClient, name: str) -> None:
    assert client.get(f"{address()}&{name}={quote(CALLBACK)}").status_code == 400


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "openid admin"}, "invalid_scope"),
        ({"nonce": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
    ],
)
def test_an_app_that_asks_in_the_wrong_way_is_told(
    client: FlaskClient, changed: dict[str, str], error: str
) -> None:
    told = answer(client.get(address(**changed)))
    assert told["error"] == error
    assert told["iss"] == "http://localhost:5000/provider"
    assert told["state"] == "the state of the app"
    assert "code" not in told


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": "ö"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": "another-app"}, 400, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"code": None}, 400, "invalid_request"),
        ({"code": "a code that never was"}, 400, "invalid_grant"),
        ({"code_verifier": None}, 400, "invalid_request"),
        ({"code_verifier": "x" * 43}, 400, "invalid_grant"),
        ({"redirect_uri": None}, 400, "invalid_grant"),
        ({"redirect_uri": f"{CALLBACK}/"}, 400, "invalid_grant"),
    ],
)
def test_a_code_is_for_the_app_that_asked_for_it(
    visitor: Visitor, client: FlaskClient, changed: dict[str, str], status: int, error: str
) -> None:
    code = answer(choose(visitor))["code"]
    refused = redeem(client, **{"code": code, **changed})
    assert (refused.status_code, refused.get_json()["error"]) == (status, error)
    assert "access_token" not in refused.get_json()


def test_a_code_that_was_brought_with_a_wrong_verifier_is_gone(
    visitor: Visitor, client: FlaskClient
) -> None:
    code = answer(choose(visitor))["code"]
    assert redeem(client, code, code_verifier="x" * 43).status_code == 400
    assert redeem(client, code).status_code == 400


def test_the_second_use_of_a_code_ends_what_came_of_the_first(
    visitor: Visitor, client: FlaskClient
) -> None:
    code = answer(choose(visitor))["code"]
    first = redeem(client, code).get_json()
    assert ask(client, "/userinfo", first["access_token"]).status_code == 200
    assert redeem(client, code).get_json()["error"] == "invalid_grant"
    assert ask(client, "/userinfo", first["access_token"]).status_code == 401
    assert _refresh(client, first["refresh_token"]) == "invalid_grant"


def test_of_many_who_bring_a_code_at_once_one_is_served_at_most(
    app: Flask, visitor: Visitor
) -> None:
    code = answer(choose(visitor))["code"]
    together = Barrier(8)

    def bring() -> str | None:
        client = app.test_client()
        together.wait()
        token: str | None = redeem(client, code).get_json().get("access_token")
        return token

    with ThreadPoolExecutor(8) as pool:
        found = [each.result() for each in [pool.submit(bring) for _ in range(8)]]
    served = [token for token in found if token]
    assert len(served) <= 1
    for token in served:
        assert ask(app.test_client(), "/userinfo", token).status_code == 401


@pytest.mark.parametrize("kind", ["code", "access", "refresh"])
def test_what_has_run_out_is_honoured_no_more(
    visitor: Visitor, client: FlaskClient, tmp_path: Path, kind: str
) -> None:
    code = answer(choose(visitor))["code"]
    if kind == "code":
        _run_out(tmp_path, kind)
        assert redeem(client, code).get_json()["error"] == "invalid_grant"
        return
    found = redeem(client, code).get_json()
    _run_out(tmp_path, kind)
    if kind == "access":
        assert ask(client, "/userinfo", found["access_token"]).status_code == 401
    else:
        assert _refresh(client, found["refresh_token"]) == "invalid_grant"


def test_its_file_holds_no_token(visitor: Visitor, client: FlaskClient, tmp_path: Path) -> None:
    code = answer(choose(visitor))["code"]
    found = redeem(client, code).get_json()
    kept = (tmp_path / "example" / "meadow.sqlite3").read_bytes()
    assert person_id("Mary").encode() in kept
    for secret in (code, found["access_token"], found["refresh_token"]):
        assert secret.encode() not in kept


def test_an_app_reads_the_shelf_of_who_lets_it(visitor: Visitor, client: FlaskClient) -> None:
    token = tokens(visitor, client, scope="openid books")["access_token"]
    assert "asks for the books on your shelf." in visitor.page.words
    shelf = ask(client, "/api/books", token)
    assert {book["title"] for book in shelf.get_json()["books"]} == {
        "Northanger Abbey",
        "The Voyage of the Beagle",
    }
    assert shelf.headers["Cache-Control"] == "no-store"


def test_an_app_that_may_not_read_the_shelf_is_told_why(
    visitor: Visitor, client: FlaskClient
) -> None:
    token = tokens(visitor, client)["access_token"]
    refused = ask(client, "/api/books", token)
    assert (refused.status_code, refused.get_json()["error"]) == (403, "insufficient_scope")
    assert ask(client, "/api/books", "a token that never was").status_code == 401
    assert client.get("/provider/api/books").status_code == 401


@pytest.mark.parametrize("token", [None, "made up"])
def test_a_form_of_another_site_makes_no_code(
    visitor: Visitor, client: FlaskClient, token: str | None
) -> None:
    visitor.open(address())
    data = {"person": person_id("Mary"), **({"csrf_token": token} if token else {})}
    page = request(client, "POST", address(), data)
    assert (page.status, page.location) == (400, None)
    assert "This page was open for too long." in page.words


@pytest.mark.parametrize("person", ["", "m-00000000", "\0"])
def test_nobody_who_has_no_account_there_can_be_chosen(visitor: Visitor, person: str) -> None:
    visitor.open(address())
    page = visitor.submit(AUTHORIZE, person=person, follow=False)
    assert (page.status, page.location) == (422, None)


@pytest.mark.parametrize("path", ["/people/m-62539174.png", "/people/nobody.png", "/nowhere"])
def test_there_is_nothing_else(client: FlaskClient, path: str) -> None:
    assert client.get(f"/provider{path}").status_code == 404


def _refresh(client: FlaskClient, token: str) -> str | None:
    data = {"grant_type": "refresh_token", "refresh_token": token}
    response = client.post("/provider/token", data=data | credentials(client.application))
    error: str | None = response.get_json().get("error")
    return error


def _run_out(folder: Path, kind: str) -> None:
    with closing(sqlite3.connect(folder / "example" / "meadow.sqlite3")) as db, db:
        assert db.execute("UPDATE secret SET expire_at = 0 WHERE kind = ?", (kind,)).rowcount == 1
