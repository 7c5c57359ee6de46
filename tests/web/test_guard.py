"""An app's own views that ask who one is: pages are led on to, and forms run after it, once."""

from __future__ import annotations

import typing as t
from urllib.parse import parse_qs
from urllib.parse import quote
from urllib.parse import urlsplit

import pytest

from flask_userkit import reverification_required
from tests.http.site import Site
from tests.http.site import open_site
from tests.pages.redirects import HARMLESS
from tests.pages.redirects import HOSTILE
from tests.pages.redirects import is_own
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import Person
from tests.rig.visitor import Visitor
from tests.web.bank import add_views

PAGE = "/account/reverification"
TITLE = "Confirm that it is you"
JSON = {"Accept": "application/json"}


def asked_next(url: str) -> str | None:
    """Return where an address of the prompt leads after it."""
    return parse_qs(urlsplit(url).query).get("next", [None])[0]


@pytest.fixture
def done() -> list[t.Any]:
    """What the app has done."""
    return []


@pytest.fixture(params=[{}, {"HOST_CSRF": True}], ids=["own forms", "CSRFProtect"])
def site(request: pytest.FixtureRequest, make_app: MakeApp, done: list[t.Any]) -> Site:
    site = open_site(make_app, **request.param)
    add_views(site.app, done)
    return site


@pytest.fixture
def ada(site: Site) -> tuple[Visitor, Person]:
    """Somebody who signed in an hour ago."""
    person = site.person()
    visitor = site.signed_in(person)
    site.clock.tick(hours=1)
    return visitor, person


def test_a_page_is_led_on_to_once_it_is_proven(site: Site, ada: tuple[Visitor, Person]) -> None:
    visitor, person = ada
    page = visitor.open("/secret?a=b%20c&d=e")
    assert (page.status, asked_next(page.url)) == (200, "/secret?a=b%20c&d=e")
    assert TITLE in page.words
    visitor.page = visitor.submit(PAGE, password="wrong", follow=False)
    assert (visitor.page.status, visitor.page.alerts) == (422, ["That password is not right."])
    page = visitor.submit(PAGE, password=person.password)
    assert (page.url, page.text) == ("/secret?a=b%20c&d=e", "the secret")
    site.clock.tick(minutes=10)
    assert visitor.open("/secret").url.startswith(PAGE)
    assert visitor.open("/lax").text == "not that secret"
    site.clock.tick(hours=23, minutes=50)
    assert visitor.open("/lax").url.startswith(PAGE)


def test_nobody_is_led_to_sign_in(site: Site) -> None:
    assert site.visitor().open("/secret").url.startswith("/account/sign-in")
    page = request(site.visitor().client, "GET", "/secret", headers=JSON)
    assert (page.status, page.json["errors"][0]["code"]) == (401, "authentication_invalid")


def test_a_program_is_told_what_is_asked_for(site: Site, ada: tuple[Visitor, Person]) -> None:
    visitor, _person = ada
    page = request(visitor.client, "GET", "/transfers/7", headers=JSON)
    assert page.status == 403
    (error,) = page.json["errors"]
    assert error["code"] == "session_reverification_required"
    assert error["meta"] == {"reverification": {"level": "first_factor", "afterMinutes": 5}}


