"""The handlers for programs: create a user, delete oneself."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask.testing import FlaskClient

from example_app.models import Book
from example_app.models import Like
from flask_userkit.models import User
from tests.example.steps import add_book
from tests.example.steps import count
from tests.example.steps import create
from tests.example.steps import csrf_token
from tests.rig.clients import request
from tests.rig.people import Person
from tests.rig.people import new_address
from tests.rig.people import new_password
from tests.rig.people import sign_in
from tests.rig.visitor import Visitor


def test_nobody_can_delete_nobody(client: FlaskClient) -> None:
    response = client.delete("/api/me")
    assert response.status_code == 401
    assert response.get_json()["errors"][0]["code"] == "authentication_invalid"


@pytest.mark.usefixtures("backend")
def test_deleting_oneself_takes_books_and_likes_along(
    app: Flask, visitor: Visitor, ada: Person, grace: Visitor, client: FlaskClient
) -> None:
    own, others = add_book(visitor), add_book(grace, title="Emma")
    request(visitor.client, "POST", f"/books/{others}/like", {"csrf_token": csrf_token(visitor)})
    request(grace.client, "POST", f"/books/{own}/like", {"csrf_token": csrf_token(grace)})
    assert (count(app, User), count(app, Book), count(app, Like)) == (2, 2, 2)

    forged = client.delete("/api/me")
    assert forged.status_code == 400
    assert forged.get_json()["errors"][0]["code"] == "http_400"
    assert count(app, User) == 2

    response = client.delete("/api/me", headers={"X-CSRFToken": csrf_token(visitor)})
    assert (response.status_code, response.get_json()["deleted"]) == (200, True)
    assert (count(app, User), count(app, Book), count(app, Like)) == (1, 1, 0)
    assert client.delete("/api/me").status_code == 401
    assert sign_in(visitor, ada).status == 422


@pytest.mark.usefixtures("backend")
def test_a_program_with_the_key_creates_a_user_who_can_sign_in(
    app: Flask, client: FlaskClient, visitor: Visitor
) -> None:
    person = Person()
    response = create(
        app,
        client,
        email_address=[person.email_address],
        password=person.password,
        first_name="Ada",
    )
    assert response.status_code == 201
    assert response.get_json()["email_addresses"] == [person.email_address]
    assert person.password not in response.text
    sign_in(visitor, person)
    assert visitor.page.url == "/my-list"


def test_a_weak_password_is_told_by_its_code(app: Flask, client: FlaskClient) -> None:
    response = create(app, client, email_address=[new_address()], password="password1")
    [error] = response.get_json()["errors"]
    assert response.status_code == 422
    assert error["code"] == "form_password_not_strong_enough"
    assert error["meta"]["param_name"] == "password"
    assert count(app, User) == 0


def test_an_address_that_is_taken_is_told(app: Flask, client: FlaskClient) -> None:
    body = {"email_address": [new_address()], "password": new_password()}
    assert create(app, client, **body).status_code == 201
    again = create(app, client, **body)
    [error] = again.get_json()["errors"]
    assert (again.status_code, error["code"]) == (422, "form_identifier_exists")


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Bearer \xff", "Basic eDp5"])
def test_nobody_without_the_key_creates_users(
    app: Flask, client: FlaskClient, header: str | None
) -> None:
    headers = {"Authorization": header} if header else {}
    response = client.post("/api/users", json={"email_address": [new_address()]}, headers=headers)
    assert response.status_code == 401
    assert response.get_json()["errors"][0]["code"] == "authentication_invalid"
    assert count(app, User) == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email_address": "ada@example.com"},
        {"email_address": [1]},
        {"email_address": []},
        {"email_address": ["ada@example.com"], "password": 12345678901},
        {"email_address": ["ada@example.com"], "password": ""},
        {"email_address": ["ada@example.com"], "first_name": ["Ada"]},
        {"email_address": ["ada@example.com"], "first_name": "\ud800"},
        {"email_address": ["a\0@example.com"]},
    ],
)
def test_a_body_of_the_wrong_kind_is_told(
    app: Flask, client: FlaskClient, body: dict[str, t.Any]
) -> None:
    response = create(app, client, **body)
    assert response.status_code == 422
    assert response.get_json()["errors"][0]["message"]
    assert count(app, User) == 0


@pytest.mark.parametrize(
    ("options", "status"),
    [({"data": "x"}, 415), ({"data": "{", "content_type": "application/json"}, 400)],
)
def test_what_is_not_json_is_refused_in_json(
    app: Flask, client: FlaskClient, options: dict[str, str], status: int
) -> None:
    headers = {"Authorization": f"Bearer {app.config['API_KEY']}"}
    response = client.post("/api/users", headers=headers, **options)
    assert response.status_code == status
    assert response.get_json()["errors"][0]["code"] == f"http_{status}"
