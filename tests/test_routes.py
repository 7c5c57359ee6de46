"""Every route of the kit, and who may use it; a route that nobody classified fails here."""

from __future__ import annotations

import enum
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_userkit import ProfilePage
from flask_userkit.sections.profile import SECTION
from flask_userkit.web.profile import TAKEN
from tests.http.rows import Rows
from tests.http.rows import snapshot
from tests.http.site import FORMS
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.visitor import Visitor


class Who(enum.Enum):
    """Who a route is for."""

    ANYBODY = "public"
    SIGNED_IN = "signed-in"
    DEVELOPMENT = "development"
    FILES = "asset"


ROUTES = {
    ("GET", "/account/"): Who.SIGNED_IN,
    ("GET", "/account/<userkit_page:page>"): Who.SIGNED_IN,
    ("POST", "/account/profile"): Who.SIGNED_IN,
    ("POST", "/account/avatar"): Who.SIGNED_IN,
    ("POST", "/account/avatar/removal"): Who.SIGNED_IN,
    ("GET", "/account/reverification"): Who.SIGNED_IN,
    ("POST", "/account/reverification"): Who.SIGNED_IN,
    ("POST", "/account/password"): Who.SIGNED_IN,
    ("POST", "/account/password/removal"): Who.SIGNED_IN,
    ("POST", "/account/username"): Who.SIGNED_IN,
    ("POST", "/account/username/removal"): Who.SIGNED_IN,
    ("POST", "/account/email-addresses"): Who.SIGNED_IN,
    ("GET", "/account/email-addresses/<id>/verification"): Who.SIGNED_IN,
    ("POST", "/account/email-addresses/<id>/verification"): Who.SIGNED_IN,
    ("POST", "/account/email-addresses/<id>/verification/delivery"): Who.SIGNED_IN,
    ("POST", "/account/email-addresses/<id>/primary"): Who.SIGNED_IN,
    ("POST", "/account/email-addresses/<id>/removal"): Who.SIGNED_IN,
    ("POST", "/account/phone-numbers"): Who.SIGNED_IN,
    ("POST", "/account/phone-numbers/<id>/verification"): Who.SIGNED_IN,
    ("POST", "/account/phone-numbers/<id>/verification/delivery"): Who.SIGNED_IN,
    ("POST", "/account/phone-numbers/<id>/primary"): Who.SIGNED_IN,
    ("POST", "/account/phone-numbers/<id>/removal"): Who.SIGNED_IN,
    ("POST", "/account/connected-accounts"): Who.SIGNED_IN,
    ("POST", "/account/connected-accounts/<id>/reconnection"): Who.SIGNED_IN,
    ("POST", "/account/connected-accounts/<id>/removal"): Who.SIGNED_IN,
    ("POST", "/account/reverification/<provider>"): Who.SIGNED_IN,
    ("POST", "/account/data-exports"): Who.SIGNED_IN,
    ("GET", "/account/data-exports/<id>"): Who.SIGNED_IN,
    ("POST", "/account/deletion"): Who.SIGNED_IN,
    ("POST", "/account/sessions/<id>/revocation"): Who.SIGNED_IN,
    ("POST", "/account/sessions/revocation"): Who.SIGNED_IN,
    ("GET", "/account/session"): Who.ANYBODY,
    ("GET", "/account/email-addresses/verification"): Who.ANYBODY,
    ("POST", "/account/email-addresses/verification"): Who.ANYBODY,
    ("GET", "/account/sign-in"): Who.ANYBODY,
    ("POST", "/account/sign-in"): Who.ANYBODY,
    ("GET", "/account/sign-in/verification"): Who.ANYBODY,
    ("POST", "/account/sign-in/verification"): Who.ANYBODY,
    ("POST", "/account/sign-in/verification/delivery"): Who.ANYBODY,
    ("GET", "/account/sign-up"): Who.ANYBODY,
    ("POST", "/account/sign-up"): Who.ANYBODY,
    ("GET", "/account/sign-up/verification"): Who.ANYBODY,
    ("POST", "/account/sign-up/verification"): Who.ANYBODY,
    ("POST", "/account/sign-up/verification/delivery"): Who.ANYBODY,
    ("POST", "/account/sign-in/<provider>"): Who.ANYBODY,
    ("GET", "/account/oauth/<provider>/callback"): Who.ANYBODY,
    ("POST", "/account/oauth/<provider>/callback"): Who.ANYBODY,
    ("GET", "/account/oauth/sign-up"): Who.ANYBODY,
    ("POST", "/account/oauth/sign-up"): Who.ANYBODY,
    ("GET", "/account/password-reset"): Who.ANYBODY,
    ("POST", "/account/password-reset"): Who.ANYBODY,
    ("GET", "/account/password-reset/verification"): Who.ANYBODY,
    ("POST", "/account/password-reset/verification"): Who.ANYBODY,
    ("POST", "/account/password-reset/verification/delivery"): Who.ANYBODY,
    ("POST", "/account/sign-out"): Who.ANYBODY,
    ("GET", "/account/assets/<path:path>"): Who.FILES,
    ("GET", "/account/avatars/<digest>.webp"): Who.FILES,
    ("GET", "/account/mailbox"): Who.DEVELOPMENT,
    ("GET", "/account/mailbox.json"): Who.DEVELOPMENT,
}
PATHS = {path for _, path in ROUTES}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
HTMX = {"HX-Request": "true"}
PROFILE = "userkit/sections/profile/section.html"
JSON = {"Accept": "application/json"}


