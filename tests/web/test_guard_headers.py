"""The kit's own pages bring their policy along, also where a view of the app is the address."""

from __future__ import annotations

import typing as t

import pytest

from flask_userkit.web.responses import PAGE_HEADERS
from flask_userkit.web.responses import POLICY
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.people import Person
from tests.rig.visitor import Visitor
from tests.web.bank import add_views

URL = "/transfers/7"


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    site = open_site(make_app)
    done: list[t.Any] = []
    add_views(site.app, done)
    return site


@pytest.fixture
def ada(site: Site) -> tuple[Visitor, Person]:
    """Somebody who signed in an hour ago."""
    person = site.person()
    visitor = site.signed_in(person)
    site.clock.tick(hours=1)
    return visitor, person


def assert_is_hardened(page: Page) -> None:
    found = {name: page.header(name) for name in PAGE_HEADERS}
    assert found == PAGE_HEADERS
    assert page.header("Cache-Control") == "private, no-store"


def test_the_prompt_of_a_guarded_view_has_them_each_time_that_it_is_shown(
    ada: tuple[Visitor, Person],
) -> None:
    visitor, person = ada
    data = visitor.open("/form").form(URL).filled({"to": "Bea"}, None)
    visitor.page = request(visitor.client, "POST", URL, data)
    assert (visitor.page.status, "Confirm that it is you" in visitor.page.words) == (403, True)
    assert_is_hardened(visitor.page)
    visitor.page = visitor.submit(URL, password="wrong", follow=False)
    assert visitor.page.status == 422
    assert_is_hardened(visitor.page)
    page = visitor.submit(URL, password=person.password, follow=False)
    # The answer of the view is the app's own.
    assert page.text == "transferred"
    assert page.header("Content-Security-Policy") != POLICY


def test_what_is_said_of_a_form_that_came_too_late_has_them(
    site: Site, ada: tuple[Visitor, Person]
) -> None:
    visitor, person = ada
    data = visitor.open("/form").form(URL).filled({"to": "Bea"}, None)
    visitor.page = request(visitor.client, "POST", URL, data)
    site.clock.tick(minutes=10)
    page = visitor.submit(URL, password=person.password, follow=False)
    assert (page.status, "Nothing has changed" in page.words) == (422, True)
    assert_is_hardened(page)


def test_the_refusal_of_a_form_from_elsewhere_has_them(ada: tuple[Visitor, Person]) -> None:
    visitor, _person = ada
    data = visitor.open("/form").form(URL).filled({"to": "Bea"}, None)
    page = request(visitor.client, "POST", URL, data, {"Origin": "https://evil.example"})
    assert (page.status, "Not allowed" in page.words) == (403, True)
    assert_is_hardened(page)


def test_a_redirect_to_the_prompt_has_them(ada: tuple[Visitor, Person]) -> None:
    visitor, _person = ada
    page = request(visitor.client, "GET", "/secret")
    assert page.status == 303
    assert_is_hardened(page)
