"""A link in a mail leads to a page with one button, and does nothing before it is pressed."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

import pytest

from tests.http.cookies import parse
from tests.http.cookies import token_of
from tests.http.links import send_link
from tests.http.rows import Rows
from tests.http.rows import scalar
from tests.http.rows import snapshot
from tests.http.site import TOKEN
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.people import Person
from tests.rig.people import new_address
from tests.rig.visitor import Visitor

URL = "/account/email-addresses/verification"
CONFIRMED = "Your email address is confirmed"
REFUSED = "This link cannot be used"
COOKIE = "userkit-link"


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


@pytest.fixture
def ada(site: Site) -> Person:
    return site.person(username=f"ada_{secrets.token_hex(3)}")


@pytest.fixture
def browser(site: Site, ada: Person) -> Visitor:
    """Ada's, in which the link was asked for."""
    return site.signed_in(ada)


@pytest.fixture
def new(browser: Visitor) -> str:
    return new_address()


@pytest.fixture
def link(site: Site, ada: Person, new: str) -> str:
    return send_link(site, ada, new)


def proven(database: Database, address: str) -> bool:
    found = "SELECT count(*) FROM userkit_email_address WHERE verified_key = :address"
    return bool(scalar(database, found, address=address))


def written(database: Database) -> Rows:
    return {name: rows for name, rows in snapshot(database).items() if "limit" not in name}


def press(visitor: Visitor) -> Page:
    return visitor.submit(URL)


def without_token(page: Page, link: str) -> bool:
    token = link.partition("token=")[2]
    return token not in page.url + (page.location or "") and token.partition(".")[2] not in page.url


@pytest.mark.usefixtures("backend")
def test_who_is_signed_in_confirms_and_goes_on_to_the_account(
    site: Site, database: Database, ada: Person, browser: Visitor, new: str, link: str
) -> None:
    page = browser.open(link)
    assert (page.status, page.url) == (200, URL)
    assert {tag.get_text() for tag in page.html.select("main bdi.userkit-auth__strong")} == {
        new,
        ada.username,
    }
    assert not proven(database, new)
    page = press(browser)
    assert page.status == 200
    assert CONFIRMED in page.words
    assert proven(database, new)
    (account,) = page.html.select("main a[href='/account/']")
    assert account.get_text() == "Go to your account"
    assert token_of(browser, COOKIE) is None


@pytest.mark.usefixtures("backend")
def test_another_device_confirms_and_is_nobody_after_it(
    site: Site, database: Database, browser: Visitor, new: str, link: str
) -> None:
    phone = site.visitor()
    phone.open(link)
    page = press(phone)
    assert (page.status, CONFIRMED in page.words) == (200, True)
    assert page.html.select("main a[href='/account/']") == []
    assert proven(database, new)
    assert phone.open("/whoami").json == {"user_id": None}
    assert token_of(phone) is None


def test_who_is_signed_in_as_another_stays_so_and_gets_nothing(
    site: Site, database: Database, ada: Person, new: str, link: str
) -> None:
    grace = site.signed_in()
    before = grace.open("/whoami").json
    page = grace.open(link)
    assert str(ada.username) in page.words
    page = press(grace)
    assert CONFIRMED in page.words
    assert page.html.select("main a[href='/account/']") == []
    assert grace.open("/whoami").json == before
    owner = "SELECT u.username FROM userkit_user u JOIN userkit_email_address e ON u.id = e.user_id"
    found = scalar(database, f"{owner} WHERE e.verified_key = :new", new=new)
    assert found == ada.username


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_scanner_that_opens_every_link_changes_nothing(
    site: Site, database: Database, link: str, new: str, method: str
) -> None:
    before = snapshot(database)
    scanner = site.visitor()
    for url in (link, URL, f"{URL}?confirmed=account", link, URL):
        for headers in ({}, {"HX-Request": "true"}, {"Sec-Purpose": "prefetch"}):
            page = request(scanner.client, method, url, headers=headers)
            assert page.status in (200, 303, 400)
    assert snapshot(database) == before
    assert not proven(database, new)


def test_the_address_bar_never_keeps_the_token(site: Site, link: str, make_app: MakeApp) -> None:
    visitor = site.visitor()
    first = request(visitor.client, "GET", link)
    assert (first.status, first.location) == (303, URL)
    assert first.header("Referrer-Policy") == "same-origin"
    assert first.header("Cache-Control") == "private, no-store"
    assert link.partition("token=")[2] not in first.text
    (cookie,) = [parse(value) for value in first.cookies if value.startswith(COOKIE)]
    assert cookie.attributes["max-age"] == "600"
    assert cookie.attributes["samesite"] == "Lax"
    assert "httponly" in cookie.attributes
    page = visitor.open(URL)
    assert page.header("Referrer-Policy") == "same-origin"
    assert page.header("Cache-Control") == "private, no-store"
    # Reloading shows it again.
    assert visitor.open(URL).status == 200
    assert without_token(press(visitor), link)


