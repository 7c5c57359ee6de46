"""The username: set, changed and removed, with and without JavaScript."""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.http.hostile import TEXTS
from tests.http.hostile import encode
from tests.http.hostile import injected
from tests.http.rows import column
from tests.http.rows import scalar
from tests.http.site import FORMS
from tests.http.site import TOKEN
from tests.http.site import UNLIMITED
from tests.http.site import USERNAME_CARD
from tests.http.site import Ready
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import Person
from tests.rig.visitor import Visitor

HTMX = {"HX-Request": "true"}
URL, REMOVAL = "/account/username", "/account/username/removal"
SAVED, REMOVED = "Your username is saved.", "Your username is removed."
SECTION = "#userkit-username"
CHARACTERS = (
    "A username has letters from a to z and digits, with dashes and underscores between them."
)


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def stored(database: Database) -> t.Any:
    return scalar(database, "SELECT username FROM userkit_user")


def events(database: Database) -> list[t.Any]:
    found = "SELECT name FROM userkit_event WHERE name LIKE 'user.username.%' ORDER BY id"
    return column(database, found)


def row(visitor: Visitor) -> str:
    """Return the words of the row that is always there."""
    found = visitor.open("/account/").html.select_one(f"{SECTION} .userkit-item__row")
    assert found is not None
    return " ".join(found.get_text(" ").split())


@pytest.mark.usefixtures("backend")
def test_a_browser_is_led_back_to_the_page_which_says_so_once(
    site: Site, database: Database
) -> None:
    ready = FORMS["username"][1](site)
    assert row(ready.visitor) == "No username Add"
    answer = ready.send()
    assert answer.status == 303
    assert (answer.location or "").startswith("/account/?saved=")
    page = ready.visitor.open(answer.location or "")
    assert SAVED in page.words
    assert SAVED not in ready.visitor.open("/account/").words
    name = ready.data["username"]
    assert row(ready.visitor) == f"Username {name} Change"
    assert (stored(database), events(database)) == (name, ["user.username.updated"])


@pytest.mark.usefixtures("backend")
def test_it_is_removed_once_that_is_confirmed(site: Site, database: Database) -> None:
    ready = FORMS["removal of the username"][1](site)
    answer = ready.send()
    assert answer.status == 303
    assert REMOVED in ready.visitor.open(answer.location or "").words
    assert row(ready.visitor) == "No username Add"
    assert stored(database) is None
    assert events(database) == ["user.username.updated", "user.username.removed"]
    with pytest.raises(LookupError):
        ready.visitor.open(f"{USERNAME_CARD}.removal").form(REMOVAL)


@pytest.mark.usefixtures("backend")
def test_htmx_gets_the_section_and_what_changed_elsewhere(site: Site, database: Database) -> None:
    person = Person(first_name="", last_name="")
    visitor = site.signed_in(site.person(**vars(person)))
    form = visitor.open(USERNAME_CARD).form(URL)
    answer = request(visitor.client, "POST", URL, form.filled({"username": "Ada"}, None), HTMX)
    assert answer.status == 422
    answer = request(visitor.client, "POST", URL, form.filled({"username": "Ada1"}, None), HTMX)
    assert answer.status == 200
    first, *others = answer.html.find_all(True, recursive=False)
    assert first["id"] == "userkit-username"
    assert first.select_one("form") is None
    swaps = {str(tag["hx-swap-oob"]): tag.get_text() for tag in others}
    assert swaps["innerHTML:[data-userkit-status]"] == SAVED
    assert swaps["innerHTML:[data-userkit-name]"] == "Ada1"
    assert json.loads(answer.header("HX-Trigger") or "") == {"userkit:user-updated": {}}
    form = visitor.open(f"{USERNAME_CARD}.removal").form(REMOVAL)
    answer = request(visitor.client, "POST", REMOVAL, dict(form.values), HTMX)
    assert answer.status == 200
    swapped = {str(tag.get("hx-swap-oob")): tag.get_text() for tag in answer.html.find_all("span")}
    assert swapped["innerHTML:[data-userkit-status]"] == REMOVED
    assert swapped["innerHTML:[data-userkit-name]"] == person.email_address
    assert stored(database) is None


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("ada", "A username has 4 to 64 characters."),
        ("ada lovelace", CHARACTERS),
        ("1815", "A username has one letter or more."),
        ("Adm1n", "This username is reserved. Choose another one."),
        ("BEA_1815", "This username is taken."),
        ("", "Enter a username."),
    ],
)
def test_a_refused_username_is_told_at_its_field_and_stays_typed(
    site: Site, database: Database, headers: dict[str, str], typed: str, told: str
) -> None:
    site.person(username="bea_1815")
    ready = FORMS["username"][1](site)
    page = ready.send({**ready.data, "username": typed}, **headers)
    assert (page.status, page.alerts) == (422, [told])
    assert (page.html.find("html") is None) == bool(headers)
    assert page.form(URL).values["username"] == typed
    field = page.html.select_one(f"{SECTION} [name=username]")
    assert field is not None
    assert field["aria-invalid"] == "true"
    assert field.has_attr("autofocus")
    assert page.header("HX-Trigger") is None
    assert column(database, "SELECT username FROM userkit_user WHERE username IS NOT NULL") == [
        "bea_1815"
    ]


def test_the_field_is_one_that_a_password_manager_knows(site: Site) -> None:
    visitor = site.signed_in(site.person(username="ada_1815"))
    field = visitor.open(USERNAME_CARD).html.select_one(f"{SECTION} [name=username]")
    assert field is not None
    wanted = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
    assert {name: field[name] for name in wanted} == wanted
    assert field["value"] == "ada_1815"