def routes_of(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] == "userkit"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def url_of(path: str) -> str:
    for part, text in (
        ("<path:path>", "none.css"),
        ("<digest>", "0" * 32),
        ("<id>", "idn_0"),
        ("<provider>", "acme"),
        ("<userkit_page:page>", "extras"),
    ):
        path = path.replace(part, text)
    return path


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    site = open_site(make_app)
    site.kit.add_page(ProfilePage("extras", "Extras"))
    site.kit.add_section(replace(SECTION, name="extra", page="extras", template=PROFILE))
    return site


def test_every_route_is_classified(app: Flask) -> None:
    assert routes_of(app) == set(ROUTES)


def test_no_page_of_an_app_may_hide_a_route_of_the_kit() -> None:
    names = {path.split("/")[2] for method, path in ROUTES if method == "GET"}
    assert {name for name in names if name and "<" not in name} == TAKEN


def test_production_has_all_but_those_of_development(make_app: MakeApp, tmp_path: object) -> None:
    app = make_app(
        DEBUG=False,
        TESTING=False,
        USERKIT_BASE_URL="https://example.com",
        USERKIT_MAIL_URL=f"file://{tmp_path}",
    )
    wanted = {route for route, who in ROUTES.items() if who is not Who.DEVELOPMENT}
    assert routes_of(app) == wanted


@pytest.mark.parametrize(("route", "who"), ROUTES.items())
def test_nobody_gets_as_far_as_the_route_is_for_nobody(
    site: Site, route: tuple[str, str], who: Who
) -> None:
    method, path = route
    for headers in ({}, HTMX, JSON):
        page = request(site.visitor().client, method, url_of(path), headers=headers)
        if who is Who.SIGNED_IN:
            assert page.status == (401 if headers else 303)
            leads_to = page.location or page.header("HX-Redirect") or "/account/sign-in"
            assert leads_to.startswith("/account/sign-in")
            assert len(page.body) < 400, "an answer to nobody holds nothing"
        elif who is Who.FILES:
            assert page.status == 404
        elif method == "GET":
            # A link in a mail leads to one of them; without the link it says so.
            refused = 400 if "email-addresses" in path else 200
            # Nobody comes back from a provider that there is not.
            refused = 404 if "<provider>" in path else refused
            assert page.status in (200, 303, refused)
        elif path.endswith("/callback"):
            # Its token is the state, which the GET looks at that it leads to.
            assert (page.status, page.location) == (303, url_of(path))
        else:
            assert page.status == 422, "without a token nothing is taken"


