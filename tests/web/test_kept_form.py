"""What is kept of an app's own form while it waits: everything but what is secret by its name."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask

from flask_userkit.web.kept_form import kept
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.web.bank import add_views

KEPT = [
    "to",
    "note",
    "spin",
    "shipping",
    "opinion",
    "pinned",
    "happiness",
    "apikind",
    "cv",
    "tokyo",
    "passenger",
    "compass",
    "bypass",
]
SECRET = [
    "password",
    "newPassword",
    "passwd",
    "passphrase",
    "passcode",
    "pass",
    "user_pass",
    "client_secret",
    "pwd",
    "PWD2",
    "pin",
    "PIN",
    "card_pin",
    "card-pin",
    "pin2",
    "cardPin",
    "pinCode",
    "cvv",
    "cvv2",
    "card_cvc",
    "token",
    "access_token",
    "userkit_csrf_token",
    "api_key",
    "api-key",
    "apikey",
    "myApiKey",
]


def kept_of(app: Flask, **fields: str) -> tuple[list[tuple[str, str]], bool]:
    with app.test_request_context("/form", method="POST", data=fields):
        return kept(None)


@pytest.mark.parametrize("name", KEPT)
def test_what_is_no_secret_is_kept(app: Flask, name: str) -> None:
    assert kept_of(app, **{name: "value"}) == ([(name, "value")], True)


@pytest.mark.parametrize("name", SECRET)
def test_a_secret_is_left_out_and_the_form_is_then_not_complete(app: Flask, name: str) -> None:
    assert kept_of(app, **{name: "value", "to": "Bea"}) == ([("to", "Bea")], False)


def test_the_token_of_an_app_is_no_secret_whatever_it_is_called(make_app: MakeApp) -> None:
    site = open_site(make_app, WTF_CSRF_FIELD_NAME="secret_token")
    done: list[t.Any] = []
    add_views(site.app, done)
    person = site.person()
    visitor = site.signed_in(person)
    site.clock.tick(hours=1)
    data = visitor.open("/form").form("/transfers/7").filled({"to": "Bea"}, None)
    assert "secret_token" in data
    visitor.page = request(visitor.client, "POST", "/transfers/7", data)
    page = visitor.submit("/transfers/7", password=person.password, follow=False)
    assert (page.text, len(done)) == ("transferred", 1)
