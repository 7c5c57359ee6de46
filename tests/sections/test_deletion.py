"""Delete account: what is typed, proven and refused, and how it ends."""

from __future__ import annotations

import pytest

from flask_userkit import UserKitError
from flask_userkit.models import User
from tests.http.cookies import token_of
from tests.http.rows import scalar
from tests.http.site import FORMS
from tests.http.site import SECURITY
from tests.http.site import Ready
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import sign_in
from tests.rig.people import sign_up

HTMX = {"HX-Request": "true"}
SECTION = "#userkit-deletion"
CARD = f"{SECURITY}?edit=deletion"
URL = "/account/deletion"
PEOPLE = "SELECT count(*) FROM userkit_user"


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


@pytest.fixture
def ready(site: Site) -> Ready:
    """Somebody about to delete their account."""
    return FORMS["deletion of the account"][1](site)


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_it_ends_where_sign_out_leads_with_no_cookie(
    site: Site, database: Database, ready: Ready, headers: dict[str, str]
) -> None:
    token = token_of(ready.visitor)
    answer = ready.send(None, **headers)
    where = (answer.status, answer.location, answer.header("HX-Redirect"))
    assert where == ((200, None, "/") if headers else (303, "/", None))
    assert answer.header("Clear-Site-Data") == '"cache"'
    assert answer.body.strip() == b"" or not headers
    for name in ("userkit=", "userkit-device="):
        (cookie,) = [value for value in answer.cookies if value.startswith(name)]
        assert cookie.startswith(f"{name};"), cookie
        assert "Max-Age=0" in cookie
    assert scalar(database, PEOPLE) == 0
    old = site.visitor()
    page = request(old.client, "GET", "/whoami", None, {"Cookie": f"userkit={token}"})
    assert page.json == {"user_id": None}


def test_every_browser_of_theirs_is_nobodys_at_its_next_request(site: Site) -> None:
    ada = site.person()
    browsers = [site.signed_in(ada) for _ in range(3)]
    browsers[0].open(CARD)
    browsers[0].submit(URL, confirmation="Delete account", follow=False)
    for browser in browsers:
        assert browser.open("/whoami").json == {"user_id": None}
        program = request(browser.client, "GET", "/account/", None, {"Accept": "application/json"})
        assert program.status == 401
    assert sign_in(site.visitor(), ada).status == 422
    assert "deleted" in site.mailbox.wait(ada.email_address).subject
    again = site.visitor()
    sign_up(again, site.mailbox, ada)
    assert again.open("/whoami").json["user_id"] is not None


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("typed", ["", "delete", "DELETE ACCOUNT"])
def test_another_phrase_is_told_at_its_field_and_stays_typed(
    database: Database, ready: Ready, headers: dict[str, str], typed: str
) -> None:
    page = ready.send({**ready.data, "confirmation": typed}, **headers)
    assert (page.status, page.alerts) == (422, ["Type “Delete account”, as it is written here."])
    field = page.html.select_one(f"{SECTION} [name=confirmation]")
    assert field is not None
    assert field["aria-invalid"] == "true"
    assert field.get("value", "") == typed
    assert scalar(database, PEOPLE) == 1


def test_it_says_what_goes_and_what_is_to_be_typed(site: Site) -> None:
    ada = site.person()
    visitor = site.signed_in(ada)
    assert "?edit=deletion" in str(visitor.open(SECURITY).html.select_one(f"{SECTION} a"))
    page = visitor.open(CARD)
    section = page.html.select_one(SECTION)
    assert section is not None
    words = " ".join(section.get_text(" ").split())
    assert "This cannot be undone." in words
    assert f"{ada.email_address} becomes free for a new account" in words
    assert "Type Delete account to go on" in words
    field = page.html.select_one(f"{SECTION} [name=confirmation]")
    assert field is not None
    wanted = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
    assert {name: field[name] for name in wanted} == wanted


def test_it_waits_until_the_sender_has_proven_who_they_are(site: Site, database: Database) -> None:
    ada = site.person()
    visitor = site.signed_in(ada)
    site.clock.tick(minutes=10)
    visitor.open(CARD)
    page = visitor.submit(URL, confirmation="Delete account")
    assert page.status == 403
    assert scalar(database, PEOPLE) == 1
    page = visitor.submit(URL, password="not the password")
    assert (page.status, scalar(database, PEOPLE)) == (422, 1)
    page = visitor.submit(URL, password=ada.password, follow=False)
    assert (page.status, page.location) == (303, "/")
    assert scalar(database, PEOPLE) == 0


def test_what_the_app_has_against_it_is_told_at_the_form(
    site: Site, database: Database, ready: Ready
) -> None:
    @site.kit.before_user_deletion
    def keep(user: User) -> None:
        raise UserKitError("Give the book back first.", code="books_lent")

    for headers in ({}, HTMX):
        page = ready.send(None, **headers)
        assert (page.status, page.alerts) == (400, ["Give the book back first."])
        assert page.form(URL).values["confirmation"] == "Delete account"
    assert scalar(database, PEOPLE) == 1


def test_who_may_not_has_no_such_section(site: Site, database: Database, ready: Ready) -> None:
    with site.app.app_context():
        (user,) = site.kit.users.get_user_list().data
        site.kit.users.update_user(user.id, delete_self_enabled=False)
    assert ready.visitor.open(CARD).html.select_one(SECTION) is None
    page = ready.send(None, Accept="application/json")
    assert page.status == 403
    assert scalar(database, PEOPLE) == 1


def test_where_nobody_may_there_is_none(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_DELETE_SELF=False)
    visitor = site.signed_in()
    page = visitor.open(SECURITY)
    assert page.html.select_one(SECTION) is None
    form = page.form("/data-exports")
    data = {**form.values, "confirmation": "Delete account"}
    assert request(visitor.client, "POST", URL, data).status == 403