@pytest.mark.parametrize("route", [route for route, who in ROUTES.items() if who is Who.SIGNED_IN])
def test_somebody_who_is_banned_or_signed_out_is_nobody(site: Site, route: tuple[str, str]) -> None:
    method, path = route[0], url_of(route[1])
    visitor = site.signed_in()
    # A row of nobody is asked for, and is not there.
    taken = (404,) if method == "GET" and "<id>" in route[1] else (200, 422)
    assert request(visitor.client, method, path).status in taken
    with site.app.app_context():
        for user in site.kit.users.get_user_list().data:
            site.kit.users.ban_user(user.id)
    assert request(visitor.client, method, path).status == 303


def test_no_other_method_is_taken(site: Site) -> None:
    client = site.signed_in().client
    for path in PATHS:
        for method in METHODS:
            status = request(client, method, url_of(path)).status
            known = {route[0] for route in ROUTES if route[1] == path} | {"OPTIONS"}
            if "GET" in known:
                known.add("HEAD")
            assert (status == 405) == (method not in known), (method, path, status)


def test_a_head_is_its_get_without_the_body(site: Site) -> None:
    visitor = site.signed_in()
    for method, path in ROUTES:
        if method == "GET":
            full = request(visitor.client, "GET", url_of(path))
            head = request(visitor.client, "HEAD", url_of(path))
            assert (head.status, head.body) == (full.status, b""), path
            assert {name for name, _ in head.headers} == {name for name, _ in full.headers}


@pytest.mark.usefixtures("backend")
def test_looking_at_everything_changes_nothing(site: Site, database: Database) -> None:
    for form in ("code of a sign-in", "code of a sign-up", "code of a password reset"):
        _crawl(FORMS[form][1](site).visitor, database)
    _crawl(site.signed_in(), database)
    site.clock.tick(120)
    _crawl(site.signed_in(), database)


def _crawl(visitor: Visitor, database: Database) -> None:
    before = _uncounted(database)
    urls = [url_of(path) for path in PATHS]
    for url in (*urls, "/", "/members", "/whoami"):
        for method in ("GET", "HEAD", "OPTIONS"):
            for more in ({}, {"Sec-Purpose": "prefetch"}, {"Purpose": "preview"}, HTMX):
                client = visitor.client
                assert isinstance(client, FlaskClient)
                client.open(url, method=method, headers=more, buffered=True)
    for link in visitor.open("/account/").html.select("a[href^='/']"):
        visitor.open(str(link["href"]))
    assert _uncounted(database) == before


def _uncounted(database: Database) -> Rows:
    """Return every row but the counters: what is refused, such as a download, is counted."""
    return {name: rows for name, rows in snapshot(database).items() if name != "userkit_limit_hit"}


@pytest.mark.parametrize(
    "path",
    [
        "/.//account/",
        "/account//",
        "/ACCOUNT/",
        "/Account/",
        "/account/.",
        "/account/./",
        "/x/../account/",
        "/account/sign-in/../",
        "/%61ccount/",
        "/account%2f",
        "/account/;a=b",
        "/account;a=b/",
        "/account/%2e%2e/account/",
        "/account/?x=/account/sign-in",
        "/account/#/account/sign-in",
        "/account/%00",
        "/account/ ",
        "/account/profile/",
    ],
)
def test_no_spelling_of_an_address_opens_it(site: Site, path: str) -> None:
    for headers in (
        {},
        {"X-Original-URL": "/account/"},
        {"X-Rewrite-URL": "/account/"},
        {"X-HTTP-Method-Override": "POST"},
    ):
        page = request(site.visitor().client, "GET", path, headers=headers)
        assert page.status in (301, 303, 308, 404), (path, headers)
        public = request(site.visitor().client, "GET", "/account/sign-in", headers=headers)
        assert "userkit-profile" not in public.text


def test_both_spellings_of_the_account_page_lead_to_it(site: Site) -> None:
    visitor = site.signed_in()
    page = visitor.open("/account")
    assert page.url == "/account/"
    assert page.status == 200
