"""The name: changed with and without JavaScript, told everywhere it stands."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from tests.http.rows import column
from tests.http.rows import scalar
from tests.http.site import FORMS
from tests.http.site import NAME_CARD
from tests.http.site import TOKEN
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp

HTMX = {"HX-Request": "true"}
URL = "/account/profile"


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def names(database: Database) -> tuple[str | None, str | None]:
    return (
        scalar(database, "SELECT first_name FROM userkit_user"),
        scalar(database, "SELECT last_name FROM userkit_user"),
    )


@pytest.mark.usefixtures("backend")
def test_a_browser_is_led_back_to_the_page_which_says_so_once(
    site: Site, database: Database
) -> None:
    ready = FORMS["name"][1](site)
    answer = ready.send()
    assert (answer.status, answer.location) == (303, "/account/?saved=profile")
    page = ready.visitor.open("/account/?saved=profile")
    assert "Your name is saved." in page.words
    assert "Your name is saved." not in ready.visitor.open("/account/").words
    assert names(database) == ("Augusta", "King")


@pytest.mark.usefixtures("backend")
def test_htmx_gets_the_section_and_what_changed_elsewhere(site: Site, database: Database) -> None:
    ready = FORMS["name"][1](site)
    answer = ready.send(None, **HTMX)
    assert answer.status == 200
    assert answer.html.find("html") is None
    first, *others = answer.html.find_all(True, recursive=False)
    assert first["id"] == "userkit-profile"
    assert first.select_one("form") is None
    swaps = {str(tag["hx-swap-oob"]): tag.get_text() for tag in others}
    assert swaps == {
        "innerHTML:[data-userkit-status]": "Your name is saved.",
        "innerHTML:[data-userkit-name]": "Augusta King",
        "innerHTML:[data-userkit-identifier]": scalar(
            database, "SELECT email_address FROM userkit_email_address"
        ),
        "innerHTML:[data-userkit-avatar]": "AK",
    }
    assert json.loads(answer.header("HX-Trigger") or "") == {"userkit:user-updated": {}}
    assert names(database) == ("Augusta", "King")


def test_the_answer_opens_and_is_saved_again(site: Site, database: Database) -> None:
    ready = FORMS["name"][1](site)
    answer = ready.send(None, **HTMX)
    (opener,) = answer.html.select("#userkit-profile a")
    page = request(ready.visitor.client, "GET", str(opener["hx-get"]), headers=HTMX)
    assert page.html.select(str(opener["hx-select"])), "the link takes the section out of this"
    form = page.form(URL)
    data = form.filled({"first_name": "Byron", "last_name": ""}, None)
    assert request(ready.visitor.client, "POST", URL, data, HTMX).status == 200
    assert names(database) == ("Byron", None)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_refused_name_is_told_at_its_field_and_nothing_is_saved(
    site: Site, database: Database, headers: dict[str, str]
) -> None:
    ready = FORMS["name"][1](site)
    before = names(database)
    long = "x" * 101
    page = ready.send({**ready.data, "last_name": long}, **headers)
    assert page.status == 422
    assert page.alerts == ["The last name has up to 100 characters."]
    assert (page.html.find("html") is None) == bool(headers)
    form = page.form(URL)
    assert (form.values["first_name"], form.values["last_name"]) == ("Augusta", long)
    field = page.html.select_one("[name=last_name]")
    assert field is not None
    assert field["aria-invalid"] == "true"
    assert page.form(URL).values[TOKEN]
    assert names(database) == before
    assert page.header("HX-Trigger") is None


def test_several_refusals_are_told_at_once(site: Site) -> None:
    ready = FORMS["name"][1](site)
    page = ready.send({**ready.data, "first_name": "x" * 101, "last_name": "\x00"})
    fields = page.html.select(".userkit-field__error")
    assert [tag.get_text(strip=True) for tag in fields] == [
        "The first name has up to 100 characters.",
        "The last name is one line of ordinary characters.",
    ]
    for link in page.html.select(".userkit-alert__list a"):
        assert page.html.find(id=str(link["href"]).removeprefix("#")) is not None


def test_a_field_that_is_not_sent_stays_as_it_is(site: Site, database: Database) -> None:
    ready = FORMS["name"][1](site)
    data = {TOKEN: ready.data[TOKEN], "first_name": "Only"}
    assert ready.send(data).status == 303
    assert names(database) == ("Only", "Lovelace")


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("known", [True, False], ids=["named", "nameless"])
def test_of_two_tabs_each_saves_what_was_typed_in_it(
    site: Site, database: Database, headers: dict[str, str], known: bool
) -> None:
    ready = FORMS["name"][1](site)
    if not known:
        ready.send({**ready.data, "first_name": "", "last_name": ""})
    one, other = (ready.visitor.open(NAME_CARD).form(URL) for _tab in range(2))
    for tab, typed in ((one, {"first_name": "Augusta"}), (other, {"last_name": "King"})):
        data = tab.filled(typed, None)
        assert request(ready.visitor.client, "POST", URL, data, headers).status in (200, 303)
    assert names(database) == ("Augusta", "King")


def test_a_refused_form_still_knows_what_was_there_before(site: Site, database: Database) -> None:
    ready = FORMS["name"][1](site)
    one, other = (ready.visitor.open(NAME_CARD).form(URL) for _tab in range(2))
    client = ready.visitor.client
    refused = request(client, "POST", URL, other.filled({"last_name": "x" * 300}, None))
    assert refused.status == 422
    request(client, "POST", URL, one.filled({"first_name": "Augusta"}, None))
    request(client, "POST", URL, refused.form(URL).filled({"last_name": "King"}, None))
    assert names(database) == ("Augusta", "King")


def test_an_empty_name_that_is_asked_for_is_refused_though_nobody_touched_it(
    make_app: MakeApp,
) -> None:
    site = open_site(make_app)
    ready = FORMS["name"][1](site)
    ready.send({**ready.data, "last_name": ""})
    with site.app.app_context():
        object.__setattr__(site.kit.kit.config, "last_name", "required")
    form = ready.visitor.open(NAME_CARD).form(URL)
    page = request(ready.visitor.client, "POST", URL, form.filled({"first_name": "Ada"}, None))
    assert page.status == 422
    assert "Enter your last name." in page.words


def test_a_field_that_is_switched_off_is_not_there_and_not_taken(
    make_app: MakeApp, database: Database
) -> None:
    site = open_site(make_app, USERKIT_LAST_NAME="off")
    visitor = site.signed_in()
    form = visitor.open(NAME_CARD).form(URL)
    assert "last_name" not in form.names
    data = {**form.filled({"first_name": "Augusta"}, None), "last_name": "Sneaked"}
    assert request(visitor.client, "POST", URL, data).status in (303, 403)
    assert names(database)[1] == "Lovelace"


def test_a_change_is_on_the_record_with_who_made_it(site: Site, database: Database) -> None:
    ready = FORMS["name"][1](site)
    ready.send()
    found = column(database, "SELECT actor_id FROM userkit_event WHERE name = 'user.updated'")
    assert found == [scalar(database, "SELECT id FROM userkit_user")]


def test_the_form_opens_by_its_address_without_a_script(site: Site) -> None:
    visitor = site.signed_in()
    (opener,) = visitor.open("/account/").html.select("#userkit-profile a")
    assert opener["href"] == NAME_CARD
    page = visitor.open(NAME_CARD)
    (first,) = page.html.select("[autofocus]:not([popover])")
    assert first["name"] == "first_name"
    (cancel,) = page.html.select("#userkit-profile a")
    assert (cancel["href"], cancel["id"]) == ("/account/", opener["id"])


@pytest.mark.parametrize("edit", ["", ".", "..", "profil", "profile.x.y.z", "username", "\x00"])
def test_a_card_that_is_not_there_opens_nothing_else(site: Site, edit: str) -> None:
    page = site.signed_in().open(f"/account/?edit={quote(edit)}")
    assert page.status == 200
    assert ("profile" in edit.split(".")) == any(form.action == URL for form in page.forms)


def test_a_session_that_ended_meanwhile_takes_the_whole_page_to_sign_in(site: Site) -> None:
    ready = FORMS["name"][1](site)
    with site.app.app_context():
        (user,) = site.kit.users.get_user_list().data
        site.kit.users.ban_user(user.id)
    answer = ready.send(None, **HTMX, **{"HX-Current-URL": "http://localhost/account/"})
    assert answer.status == 401
    assert answer.header("HX-Redirect") == "/account/sign-in?next=/account/"
    answer = ready.send()
    assert (answer.status, answer.location) == (303, "/account/sign-in")
