"""A real https server with an app that protects its own forms: the whole story goes through."""

from __future__ import annotations

import pytest

from tests.http.conftest import Walk
from tests.http.cookies import token_of
from tests.http.cookies import user_with
from tests.http.site import TOKEN
from tests.rig.clients import request
from tests.rig.fixtures.servers import StartServer
from tests.rig.mailbox import Mailbox
from tests.rig.people import sign_in
from tests.rig.people import sign_out
from tests.rig.people import sign_up
from tests.rig.servers import Server
from tests.rig.visitor import Visitor

NAME = "__Host-userkit"


@pytest.fixture
def server(start_server: StartServer) -> Server:
    return start_server(https=True, settings={"HOST_CSRF": "true"})


def browse(walk: Walk, server: Server) -> Visitor:
    """Open a browser that says where a form was, as Flask-WTF wants under https."""
    return walk(server, headers={"Referer": f"{server.url}/", "Origin": server.url})


def test_the_story_over_https_beside_the_apps_own_check(server: Server, walk: Walk) -> None:
    visitor = browse(walk, server)
    mailbox = Mailbox(walk(server).client)
    ada = sign_up(visitor, mailbox, next="/members")
    assert visitor.page.url == "/members"
    token = token_of(visitor, NAME)
    assert user_with(visitor.client, token, NAME) is not None
    assert user_with(visitor.client, token, "userkit") is None

    visitor.open("/account/?edit=profile")
    visitor.submit("/account/profile", first_name="Ada", last_name="Lovelace")
    assert "Ada Lovelace" in visitor.page.words
    assert visitor.page.header("Strict-Transport-Security") == "max-age=31536000"

    form = visitor.open("/").form("/sign-out")
    assert set(form.values) == {TOKEN, "csrf_token"}
    for missing in (TOKEN, "csrf_token"):
        partial = {name: value for name, value in form.values.items() if name != missing}
        refused = request(visitor.client, "POST", form.action, partial)
        assert 400 <= refused.status < 500, missing
        assert user_with(visitor.client, token, NAME) is not None, missing

    sign_out(visitor)
    assert user_with(visitor.client, token, NAME) is None
    sign_in(visitor, ada, next="/members")
    assert visitor.page.url == "/members"

    elsewhere = browse(walk, server)
    elsewhere.open("/account/sign-in")
    typed = {"identifier": ada.email_address, "password": ada.password}
    form = elsewhere.page.form("/sign-in")
    evil = {"Referer": "https://evil.example/"}
    data = form.filled(typed, None)
    refused = request(elsewhere.client, "POST", form.action, data, evil)
    assert 400 <= refused.status < 500
    assert token_of(elsewhere, NAME) is None
