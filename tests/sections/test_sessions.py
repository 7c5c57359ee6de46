"""Active devices: seen and signed out of, with and without JavaScript."""

from __future__ import annotations

import typing as t

import pytest
from flask import render_template_string
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.http.cookies import in_process
from tests.http.cookies import token_of
from tests.http.cookies import user_with
from tests.http.rows import column
from tests.http.rows import scalar
from tests.http.site import FORMS
from tests.http.site import SECURITY
from tests.http.site import TOKEN
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.people import Person
from tests.rig.people import sign_in
from tests.rig.queries import count_queries
from tests.rig.visitor import Visitor

HTMX: dict[str, t.Any] = {"HX-Request": "true"}
SECTION = "#userkit-sessions"
OTHERS = "/account/sessions/revocation"
MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36"
)
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.1 Mobile/15E148 Safari/604.1"
)
READ_ONLY = "{{ userkit.user_profile(page='security', read_only=['sessions']) }}"
DONE, DONE_ALL = "That device is signed out.", "All other devices are signed out."


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def browser(site: Site, person: Person, user_agent: str, address: str = "203.0.113.24") -> Visitor:
    """Sign somebody in by a browser that says what it is."""
    visitor = site.visitor()
    environ: dict[str, t.Any] = in_process(visitor).environ_base
    environ |= {"HTTP_USER_AGENT": user_agent, "REMOTE_ADDR": address}
    sign_in(visitor, person)
    return visitor


def words(page: Page) -> list[str]:
    """Return what each row says."""
    return [
        " ".join(row.get_text(" ").split()) for row in page.html.select(f"{SECTION} .userkit-item")
    ]


def test_each_device_says_what_where_how_and_when(site: Site) -> None:
    ada = site.person()
    unknown = browser(site, ada, "<b>odd</b>", "2001:db8::7")
    site.clock.tick(days=2)
    browser(site, ada, PHONE, "198.51.100.7")
    site.clock.tick(hours=2)
    page = browser(site, ada, MAC).open(SECURITY)
    here, phone, odd, more = words(page)
    way = "Signed in with a password ·"
    assert here == f"Chrome on macOS This device 203.0.113.24 · Active now {way} 1 minute ago"
    assert phone == (f"Safari on iOS 198.51.100.7 · Active 2 hours ago {way} 2 hours ago Sign out")
    assert odd == f"Unknown browser 2001:db8::7 · Active 2 days ago {way} 2 days ago Sign out"
    assert more == "Sign out of all other devices Sign out everywhere, here as well"
    rows = page.html.select(f"{SECTION} .userkit-item__row")
    assert [bool(row.select_one("bdi.userkit-item__title")) for row in rows] == [True] * 3
    times = [str(time["datetime"]) for time in rows[1].select("time")]
    assert len(set(times)) == 1
    assert times[0].endswith("+00:00")
    labels = [button["aria-label"] for button in page.html.select(f"{SECTION} [aria-label]")]
    assert labels == ["Sign out of Safari on iOS", "Sign out of Unknown browser"]
    assert unknown.open(SECURITY).status == 200


def test_alone_there_is_nothing_to_sign_out_of(site: Site) -> None:
    page = site.signed_in().open(SECURITY)
    assert len(words(page)) == 1
    assert page.html.select(f"{SECTION} form") == []


@pytest.mark.parametrize(
    ("form", "said"),
    [("sign-out of a device", DONE), ("sign-out of all other devices", DONE_ALL)],
)
def test_it_is_done_and_said_once(site: Site, database: Database, form: str, said: str) -> None:
    ready = FORMS[form][1](site)
    answer = ready.send()
    assert answer.status == 303
    page = ready.visitor.open(answer.location or "")
    assert said in page.words
    assert said not in ready.visitor.open(SECURITY).words
    assert len(words(page)) == 1
    assert sorted(column(database, "SELECT status FROM userkit_session")) == ["active", "revoked"]
    ready = FORMS[form][1](site)
    answer = ready.send(**HTMX)
    first = answer.html.find_all(True, recursive=False)[0]
    assert (answer.status, first["id"]) == (200, "userkit-sessions")
    assert said in answer.words


@pytest.mark.usefixtures("backend")
def test_the_next_request_of_that_device_is_nobody_s(site: Site) -> None:
    ada = site.person()
    here, there, third = (browser(site, ada, MAC) for _ in range(3))
    tokens = [token_of(visitor) for visitor in (here, there, third)]
    here.open(SECURITY)
    here.submit("/revocation")
    found = [user_with(here.client, token) is not None for token in tokens]
    assert sorted(found[1:]) == [False, True]
    assert found[0]
    here.open(SECURITY)
    here.submit(OTHERS)
    assert [user_with(here.client, token) is not None for token in tokens] == [True, False, False]
    assert there.open(SECURITY).url.startswith("/account/sign-in")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("which", ["the current one", "everywhere"])
def test_signed_out_here_the_cookie_is_gone_and_the_page_is_left(
    make_app: MakeApp, database: Database, headers: dict[str, str], which: str
) -> None:
    site = open_site(make_app, USERKIT_AFTER_SIGN_OUT_URL="/bye")
    ada = site.person()
    visitor, other = browser(site, ada, MAC), browser(site, ada, PHONE)
    token = visitor.open(SECURITY).form(OTHERS).values[TOKEN]
    current = scalar(database, "SELECT MIN(id) FROM userkit_session")
    url = OTHERS if which == "everywhere" else f"/account/sessions/{current}/revocation"
    data = {TOKEN: token, "everywhere": "1"} if which == "everywhere" else {TOKEN: token}
    answer = request(visitor.client, "POST", url, data, headers)
    assert answer.header("HX-Redirect" if headers else "Location") == "/bye"
    assert answer.status == (200 if headers else 303)
    assert token_of(visitor) is None
    there = user_with(other.client, token_of(other))
    assert (there is None) == (which == "everywhere")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("form", ["sign-out of a device", "sign-out of all other devices"])
