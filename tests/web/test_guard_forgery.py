"""What another site has a browser send to a guarded view is not made good by a prompt."""

from __future__ import annotations

import typing as t

import pytest

from tests.http.rows import column
from tests.http.rows import snapshot
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import Person
from tests.rig.people import sign_in_by_code
from tests.rig.visitor import Visitor
from tests.web.bank import add_views

URL = "/transfers/7"
OWN = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def done() -> list[t.Any]:
    """What the app has done."""
    return []


@pytest.fixture
def site(make_app: MakeApp, done: list[t.Any]) -> Site:
    site = open_site(make_app)
    add_views(site.app, done)
    return site


@pytest.fixture
def ada(site: Site) -> tuple[Visitor, Person]:
    """Somebody with a password, who signed in a while ago."""
    person = site.person()
    visitor = site.signed_in(person)
    site.clock.tick(minutes=11)
    return visitor, person


@pytest.fixture
def bea(site: Site) -> tuple[Visitor, Person]:
    """Somebody without a password, who signed in a while ago."""
    person = Person()
    with site.app.app_context():
        site.kit.users.create_user(email_address=[person.email_address])
    visitor = site.visitor()
    sign_in_by_code(visitor, site.mailbox, person)
    site.clock.tick(minutes=11)
    return visitor, person


def strangers_token(site: Site) -> str:
    return site.signed_in().open("/form").form(URL).values["csrf_token"]


@pytest.mark.parametrize("token", ["forged", "", None, "a stranger's", "twice"])
def test_a_form_without_a_token_of_this_browser_is_refused_after_the_prompt_too(
    site: Site, done: list[t.Any], ada: tuple[Visitor, Person], token: str | None
) -> None:
    visitor, person = ada
    visitor.open("/form")
    sent: dict[str, t.Any] = {"to": "Eve"}
    if token is not None:
        values = {"a stranger's": strangers_token(site), "twice": ["", "forged"]}
        sent["csrf_token"] = values.get(token, token)
    visitor.page = request(visitor.client, "POST", URL, sent, OWN)
    assert (visitor.page.status, done) == (403, [])
    page = visitor.submit(URL, password=person.password, follow=False)
    assert (page.status, "csrf_token" in page.text, done) == (422, True, [])


@pytest.mark.parametrize("name", ["csrf_token", "userkit_csrf"])
def test_a_token_of_somebody_else_reaches_the_view_as_it_was_sent(
    done: list[t.Any], ada: tuple[Visitor, Person], name: str
) -> None:
    visitor, person = ada
    visitor.page = request(visitor.client, "POST", "/files", {name: "forged", "to": "Eve"}, OWN)
    visitor.submit("/files", password=person.password, follow=False)
    assert done == [({name: "forged", "to": "Eve"}, {})]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
def test_a_form_from_elsewhere_is_refused_before_anything_is_asked_or_sent(
    site: Site,
    database: Database,
    done: list[t.Any],
    bea: tuple[Visitor, Person],
    headers: dict[str, str],
) -> None:
    visitor, _person = bea
    data = visitor.open("/form").form(URL).filled({"to": "Eve"}, None)
    letters, before = len(site.mailbox.all()), snapshot(database)
    page = request(visitor.client, "POST", URL, data, headers)
    assert (page.status, done) == (403, [])
    assert "Confirm that it is you" not in page.words
    assert snapshot(database) == before
    assert len(site.mailbox.all()) == letters
    # One of this site is asked, and a code is on its way.
    assert request(visitor.client, "POST", URL, data, OWN).status == 403
    assert len(column(database, "SELECT id FROM userkit_suspended_form")) == 1