def test_under_https_the_cookie_is_locked_to_the_host(make_app: MakeApp) -> None:
    app = make_app(USERKIT_BASE_URL="https://example.com")
    client = app.test_client()
    opened = client.get(f"{URL}?token=ver_1.{'x' * 43}", base_url="https://example.com")
    (cookie,) = [parse(value) for value in opened.headers.getlist("Set-Cookie")]
    assert cookie.name == "__Host-userkit-link"
    assert cookie.attributes["path"] == "/"
    assert {"secure", "httponly"} <= set(cookie.attributes)
    assert "domain" not in cookie.attributes


def test_two_tabs_confirm_what_each_of_them_shows(
    site: Site, database: Database, ada: Person, link: str, new: str
) -> None:
    other = new_address()
    second = send_link(site, ada, other)
    visitor = site.visitor()
    visitor.open(link)
    first_tab = visitor.page
    visitor.open(second)
    visitor.page = first_tab
    press(visitor)
    assert (proven(database, new), proven(database, other)) == (True, False)


def test_the_button_works_once(site: Site, database: Database, link: str) -> None:
    visitor, other = site.visitor(), site.visitor()
    for one in (visitor, other):
        one.open(link)
    press(visitor)
    before = written(database)
    page = press(other)
    assert (page.status, REFUSED in page.words) == (400, True)
    assert "This link has been used or replaced. Use the newest one." in page.words
    page = other.open(link)
    assert (page.status, page.url) == (400, URL)
    assert written(database) == before


@pytest.mark.usefixtures("backend")
def test_after_ten_minutes_the_link_says_so(
    site: Site, database: Database, link: str, new: str
) -> None:
    visitor = site.visitor()
    visitor.open(link)
    site.clock.tick(600)
    page = press(visitor)
    assert (page.status, REFUSED in page.words) == (400, True)
    assert "This link is too old. Ask for a new one." in page.words
    assert visitor.open(link).status == 400
    assert not proven(database, new)


WRONG = [
    "",
    "x",
    "ver_0.x",
    f"ver_0.{'x' * 43}",
    "x" * 4000,
    "\0",
    "ver_0\r\nSet-Cookie: userkit=x",
    "<b>{{7*7}}</b>",
    "é",
]


@pytest.mark.parametrize("token", WRONG, ids=range(len(WRONG)))
def test_a_link_of_nobody_is_told_as_one_that_never_was(
    site: Site, database: Database, link: str, token: str
) -> None:
    before = written(database)
    for wrong in (token, link.partition("token=")[2][:-1] + "~"):
        visitor = site.visitor()
        sent = request(visitor.client, "GET", f"{URL}?{urlencode({'token': wrong})}")
        assert (sent.status, sent.location) == (303, URL)
        assert all(value.startswith(COOKIE) for value in sent.cookies)
        page = visitor.open(URL)
        assert (page.status, REFUSED in page.words) == (400, True)
        assert "This link does not work. Ask for a new one." in page.words
        assert "7*7" not in page.text
        token_field = visitor.open("/account/sign-in").form("/sign-in").values[TOKEN]
        answer = request(visitor.client, "POST", URL, {TOKEN: token_field, "token": wrong})
        assert (answer.status, REFUSED in answer.words) == (400, True)
    assert written(database) == before


def test_a_link_with_another_secret_is_nobodys(site: Site, link: str) -> None:
    head, _dot, secret = link.rpartition(".")
    page = site.visitor().open(f"{head}.{secret[::-1]}")
    assert page.status == 400
    assert "This link does not work. Ask for a new one." in page.words


def test_a_link_that_somebody_else_was_faster_than_says_so(
    site: Site, database: Database, link: str, new: str
) -> None:
    visitor = site.visitor()
    visitor.open(link)
    site.person(email_address=new)
    page = press(visitor)
    assert page.status in (400, 422)
    assert CONFIRMED not in page.words
    owners = "SELECT count(*) FROM userkit_email_address WHERE verified_key = :new"
    assert scalar(database, owners, new=new) == 1


def test_a_form_of_another_site_does_nothing(
    site: Site, database: Database, link: str, new: str
) -> None:
    visitor = site.visitor()
    visitor.open(link)
    data = dict(visitor.page.form(URL).values)
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = request(visitor.client, "POST", URL, data, headers)
        assert answer.status == 422
    assert request(visitor.client, "POST", URL, {"token": data["token"]}).status == 422
    assert not proven(database, new)
    assert request(visitor.client, "POST", URL, data).status == 303
    assert proven(database, new)


def test_guesses_are_limited(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_RATE_LIMITS={"verification:ip": "3/minute"})
    visitor = site.visitor()
    token_field = visitor.open("/account/sign-in").form("/sign-in").values[TOKEN]
    data = {TOKEN: token_field, "token": f"ver_0.{'x' * 43}"}
    answers = [request(visitor.client, "POST", URL, data).status for _ in range(5)]
    assert answers == [400, 400, 400, 429, 429]
