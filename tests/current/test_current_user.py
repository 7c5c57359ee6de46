"""The current user in views and templates."""

from __future__ import annotations

from flask import Flask
from werkzeug.test import Client as WerkzeugClient

from flask_userkit import current_user
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeVisitor
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import sign_up
from tests.rig.visitor import Visitor

UNKNOWN = "A" * 43


def test_a_write_in_the_same_request_is_seen_at_once(visitor: Visitor, ada: Person) -> None:
    page = request(visitor.client, "POST", "/rename", {"to": "Augusta"})
    assert page.text == "(None, None) ('Augusta', 'Augusta') frozen: None"


def test_a_user_who_is_deleted_in_a_request_is_nobody_for_the_rest_of_it(
    visitor: Visitor, ada: Person
) -> None:
    page = request(visitor.client, "POST", "/leave", {})
    assert page.text == "False None"
    assert visitor.open("/truth").text == "False"


def test_nobody_is_false_everywhere(visitor: Visitor) -> None:
    assert visitor.open("/truth").text == "False"
    assert visitor.open("/session-truth").text == "False"
    assert visitor.open("/template").text == "|"


def test_outside_of_a_request_nobody_is_signed_in(app: Flask, ada: Person) -> None:
    with app.app_context():
        assert not current_user
    assert not current_user


def test_a_token_that_nobody_has_is_nobody_and_is_left_in_the_browser(
    visitor: Visitor, app: Flask
) -> None:
    for token in (UNKNOWN, "short", "", "é" * 43, "A" * 42 + "=", "A" * 100_000):
        client = app.test_client(use_cookies=False)
        headers = {"Cookie": f"userkit={token}"}
        for url in ("/", "/members", "/whoami", "/account/", "/account/sign-up"):
            answer = client.get(url, headers=headers)
            set_cookies = answer.headers.getlist("Set-Cookie")
            assert not [c for c in set_cookies if c.startswith("userkit=")], (url, token[:50])
        assert client.get("/truth", headers=headers).text == "False"


def test_a_shared_app_context_does_not_carry_one_request_over_to_the_next(
    app: Flask, visitor: Visitor, ada: Person, make_visitor: MakeVisitor
) -> None:
    stranger = make_visitor()
    with app.app_context():
        first = visitor.open("/attribute").text
        assert stranger.open("/truth").text == "False"
        assert stranger.open("/template").text == "|"
        assert visitor.open("/attribute").text == first
        with app.test_request_context("/"):
            assert not current_user
            assert visitor.open("/truth").text == "True"
            assert not current_user


def test_a_request_context_with_a_cookie_is_that_person(
    app: Flask, visitor: Visitor, ada: Person
) -> None:
    assert isinstance(visitor.client, WerkzeugClient)
    cookie = visitor.client.get_cookie("userkit")
    assert cookie is not None
    with app.test_request_context("/", headers={"Cookie": f"userkit={cookie.value}"}):
        assert current_user
        assert current_user.email_addresses[0].email_address == ada.email_address


def test_a_client_that_follows_redirects_is_the_person_of_each_request(
    app: Flask, mailbox: Mailbox
) -> None:
    visitor = Visitor(app.test_client())
    sign_up(visitor, mailbox)
    visitor.open("/")
    token = visitor.page.form("/sign-out").values["userkit_csrf"]
    assert isinstance(visitor.client, WerkzeugClient)
    answer = visitor.client.post(
        "/account/sign-out", data={"userkit_csrf": token}, follow_redirects=True
    )
    assert answer.status_code == 200
    assert "userkit-user-button" not in answer.text