def test_long_after_sign_in_it_is_asked_who_they_are_under_what_it_is_about(
    site: Site, database: Database, headers: dict[str, str], form: str
) -> None:
    ready = FORMS[form][1](site)
    ada = site.person()
    visitor = site.signed_in(ada)
    browser(site, ada, PHONE)
    sent = visitor.open(SECURITY).form("/revocation" if "sess_" in ready.url else OTHERS)
    site.clock.tick(minutes=11)
    page = request(visitor.client, "POST", sent.action, sent.filled({}, None), headers)
    assert page.status == 403
    card = page.html.select_one(f"{SECTION} .userkit-item form [name=password]")
    assert card is not None
    item = card.find_parent(class_="userkit-item")
    assert item is not None
    assert ("Safari on iOS" in item.get_text()) == ("sess_" in sent.action)
    active = "SELECT count(*) FROM userkit_session WHERE status = 'active'"
    before = scalar(database, active)
    answer = page.form(sent.action)
    data = answer.filled({"password": ada.password}, None)
    assert request(visitor.client, "POST", sent.action, data).status == 303
    assert scalar(database, active) == before - 1


def test_one_that_is_gone_is_told_above_the_others(site: Site) -> None:
    ready = FORMS["sign-out of a device"][1](site)
    page = ready.send()
    assert page.status == 303
    for headers in ({}, HTMX):
        page = ready.send(**headers)
        assert (page.status, page.alerts) == (404, ["You are not signed in there any more."])


def make_many(site: Site, database: Database, number: int) -> None:
    """Copy the newest session so often, each seen a second before the next."""
    columns = "user_id, client_id, status, strategy, browser, system, expire_at, created_at"
    with database.connect() as connection:
        for index in range(number):
            new = f"'sess_{index:032}', '2026-01-01 00:00:{index % 60:02}.000000'"
            statement = (
                f"INSERT INTO userkit_session (id, last_active_at, {columns}) SELECT {new}, "
                f"{columns} FROM userkit_session ORDER BY id DESC LIMIT 1"
            )
            connection.execute(text(statement))
        connection.commit()


def test_many_are_paged_by_links_in_as_many_queries(site: Site, database: Database) -> None:
    visitor = site.signed_in()
    counted = []
    for _ in range(2):
        visitor.open(SECURITY)
        with count_queries() as queries:
            page = visitor.open(SECURITY)
        counted.append(len(queries))
        if len(counted) == 1:
            make_many(site, database, 25)
    assert counted[0] == counted[1] <= 6
    shown = []
    for _ in range(3):
        shown += [form.action for form in page.forms if "/sess_" in form.action]
        link = page.html.find("a", string="Show older devices")
        if link is None:
            break
        page = visitor.open(str(link["href"]))
        assert page.html.find("a", string="Show the newest devices") is not None
    assert len(shown) == len(set(shown)) == 25
    assert "This device" not in page.words
    # One that is asked about stands on the first page, wherever it is.
    site.clock.tick(minutes=11)
    last = next(form for form in page.forms if form.action == shown[-1])
    page = request(visitor.client, "POST", last.action, last.filled({}, None))
    assert page.status == 403
    assert page.form(last.action).names >= {"password"}


def test_what_a_page_asks_is_no_activity_and_says_nothing_else(
    site: Site, database: Database
) -> None:
    ada = site.person()
    visitor, other = site.signed_in(ada), site.signed_in(ada)
    seen = "SELECT last_active_at FROM userkit_session ORDER BY id"
    before = column(database, seen)
    site.clock.tick(minutes=5)
    client = in_process(visitor)
    assert isinstance(client, FlaskClient)
    with count_queries() as queries:
        answer = request(client, "GET", "/account/session")
    assert len(queries) == 1
    assert column(database, seen) == before
    assert answer.header("Cache-Control") == "private, no-store"
    assert "Cookie" in (answer.header("Vary") or "")
    assert answer.header("Set-Cookie") is None
    mark = answer.json["session"]
    page = visitor.open(SECURITY)
    watch = page.html.select_one("userkit-session")
    assert watch is not None
    assert (watch["href"], watch["value"]) == ("/account/session", mark)
    assert answer.json == {"session": mark}
    assert mark != request(other.client, "GET", "/account/session").json["session"]
    (mine, _) = column(database, "SELECT id FROM userkit_session ORDER BY id")
    assert mark not in (mine, token_of(visitor))
    assert request(site.visitor().client, "GET", "/account/session").json == {"session": None}


def test_asking_keeps_no_idle_session_open(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_SESSION_IDLE_TIMEOUT=600)
    visitor = site.signed_in()
    for _ in range(9):
        site.clock.tick(60)
        assert request(visitor.client, "GET", "/account/session").json["session"]
    site.clock.tick(60)
    assert request(visitor.client, "GET", "/account/session").json == {"session": None}
    assert visitor.open(SECURITY).url.startswith("/account/sign-in")


def test_a_section_that_is_read_only_has_no_forms(make_app: MakeApp) -> None:
    site = open_site(make_app)

    @site.app.get("/shown")
    def shown() -> str:

        return render_template_string(READ_ONLY)

    ada = site.person()
    visitor = site.signed_in(ada)
    site.signed_in(ada)
    page = visitor.open("/shown")
    assert len(words(page)) == 2
    assert page.html.select(f"{SECTION} form") == []
