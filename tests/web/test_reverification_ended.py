"""A session or an account that is gone while its form waits: one is led to sign in."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from flask_userkit.services import reverification_attempts as attempts
from flask_userkit.services import suspended_forms
from flask_userkit.services import usernames
from flask_userkit.web import reverification
from tests.http.rows import column
from tests.http.rows import scalar
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.people import Person
from tests.rig.visitor import Visitor
from tests.web.bank import add_views

Act = Callable[[Site, Database], None]
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://localhost/account/"}
USERNAME, TRANSFER, PAGE = "/account/username", "/transfers/7", "/account/reverification"
#: What runs on the way of a form to its prompt, and of a prompt's answer to its form.
ASKING = [(reverification, "kept"), (suspended_forms, "suspend"), (attempts, "offer")]
ANSWERING = [(reverification, "check_csrf"), (suspended_forms, "take")]


def revoke(site: Site, database: Database) -> None:
    session_id = scalar(database, "SELECT id FROM userkit_session")
    site.kit.sessions.revoke_session(session_id)


def delete(site: Site, database: Database) -> None:
    site.kit.users.delete_user(scalar(database, "SELECT id FROM userkit_user"))


@pytest.fixture
def done() -> list[t.Any]:
    return []


@pytest.fixture
def site(make_app: MakeApp, done: list[t.Any]) -> Site:
    site = open_site(make_app)
    add_views(site.app, done)
    return site


@pytest.fixture
def ada(site: Site) -> tuple[Visitor, Person]:
    """Somebody who signed in an hour ago."""
    person = site.person()
    visitor = site.signed_in(person)
    site.clock.tick(hours=1)
    return visitor, person


@pytest.fixture
def meanwhile(
    site: Site, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Callable[[t.Any, str, Act], None]:
    """Let another request do something right before a function of this one runs."""

    def interrupt(module: t.Any, name: str, act: Act) -> None:
        function = getattr(module, name)

        def another() -> None:
            with site.app.app_context():
                act(site, database)

        def interrupted(*args: t.Any, **kwargs: t.Any) -> t.Any:
            monkeypatch.undo()
            with ThreadPoolExecutor(1) as pool:
                pool.submit(another).result()
            return function(*args, **kwargs)

        monkeypatch.setattr(module, name, interrupted)

    return interrupt


Meanwhile = Callable[[t.Any, str, Act], None]
either = pytest.mark.parametrize("act", [revoke, delete])


def data_of(visitor: Visitor, page: str, action: str, **typed: str) -> dict[str, str]:
    return visitor.open(page).form(action).filled(typed, None)


def is_led_to_sign_in(page: Page) -> bool:
    return page.status == 303 and str(page.location).startswith("/account/sign-in")


@either
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize(("module", "name"), [(usernames, "check"), *ASKING])
def test_a_form_of_who_is_out_before_the_prompt_leads_to_sign_in(
    database: Database,
    ada: tuple[Visitor, Person],
    meanwhile: Meanwhile,
    module: t.Any,
    name: str,
    headers: dict[str, str],
    act: Act,
) -> None:
    visitor, _person = ada
    data = data_of(visitor, "/account/?edit=username", USERNAME, username="countess")
    meanwhile(module, name, act)
    page = request(visitor.client, "POST", USERNAME, data, headers)
    if headers:
        assert (page.status, page.header("HX-Redirect")) == (
            401,
            "/account/sign-in?next=/account/",
        )
    else:
        assert is_led_to_sign_in(page)
    assert column(database, "SELECT id FROM userkit_user WHERE username IS NOT NULL") == []


@either
@pytest.mark.parametrize(("module", "name"), ANSWERING)
def test_an_answer_of_who_is_out_leads_to_sign_in(
    ada: tuple[Visitor, Person], meanwhile: Meanwhile, module: t.Any, name: str, act: Act
) -> None:
    visitor, person = ada
    data = data_of(visitor, "/account/?edit=username", USERNAME, username="countess")
    visitor.page = request(visitor.client, "POST", USERNAME, data)
    answer = visitor.page.form(USERNAME).filled({"password": person.password}, None)
    meanwhile(module, name, act)
    assert is_led_to_sign_in(request(visitor.client, "POST", USERNAME, answer))


@either
@pytest.mark.parametrize(("module", "name"), ASKING)
def test_a_form_for_a_guarded_view_does_too(
    done: list[t.Any],
    ada: tuple[Visitor, Person],
    meanwhile: Meanwhile,
    module: t.Any,
    name: str,
    act: Act,
) -> None:
    visitor, _person = ada
    data = data_of(visitor, "/form", TRANSFER, to="Bea")
    meanwhile(module, name, act)
    page = request(visitor.client, "POST", TRANSFER, data)
    assert (is_led_to_sign_in(page), done) == (True, [])


@either
@pytest.mark.parametrize(("module", "name"), ANSWERING)
def test_an_answer_for_a_guarded_view_does_too(
    done: list[t.Any],
    ada: tuple[Visitor, Person],
    meanwhile: Meanwhile,
    module: t.Any,
    name: str,
    act: Act,
) -> None:
    visitor, person = ada
    data = data_of(visitor, "/form", TRANSFER, to="Bea")
    visitor.page = request(visitor.client, "POST", TRANSFER, data)
    answer = visitor.page.form(TRANSFER).filled({"password": person.password}, None)
    meanwhile(module, name, act)
    page = request(visitor.client, "POST", TRANSFER, answer)
    assert (is_led_to_sign_in(page), done) == (True, [])


@either
def test_the_page_that_asks_leads_there_too(
    ada: tuple[Visitor, Person], meanwhile: Meanwhile, act: Act
) -> None:
    visitor, person = ada
    answer = data_of(visitor, PAGE, PAGE, password=person.password)
    meanwhile(attempts, "offer", act)
    assert is_led_to_sign_in(request(visitor.client, "GET", PAGE))
    assert is_led_to_sign_in(request(visitor.client, "POST", PAGE, answer))


@either
def test_an_answer_to_that_page_leads_there_too(
    ada: tuple[Visitor, Person], meanwhile: Meanwhile, act: Act
) -> None:
    visitor, person = ada
    answer = data_of(visitor, PAGE, PAGE, password=person.password)
    meanwhile(reverification, "check_csrf", act)
    assert is_led_to_sign_in(request(visitor.client, "POST", PAGE, answer))
