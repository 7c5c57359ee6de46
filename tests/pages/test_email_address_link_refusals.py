"""What a page of a link looks for before it refuses, and what the browser keeps after it."""

from __future__ import annotations

import pytest

from tests.http.cookies import token_of
from tests.http.links import send_link
from tests.http.site import TOKEN
from tests.http.site import UNLIMITED
from tests.http.site import Site
from tests.http.site import open_site
from tests.pages.test_email_address_link import COOKIE
from tests.pages.test_email_address_link import REFUSED
from tests.pages.test_email_address_link import URL
from tests.pages.test_email_address_link import press
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import Person
from tests.rig.people import new_address
from tests.rig.queries import count_queries
from tests.rig.visitor import Visitor


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


@pytest.fixture
def ada(site: Site) -> Person:
    return site.person()


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


def opened_link(site: Site, link: str) -> tuple[Visitor, dict[str, str]]:
    """Open a link, and return what its button sends."""
    visitor = site.visitor()
    visitor.open(link)
    return visitor, dict(visitor.page.form(URL).values)


@pytest.mark.parametrize("size", [129, 400_000])
def test_what_is_longer_than_a_link_is_not_looked_for(site: Site, link: str, size: int) -> None:
    visitor, data = opened_link(site, link)
    secret = data["token"].partition(".")[2]
    data["token"] = f"{'x' * (size - len(secret) - 1)}.{secret}"
    with count_queries() as queries:
        page = request(visitor.client, "POST", URL, data)
    assert (page.status, REFUSED in page.words) == (400, True)
    asked = [one for one in queries.statements if "verification" in one or "limit" in one]
    assert asked == []


def test_a_form_that_was_not_taken_looks_for_no_link_and_leads_back_to_it(
    site: Site, link: str, new: str
) -> None:
    visitor, data = opened_link(site, link)
    with count_queries() as queries:
        page = request(visitor.client, "POST", URL, {**data, TOKEN: "x"})
    assert page.status == 422
    assert page.alerts != []
    assert new not in page.words
    assert [one for one in queries.statements if "userkit_verification" in one] == []
    (back,) = page.html.select(f"main a[href='{URL}']")
    assert back.get_text(strip=True) == "Continue"
    assert new in visitor.open(URL).words


def test_over_the_limit_no_link_is_looked_for(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_RATE_LIMITS=UNLIMITED | {"verification:ip": "1/minute"})
    ada, address = site.person(), new_address()
    site.signed_in(ada)
    visitor, data = opened_link(site, send_link(site, ada, address))
    wrong = {**data, "token": f"ver_0.{'x' * 43}"}
    assert request(visitor.client, "POST", URL, wrong).status == 400
    with count_queries() as queries:
        page = request(visitor.client, "POST", URL, data)
    assert (page.status, address in page.words) == (429, False)
    assert page.header("Retry-After")
    assert [one for one in queries.statements if "userkit_verification" in one] == []


def test_the_browser_forgets_a_link_that_is_refused(site: Site, link: str) -> None:
    visitor, other = site.visitor(), site.visitor()
    for one in (visitor, other):
        one.open(link)
        assert token_of(one, COOKIE) is not None
    press(visitor)
    press(other)
    assert REFUSED in other.page.words
    assert token_of(other, COOKIE) is None
    other.open(link)
    assert REFUSED in other.page.words
    assert token_of(other, COOKIE) is None


def test_the_browser_forgets_a_link_at_sign_out(browser: Visitor, link: str) -> None:
    browser.open(link)
    assert token_of(browser, COOKIE) is not None
    browser.open("/account/")
    browser.submit("/sign-out")
    assert token_of(browser, COOKIE) is None
