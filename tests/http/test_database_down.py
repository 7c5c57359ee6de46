"""The database is away: nobody is let in, everybody is told, and it mends itself (F1 to F3)."""

from __future__ import annotations

import time
import typing as t
from collections.abc import Callable
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from flask_userkit.services import engines
from tests.http.cookies import token_of
from tests.http.site import FORMS
from tests.http.site import Site
from tests.http.site import open_site
from tests.http.tcp_proxy import TcpProxy
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.people import sign_in

SERVERS = pytest.mark.parametrize("backend", ["postgresql", "mariadb"], indirect=True)
#: What it takes to notice, and what a busy machine adds.
AT_MOST = 2 + 1.5
HTMX = {"HX-Request": "true"}


@pytest.fixture
def wire(database_url: str) -> Iterator[TcpProxy]:
    proxy, _url = TcpProxy.before(database_url)
    with proxy:
        yield proxy


@pytest.fixture
def site(make_app: MakeApp, wire: TcpProxy, database_url: str) -> Site:
    """A site whose database is at the other end of the wire."""
    through = database_url.replace(_port(database_url), str(wire.port))
    return open_site(make_app, USERKIT_DATABASE_URL=through)


def _port(url: str) -> str:
    return url.rpartition("/")[0].rpartition(":")[2]


def within(seconds: float, call: Callable[[], Page]) -> Page:
    begun = time.monotonic()
    page = call()
    took = time.monotonic() - begun
    assert took < seconds, f"{page.url} took {took:.1f} s"
    return page


def unavailable(page: Page) -> None:
    assert page.status == 503, (page.url, page.status)
    assert 1 <= int(page.header("Retry-After") or 0) <= 60
    assert page.cookies == [], "a cookie may not be lost by this"
    for word in ("psycopg", "pymysql", "SELECT", "127.0.0.1", "Traceback"):
        assert word not in page.text


@SERVERS
def test_nobody_is_let_in_or_signed_out_while_it_is_down(site: Site, wire: TcpProxy) -> None:
    ada = site.person()
    visitor = site.signed_in(ada)
    kept = token_of(visitor)
    waiting = FORMS["sign-in by password"][1](site)
    ready = [FORMS[form][1](site) for form in ("code of a sign-in", "name", "sign-up")]
    wire.cut()
    for url in ("/account/", "/members", "/members.json", "/", "/whoami"):
        for headers in ({}, HTMX, {"Accept": "application/json"}):
            unavailable(
                within(AT_MOST, lambda: request(visitor.client, "GET", url, headers=headers))  # noqa: B023 (called within its turn)
            )
    for form in (waiting, *ready):
        unavailable(within(AT_MOST, form.send))
    assert request(visitor.client, "GET", "/plain").status == 200
    assert request(site.visitor().client, "GET", "/account/sign-in").status == 200
    wire.restore()
    assert token_of(visitor) == kept
    assert visitor.open("/account/").status == 200
    assert waiting.send().status == 303
    assert [form.send().status for form in ready] == [303, 303, 303]


@SERVERS
def test_connections_that_were_cut_are_replaced_unnoticed(site: Site, wire: TcpProxy) -> None:
    visitor = site.signed_in()
    for _ in range(3):
        wire.cut()
        wire.restore()
        assert visitor.open("/account/?edit=profile").status == 200
        form = visitor.page.form("/account/profile")
        answer = request(visitor.client, "POST", form.action, dict(form.values))
        assert answer.status == 303


@SERVERS
def test_a_server_that_takes_connections_and_says_nothing_is_down(
    site: Site, wire: TcpProxy
) -> None:
    visitor = site.signed_in()
    wire.hang()
    unavailable(within(10, lambda: request(visitor.client, "GET", "/account/")))
    wire.restore()
    assert visitor.open("/account/").status == 200


@SERVERS
def test_an_app_starts_without_it_and_serves_once_it_is_there(
    make_app: MakeApp, wire: TcpProxy, database_url: str
) -> None:
    wire.cut()
    through = database_url.replace(_port(database_url), str(wire.port))
    site = open_site(make_app, USERKIT_DATABASE_URL=through)
    assert site.visitor().open("/plain").status == 200
    wire.restore()
    ada = site.person()
    visitor = site.visitor()
    sign_in(visitor, ada, next="/members")
    assert visitor.page.url == "/members"


@pytest.mark.usefixtures("backend")
def test_who_holds_a_lock_holds_up_nobody_for_long(
    make_app: MakeApp, database: t.Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "LOCK_TIMEOUT", 2)
    site = open_site(make_app)
    reader = site.signed_in()
    ready = FORMS["sign-in by password"][1](site)
    with database.connect() as connection:
        if database.backend == "sqlite":
            connection.connection.driver_connection.execute("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("SELECT id FROM userkit_user FOR UPDATE")
        answer = within(7, ready.send)
        unavailable(answer)
        assert isinstance(reader.client, FlaskClient)
        assert within(1.8, lambda: request(reader.client, "GET", "/account/")).status == 200
        connection.rollback()
    assert ready.send().status == 303
