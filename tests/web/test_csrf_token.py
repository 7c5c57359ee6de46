"""How long a form is good for: until who is there changes, and no clock ends it."""

from __future__ import annotations

import time
import typing as t

import pytest
from flask import Flask
from flask.sessions import SessionInterface

from tests.http.cookies import token_of
from tests.http.site import FORMS
from tests.http.site import TOKEN
from tests.http.site import is_taken
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.rig.visitor import Visitor

AGAIN = "This page was open while you signed in or out elsewhere. Send it once more."
YEAR = 365 * 86400


def test_a_refused_form_may_be_sent_again_as_it_stands(make_app: MakeApp) -> None:
    ready = FORMS["sign-in by password"][1](open_site(make_app))
    for wrong in ("wrong one", "wrong two"):
        assert ready.send({**ready.data, "password": wrong}).status == 422
    assert ready.send().status == 303


@pytest.mark.parametrize("form", ["sign-in by password", "sign-up"])
def test_a_form_has_no_time_limit(
    make_app: MakeApp, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = open_site(make_app)
    ready = FORMS[form][1](site)
    site.clock.tick(YEAR)
    later = time.time() + YEAR
    monkeypatch.setattr(time, "time", lambda: later)
    assert ready.send().status == 303


def test_a_token_differs_on_each_page_and_each_stays_good(make_app: MakeApp) -> None:
    site = open_site(make_app)
    visitor = site.signed_in()
    tokens = [visitor.open("/").form("/sign-out").values[TOKEN] for _ in range(3)]
    assert len(set(tokens)) == 3
    for number, token in enumerate(tokens[:2]):
        visitor.open("/account/")
        data = {TOKEN: token, "first_name": f"Ada {number}"}
        assert request(visitor.client, "POST", "/account/profile", data).status == 303
    assert request(visitor.client, "POST", "/account/sign-out", {TOKEN: tokens[2]}).status == 303


def test_tokens_of_two_forms_on_one_page_go_with_one_cookie(make_app: MakeApp) -> None:
    visitor = open_site(make_app).visitor()
    first = visitor.open("/account/sign-in").form("/sign-in").values[TOKEN]
    nonce = token_of(visitor, "userkit-nonce")
    page = visitor.open("/account/sign-up")
    assert page.cookies == []
    assert token_of(visitor, "userkit-nonce") == nonce
    data = {TOKEN: first, "identifier": new_address(), "password": "whatever it is"}
    answer = request(visitor.client, "POST", "/account/sign-in", data)
    assert AGAIN not in answer.text


def test_a_page_with_a_form_is_kept_by_no_cache(make_app: MakeApp) -> None:
    site = open_site(make_app)
    for url in ("/account/sign-in", "/account/sign-up"):
        page = request(site.visitor().client, "GET", url)
        assert page.header("Cache-Control") == "private, no-store"
        assert "Cookie" in (page.header("Vary") or "")


def test_an_apps_own_page_with_the_sign_in_macro_is_kept_by_no_cache(make_app: MakeApp) -> None:
    app = make_app()
    source = '{% from "userkit/macros.html" import sign_in %}{{ sign_in(next="/members") }}'

    @app.get("/landing")
    def landing() -> str:
        return app.jinja_env.from_string(source).render()

    visitor = Visitor(app.test_client())
    page = visitor.open("/landing")
    assert page.header("Cache-Control") == "private, no-store"
    assert page.form("/sign-in").values["next"] == "/members"
    assert token_of(visitor, "userkit-nonce") is not None


class Untouchable(SessionInterface):
    """A session that fails whoever looks at it."""

    class Session(dict[str, t.Any]):
        def __getattribute__(self, name: str) -> t.Any:
            raise AssertionError(f"flask.session was asked for {name}")

    def open_session(self, app: Flask, request: t.Any) -> t.Any:
        return self.Session()

    def is_null_session(self, obj: object) -> bool:
        return False

    def save_session(self, app: Flask, session: t.Any, response: t.Any) -> None:
        return None


def test_no_form_needs_the_apps_session(make_app: MakeApp) -> None:
    site = open_site(make_app)
    site.app.session_interface = Untouchable()
    for form in FORMS:
        assert is_taken(FORMS[form][1](site).send()), form


def test_a_new_secret_key_with_the_old_one_as_fallback_takes_open_forms(
    make_app: MakeApp,
) -> None:
    old, new = "the old secret key", "the new secret key"
    first = open_site(make_app, SECRET_KEY=old)
    ready = FORMS["sign-in by password"][1](first)
    for settings, status in (
        ({"SECRET_KEY": new}, 422),
        ({"SECRET_KEY": new, "SECRET_KEY_FALLBACKS": [old]}, 303),
    ):
        client = make_app(**settings).test_client()
        client.set_cookie("userkit-nonce", token_of(ready.visitor, "userkit-nonce") or "")
        assert request(client, "POST", ready.url, ready.data).status == status