def test_no_text_is_a_fault_or_runs(site: Site, database: Database) -> None:
    ready = FORMS["username"][1](site)
    for name, value in TEXTS.items():
        body = encode({**ready.data, "username": value})
        page = ready.post(body, "application/x-www-form-urlencoded", **HTMX)
        assert page.status == 422, name
        assert len(page.alerts) == 1, name
        assert injected(page) == [], name
    assert stored(database) is None


def test_saved_empty_it_is_removed_where_it_is_optional(site: Site, database: Database) -> None:
    ready = FORMS["removal of the username"][1](site)
    form = ready.visitor.open(USERNAME_CARD).form(URL)
    page = request(ready.visitor.client, "POST", URL, form.filled({"username": " "}, None))
    assert page.status == 303
    assert REMOVED in ready.visitor.open(page.location or "").words
    assert stored(database) is None


def test_what_is_not_sent_stays(site: Site, database: Database) -> None:
    ready = FORMS["removal of the username"][1](site)
    before = stored(database)
    assert request(ready.visitor.client, "POST", URL, {TOKEN: ready.data[TOKEN]}).status == 303
    assert stored(database) == before


def without_address(site: Site) -> Visitor:
    """Return a browser of somebody who signs in by username alone."""
    person = Person(username="ada_1815")
    with site.app.app_context():
        site.kit.users.create_user(
            username="ada_1815", password=person.password, skip_password_checks=True
        )
    visitor = site.visitor()
    visitor.open("/account/sign-in")
    visitor.submit("/sign-in", identifier="ada_1815", password=person.password)
    return visitor


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_the_only_way_to_sign_in_stays_and_that_is_told_before_the_click(
    site: Site, database: Database, headers: dict[str, str]
) -> None:
    visitor = without_address(site)
    page = visitor.open(USERNAME_CARD)
    assert "This is your only way to sign in" in page.words
    with pytest.raises(LookupError):
        page.form(REMOVAL)
    token = page.form(URL).values[TOKEN]
    page = request(visitor.client, "POST", REMOVAL, {TOKEN: token}, headers)
    assert page.status == 400
    assert page.alerts == []
    assert "This is your only way to sign in" in page.words
    assert stored(database) == "ada_1815"


def test_where_it_is_required_it_can_only_be_changed(make_app: MakeApp, database: Database) -> None:
    site = open_site(make_app, USERKIT_USERNAME="required")
    visitor = site.signed_in(site.person(username="ada_1815"))
    page = visitor.open(USERNAME_CARD)
    assert "Remove username" not in page.words
    token = page.form(URL).values[TOKEN]
    with pytest.raises(LookupError):
        visitor.open(f"{USERNAME_CARD}.removal").form(REMOVAL)
    assert request(visitor.client, "POST", REMOVAL, {TOKEN: token}).status == 400
    page = request(visitor.client, "POST", URL, {TOKEN: token, "username": ""})
    assert (page.status, page.alerts) == (422, ["Enter a username."])
    assert stored(database) == "ada_1815"


def test_a_stale_form_of_removal_comes_back_open(site: Site, database: Database) -> None:
    ready = FORMS["removal of the username"][1](site)
    before = stored(database)
    page = ready.send({**ready.data, TOKEN: "stale"}, **HTMX)
    assert page.status == 422
    assert len(page.alerts) == 1
    (card,) = page.html.select(f"{SECTION} form")
    assert card.select_one("[role=alert]") is not None
    assert stored(database) == before
    again = request(ready.visitor.client, "POST", REMOVAL, dict(page.form(REMOVAL).values))
    assert again.status == 303


@pytest.mark.parametrize("setting", ["off", "locked"])
def test_immutable_username_is_read_only_or_hidden_when_empty(
    make_app: MakeApp, database: Database, setting: str
) -> None:
    site = open_site(make_app, USERKIT_USERNAME=setting)
    nobody = site.signed_in().open("/account/")
    assert nobody.html.select_one(SECTION) is None
    visitor = site.signed_in(site.person(username="ada_1815"))
    page = visitor.open(USERNAME_CARD)
    section = page.html.select_one(SECTION)
    assert (section is not None) == (setting == "locked")
    if section is not None:
        assert section.select("form, details, a, button, input") == []
        assert row(visitor) == "Username ada_1815"
    token = page.form("/sign-out").values[TOKEN]
    for url in (URL, REMOVAL):
        for headers in ({}, HTMX):
            data = {TOKEN: token, "username": "countess"}
            assert request(visitor.client, "POST", url, data, headers).status == 403
    assert "ada_1815" in column(database, "SELECT username FROM userkit_user")
    assert "username" not in site.visitor().open("/account/sign-up").form("/sign-up").names


def test_asking_which_names_are_taken_ends_soon(make_app: MakeApp) -> None:
    limits = {"USERKIT_RATE_LIMITS": UNLIMITED | {"username:account": "2/hour"}}
    site = open_site(make_app, **limits)
    site.person(username="bea_1815")
    ready = FORMS["username"][1](site)

    def ask(ready: Ready) -> tuple[int, bool]:
        page = ready.send({**ready.data, "username": "bea_1815"})
        return page.status, page.header("Retry-After") is not None

    assert [ask(ready) for _ in range(4)] == [(422, False)] * 2 + [(429, True)] * 2
    assert ask(FORMS["username"][1](site)) == (422, False)


def test_a_reserved_name_is_refused_at_sign_up_as_well(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_USERNAME_RESERVED=["lovelace"])
    ready = FORMS["sign-up"][1](site)
    for name in ("adm1n", "LoveIace"):
        page = ready.send({**ready.data, "username": name})
        assert (page.status, page.alerts) == (
            422,
            ["This username is reserved. Choose another one."],
        )
        assert page.form("/sign-up").values["username"] == name
