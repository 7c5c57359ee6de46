"""The cookie: what it is called, what it says, and what it does not."""

from __future__ import annotations

import base64
import re
import typing as t
import zlib
from collections.abc import Iterable

import pytest
from flask import Flask

from tests.http.cookies import SetCookie
from tests.http.cookies import parse
from tests.http.cookies import token_of
from tests.http.cookies import user_with
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import sign_out
from tests.rig.people import sign_up
from tests.rig.visitor import Visitor

if t.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIEnvironment

HTTPS = {"USERKIT_BASE_URL": "https://example.com"}
KIT_COOKIES = {
    f"{prefix}userkit{suffix}" for prefix in ("", "__Host-") for suffix in ("", "-nonce", "-device")
}


def walk(app: Flask) -> list[SetCookie]:
    """Sign somebody up, out and in, and return every cookie that was set on the way."""
    visitor, mailbox = Visitor(app.test_client()), Mailbox(app.test_client())
    found = collect(app)
    ada = sign_up(visitor, mailbox)
    visitor.open("/account/?edit=profile")
    visitor.submit("/account/profile", first_name="Ada", last_name="Lovelace")
    sign_out(visitor)
    visitor.open("/account/sign-in")
    visitor.submit("/sign-in", identifier=ada.email_address, password=ada.password)
    sign_out(visitor)
    return found


def collect(app: Flask) -> list[SetCookie]:
    """Return a list that every cookie goes into that the app sets from now on."""
    found: list[SetCookie] = []
    serve = app.wsgi_app

    def wsgi_app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: t.Any) -> t.Any:
            found.extend(parse(value) for name, value in headers if name == "Set-Cookie")
            return start_response(status, headers, *more)

        return serve(environ, start)

    app.wsgi_app = wsgi_app  # type: ignore[method-assign] # as Flask's manual does it
    return found


def test_under_https_every_cookie_is_locked_to_the_host(make_app: MakeApp) -> None:
    found = walk(make_app(**HTTPS))
    assert {cookie.name for cookie in found} == {name for name in KIT_COOKIES if "__Host" in name}
    assert "" in {cookie.value for cookie in found}, "sign-out takes the cookie away"
    for cookie in found:
        assert cookie.attributes["path"] == "/", cookie
        assert "secure" in cookie.attributes, cookie
        assert "httponly" in cookie.attributes, cookie
        assert cookie.attributes["samesite"] == "Lax", cookie
        assert "domain" not in cookie.attributes, cookie


def test_under_http_the_names_are_plain(make_app: MakeApp) -> None:
    found = walk(make_app())
    assert {cookie.name for cookie in found} == {"userkit", "userkit-nonce", "userkit-device"}
    for cookie in found:
        assert "secure" not in cookie.attributes, cookie
        assert "httponly" in cookie.attributes, cookie
        assert cookie.attributes["samesite"] == "Lax", cookie
        assert "domain" not in cookie.attributes, cookie


@pytest.mark.parametrize(
    ("setting", "base_url", "wanted"),
    [
        ({}, "https://localhost", "userkit-nonce"),
        (HTTPS, "http://localhost", "__Host-userkit-nonce"),
        (HTTPS, "http://example.com", "__Host-userkit-nonce"),
    ],
)
def test_the_setting_decides_the_name_and_the_request_does_not(
    make_app: MakeApp, setting: dict[str, str], base_url: str, wanted: str
) -> None:
    headers = {"X-Forwarded-Proto": base_url.partition(":")[0]}
    answer = (
        make_app(**setting)
        .test_client()
        .get("/account/sign-in", base_url=base_url, headers=headers)
    )
    (cookie,) = map(parse, answer.headers.getlist("Set-Cookie"))
    assert cookie.name == wanted
    assert ("secure" in cookie.attributes) == (setting == HTTPS)


def test_under_https_a_plain_cookie_is_nobody(make_app: MakeApp) -> None:
    # Any subdomain can set a cookie of that name; none can set one with the prefix.
    app = make_app(**HTTPS)
    visitor = Visitor(app.test_client())
    sign_up(visitor, Mailbox(app.test_client()))
    token = token_of(visitor, "__Host-userkit")
    assert user_with(visitor.client, token, "__Host-userkit") is not None
    assert user_with(visitor.client, token, "userkit") is None


def test_an_apps_cookie_settings_do_not_widen_it(make_app: MakeApp) -> None:
    app = make_app(
        SERVER_NAME="localhost",
        SESSION_COOKIE_DOMAIN="localhost",
        SESSION_COOKIE_PATH="/elsewhere",
        SESSION_COOKIE_HTTPONLY=False,
        SESSION_COOKIE_SAMESITE="None",
    )
    (header,) = app.test_client().get("/account/sign-in").headers.getlist("Set-Cookie")
    cookie = parse(header)
    assert cookie.attributes == {"httponly": "", "path": "/", "samesite": "Lax"}


def test_a_cookie_is_a_random_token_and_holds_nothing(visitor: Visitor, ada: Person) -> None:
    token = token_of(visitor)
    assert token is not None
    assert re.fullmatch(r"[\w-]{43}", token, re.ASCII)
    raw = base64.urlsafe_b64decode(token + "=")
    assert len(raw) == 32
    with pytest.raises(zlib.error):
        zlib.decompress(raw)
    assert ada.email_address.encode() not in raw


def test_the_token_stands_in_no_page(visitor: Visitor, ada: Person) -> None:
    token = token_of(visitor)
    assert token is not None
    for url in ("/", "/account/", "/whoami", "/members"):
        page = visitor.open(url)
        assert page.status == 200
        assert token not in page.text, url
        assert token not in str([h for h in page.headers if h[0] != "Set-Cookie"]), url


def test_a_page_without_a_form_sets_no_cookie(visitor: Visitor) -> None:
    for url in ("/", "/members", "/whoami", "/plain", "/account/"):
        assert request(visitor.client, "GET", url).cookies == [], url


def test_the_kit_uses_no_session_of_flask(make_app: MakeApp) -> None:
    found = walk(make_app(SESSION_COOKIE_NAME="flask-session"))
    assert {cookie.name for cookie in found} <= set(KIT_COOKIES)
