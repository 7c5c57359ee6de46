"""The policy of the kit's own pages, on every kind of answer they give (B67 to B69)."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError

from flask_userkit.services import sessions
from tests.http.site import FORMS
from tests.http.site import TOKEN
from tests.http.site import UNLIMITED
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page

HTMX = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}
WANTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
Ask = Callable[[Site], Page]


def get(url: str, **headers: str) -> Ask:
    return lambda site: request(site.visitor().client, "GET", url, headers=headers)


def get_as_ada(url: str, **headers: str) -> Ask:
    return lambda site: request(site.signed_in().client, "GET", url, headers=headers)


def asset(site: Site) -> Page:
    page = site.visitor().open("/account/sign-in")
    url = page.html.select_one("link[rel=stylesheet]")["href"]  # type: ignore[index]
    return request(site.visitor().client, "GET", str(url))


def posted(form: str, **changes: str) -> Ask:
    def ask(site: Site) -> Page:
        ready = FORMS[form][1](site)
        return ready.send({**ready.data, **changes})

    return ask


def htmx_posted(form: str, **changes: str) -> Ask:
    def ask(site: Site) -> Page:
        ready = FORMS[form][1](site)
        return ready.send({**ready.data, **changes}, **HTMX)

    return ask


def code_that_is_too_old(site: Site) -> Page:
    ready = FORMS["code of a sign-up"][1](site)
    site.clock.tick(601)
    return ready.send()


def banned(site: Site) -> Page:
    ready = FORMS["sign-in by password"][1](site)
    with site.app.app_context():
        (user,) = site.kit.users.get_user_list(email_address=[ready.data["identifier"]]).data
        site.kit.users.ban_user(user.id)
    return ready.send()


def too_many(site: Site) -> Page:
    ready = FORMS["sign-in by password"][1](site)
    for _ in range(11):
        page = ready.send({**ready.data, "password": "wrong"})
    return page


def too_large(site: Site) -> Page:
    ready = FORMS["sign-up"][1](site)
    return ready.send({**ready.data, "email_address": "x" * 5 * 1024 * 1024})


def while_the_database_is_away(site: Site) -> Page:
    ready = FORMS["sign-out"][1](site)
    with pytest.MonkeyPatch.context() as patch:

        def fail(*args: t.Any) -> None:
            raise OperationalError("UPDATE", {}, Exception("gone"))

        patch.setattr(sessions, "end", fail)
        return ready.send()


ANSWERS: dict[str, tuple[int, Ask]] = {
    "sign-in": (200, get("/account/sign-in")),
    "sign-up": (200, get("/account/sign-up")),
    "account": (200, get_as_ada("/account/")),
    "account for htmx": (200, get_as_ada("/account/", **HTMX)),
    "mailbox": (200, get("/account/mailbox")),
    "mailbox as JSON": (200, get("/account/mailbox.json")),
    "saved name": (303, posted("name")),
    "saved name for htmx": (200, htmx_posted("name")),
    "signed in": (303, posted("sign-in by password")),
    "signed out": (303, posted("sign-out")),
    "code sent": (303, posted("sign-in by code")),
    "account for nobody": (303, get("/account/")),
    "account for nobody by htmx": (401, get("/account/", **HTMX)),
    "account for a program": (401, get("/account/", **JSON)),
    "no code to type": (303, get("/account/sign-in/verification")),
    "a code that is too old": (400, code_that_is_too_old),
    "banned": (403, banned),
    "an asset that there is not": (404, get("/account/assets/none.css")),
    "a page that there is not": (404, get("/account/none")),
    "a page that there is not, for a program": (404, get("/account/none", **JSON)),
    "sign-out by a link": (405, get("/account/sign-out")),
    "a form by a link": (405, get_as_ada("/account/profile")),
    "a long body": (413, too_large),
    "a wrong password": (422, posted("sign-in by password", password="wrong")),
    "a stale form": (422, posted("sign-in by password", **{TOKEN: "stale"})),
    "a long name": (422, posted("name", first_name="x" * 101)),
    "a long name for htmx": (422, htmx_posted("name", first_name="x" * 101)),
    "too many": (429, too_many),
    "no database": (503, while_the_database_is_away),
}


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    limits = {**UNLIMITED, "sign_in:account": "10/hour"}
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
    assert "gone" not in page.text
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