@pytest.mark.parametrize(
    ("shown", "path"),
    [
        ("http://localhost/form?a=b", "/form?a=b"),
        ("https://evil.example/form", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_htmx_leads_the_whole_page_there_and_back(
    ada: tuple[Visitor, Person], shown: str, path: str | None
) -> None:
    visitor, _person = ada
    headers = {"HX-Request": "true", "HX-Current-URL": shown}
    page = request(visitor.client, "GET", "/secret", headers=headers)
    assert page.status == 403
    there = page.header("HX-Redirect")
    assert str(there).partition("?")[0] == PAGE
    assert asked_next(str(there)) == path


def test_a_form_runs_once_with_all_that_was_sent(
    done: list[t.Any], ada: tuple[Visitor, Person]
) -> None:
    visitor, person = ada
    visitor.open("/form")
    form = visitor.page.form("/transfers/7")
    data = form.filled({"to": "Béa", "note": "été"}, None)
    visitor.page = request(visitor.client, "POST", form.action, data)
    assert (visitor.page.status, done) == (403, [])
    assert visitor.page.form("/transfers/7").action == "/transfers/7?tab=2"
    assert "Béa" not in visitor.page.text
    visitor.page = visitor.submit("/transfers/7", password="wrong", follow=False)
    assert (visitor.page.status, done) == (422, [])
    prompt = visitor.page.form("/transfers/7").filled({"password": person.password}, None)
    page = visitor.submit("/transfers/7", password=person.password, follow=False)
    assert (page.status, page.text) == (200, "transferred")
    assert done == [(7, "Béa", ["été"], "Béa", "2")]
    assert request(visitor.client, "POST", form.action, prompt).status in (400, 422)
    assert len(done) == 1


def test_it_does_not_run_at_another_address_or_too_late(
    site: Site, done: list[t.Any], ada: tuple[Visitor, Person]
) -> None:
    visitor, person = ada
    visitor.open("/form")
    form = visitor.page.form("/transfers/7")
    data = form.filled({"to": "Bea"}, None)
    visitor.page = request(visitor.client, "POST", form.action, data)
    prompt = visitor.page.form("/transfers/7").filled({"password": person.password}, None)
    page = request(visitor.client, "POST", "/transfers/8", prompt)
    assert (page.status, done) == (422, [])
    assert "so nothing has changed" in page.words
    site.clock.tick(minutes=10)
    visitor.page = request(visitor.client, "POST", form.action, data)
    prompt = visitor.page.form("/transfers/7").filled({"password": person.password}, None)
    site.clock.tick(minutes=10)
    page = request(
        visitor.client, "POST", form.action, prompt, {"Referer": "http://localhost/form"}
    )
    assert (page.status, done) == (422, [])


@pytest.mark.parametrize("kind", ["file", "secret"])
def test_a_form_with_a_file_or_a_secret_leads_back_to_its_page(
    done: list[t.Any], ada: tuple[Visitor, Person], kind: str
) -> None:
    visitor, person = ada
    came_from = {"Referer": "http://localhost/form?a=b"}
    token = visitor.open("/form").form("/transfers/7").values["csrf_token"]
    data = {"name": "x", "csrf_token": token}
    if kind == "secret":
        data["new_password"] = "s3cret"
    files = {"file": b"content"} if kind == "file" else None
    visitor.page = request(visitor.client, "POST", "/files", data, came_from, files)
    assert (visitor.page.status, "s3cret" in visitor.page.text) == (403, False)
    page = visitor.submit("/files", password=person.password, follow=False)
    assert (page.status, page.location, done) == (303, "/form?a=b", [])
    # It counts, so that what is sent now is taken.
    token = visitor.open("/form").form("/transfers/7").values["csrf_token"]
    page = request(visitor.client, "POST", "/files", {**data, "csrf_token": token}, {}, files)
    assert (page.text, len(done)) == ("kept", 1)


@pytest.mark.parametrize("next", [*HOSTILE, *HARMLESS], ids=lambda value: ascii(value)[:24])
def test_it_leads_to_a_path_of_this_site_alone(make_app: MakeApp, next: str) -> None:
    site = open_site(make_app)
    person = site.person()
    visitor = site.signed_in(person)
    visitor.open(f"{PAGE}?next={quote(next)}")
    form = visitor.page.form(PAGE)
    cancel = visitor.page.html.select_one(".userkit-auth__footer a")
    assert cancel is not None
    assert is_own(str(cancel["href"]))
    data = {**form.filled({"password": person.password}, None), "next": next}
    page = request(visitor.client, "POST", PAGE, data)
    assert (page.status, is_own(page.location)) == (303, True)
    assert (page.location == "/account/") == (next in HOSTILE)


def test_the_age_of_the_proof_is_clerks(site: Site, ada: tuple[Visitor, Person]) -> None:
    visitor, person = ada
    assert visitor.open("/age").json == [60, -1]
    visitor.open(PAGE)
    visitor.submit(PAGE, password=person.password, follow=False)
    assert visitor.open("/age").json == [0, -1]
    site.clock.tick(119)
    assert visitor.open("/age").json == [1, -1]
    assert site.visitor().open("/age").json is None


@pytest.mark.parametrize("level", ["", "stricter", ("no_factor", 1), ("first_factor", 0)])
def test_a_level_that_is_not_there_is_an_error_where_it_is_written(level: t.Any) -> None:
    with pytest.raises(ValueError, match=r"There is|minutes"):
        reverification_required(level)
