"""The policy of the kit's own pages, on every kind of answer they give (B67 to B69)."""

from __future__ import annotations

import typing as t

import pytest

from tests.http.answers import ANSWERS
from tests.http.answers import HTMX
from tests.http.answers import asset
from tests.http.answers import get
from tests.http.answers import while_the_database_is_away
from tests.http.site import UNLIMITED
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page

WANTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    limits = {**UNLIMITED, "sign_in:ip": "30/minute", "sign_in:account": "10/hour"}
    site = open_site(make_app, USERKIT_RATE_LIMITS=limits)
    # The host has a policy of its own; here it is the kit's that counts.
    hooks = site.app.after_request_funcs[None]
    site.app.after_request_funcs[None] = [hook for hook in hooks if hook.__name__ != "strict"]
    return site


def policy(page: Page) -> dict[str, list[str]]:
    directives = {}
    for part in (page.header("Content-Security-Policy") or "").split(";"):
        name, *sources = part.split()
        directives[name] = sources
    return directives


@pytest.mark.parametrize("answer", ANSWERS)
def test_every_answer_carries_the_policy(site: Site, answer: str) -> None:
    status, ask = ANSWERS[answer]
    page = ask(site)
    assert page.status == status, page.words
    assert {name: page.header(name) for name in WANTED} == WANTED
    found = policy(page)
    assert found["default-src"] == ["'none'"]
    assert found["base-uri"] == ["'none'"]
    assert found["frame-ancestors"] == ["'none'"]
    assert found["form-action"] == ["'self'"]
    assert {source for sources in found.values() for source in sources} <= {"'none'", "'self'"}
    assert "publickey-credentials-get=(self)" in (page.header("Permissions-Policy") or "")
    assert page.header("Access-Control-Allow-Origin") is None
    assert page.header("Strict-Transport-Security") is None


@pytest.mark.parametrize("answer", ANSWERS)
def test_no_answer_is_kept_and_each_says_what_it_depends_on(site: Site, answer: str) -> None:
    page = ANSWERS[answer][1](site)
    assert "no-store" in (page.header("Cache-Control") or ""), page.headers
    if (page.header("Content-Type") or "").startswith("text/html"):
        assert "HX-Request" in (page.header("Vary") or "")


@pytest.mark.parametrize("answer", ["no database", "too many"])
def test_what_passes_says_when_to_try_again(site: Site, answer: str) -> None:
    page = ANSWERS[answer][1](site)
    assert 1 <= int(page.header("Retry-After") or 0) <= 3600
    assert "Try again in" in page.words


def test_an_error_tells_nothing_of_the_inside(site: Site) -> None:
    page = while_the_database_is_away(site)
    assert "is gone" not in page.text
    assert "UPDATE" not in page.text
    assert "sqlalchemy" not in page.text.lower()


def test_under_https_a_browser_is_told_to_stay_there(make_app: MakeApp) -> None:
    app = make_app(USERKIT_BASE_URL="https://example.com")
    for url in ("/account/sign-in", "/account/assets/none.css"):
        answer = app.test_client().get(url)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in app.test_client().get("/plain").headers


def test_an_apps_own_pages_are_left_alone(site: Site) -> None:
    for url in ("/", "/plain", "/members", "/whoami"):
        page = get(url)(site)
        for name in (*WANTED, "Content-Security-Policy", "Permissions-Policy"):
            assert page.header(name) is None, (url, name)


def test_a_policy_that_an_app_sets_is_kept(site: Site) -> None:
    site.app.after_request_funcs["userkit"].append(_widen)
    page = get("/account/sign-in")(site)
    site.app.after_request_funcs["userkit"].remove(_widen)
    assert page.header("Content-Security-Policy") == "default-src 'self'"


def _widen(response: t.Any) -> t.Any:
    response.headers["Content-Security-Policy"] = "default-src 'self'"
    return response


def test_the_page_that_htmx_restores_is_a_whole_one(site: Site) -> None:
    visitor = site.signed_in()
    headers = {**HTMX, "HX-History-Restore-Request": "true"}
    page = request(visitor.client, "GET", "/account/", headers=headers)
    assert page.html.find("html") is not None
    assert page.html.select_one("[hx-history=false]") is not None


def test_an_asset_carries_the_policy_and_may_be_kept(site: Site) -> None:
    page = asset(site)
    assert page.status == 200
    assert {name: page.header(name) for name in WANTED} == WANTED
    said = {part.strip() for part in (page.header("Cache-Control") or "").split(",")}
    assert said == {"public", "max-age=31536000", "immutable"}
