"""The story again, with what an app may switch on and off."""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.http.rows import scalar
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import sign_in_by_code
from tests.rig.people import sign_out
from tests.rig.people import sign_up
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.usefixtures("backend")


class Site(t.NamedTuple):
    """An app with its own settings, and a first visitor."""

    visitor: Visitor
    mailbox: Mailbox


@pytest.fixture
def open_site(make_app: MakeApp) -> t.Callable[..., Site]:
    def open_one(**settings: t.Any) -> Site:
        app = make_app(**settings)
        return Site(Visitor(app.test_client()), Mailbox(app.test_client()))

    return open_one


OpenSite = t.Callable[..., Site]


def metadata(database: Database, name: str) -> t.Any:
    """Return a column that PostgreSQL gives as JSON and the others as text."""
    value = scalar(database, f"SELECT {name} FROM userkit_user")
    return json.loads(value) if isinstance(value, str) else value


def test_a_username_signs_in_whatever_its_case(open_site: OpenSite) -> None:
    visitor, mailbox = open_site(USERKIT_USERNAME="optional")
    ada = sign_up(visitor, mailbox, Person(username="Ada_Lovelace"))
    sign_out(visitor)
    visitor.open("/account/sign-in?next=/members")
    visitor.submit("/sign-in", identifier="ada_LOVELACE", password=ada.password)
    assert visitor.page.url == "/members"
    assert "Ada_Lovelace" in visitor.page.words


def test_an_optional_username_may_be_left_out(open_site: OpenSite, database: Database) -> None:
    visitor, mailbox = open_site(USERKIT_USERNAME="optional")
    sign_up(visitor, mailbox)
    assert visitor.open("/account/").status == 200
    assert scalar(database, "SELECT username FROM userkit_user") is None


def test_a_required_username_may_not(open_site: OpenSite, database: Database) -> None:
    visitor, _mailbox = open_site(USERKIT_USERNAME="required")
    person = Person()
    visitor.open("/account/sign-up")
    visitor.submit("/sign-up", email_address=person.email_address, password=person.password)
    assert visitor.page.status == 422
    assert visitor.page.alerts == ["Enter a username."]
    assert scalar(database, "SELECT count(*) FROM userkit_sign_up") == 0


def test_a_taken_username_is_told_and_all_that_was_typed_stays(open_site: OpenSite) -> None:
    visitor, mailbox = open_site(USERKIT_USERNAME="optional")
    sign_up(visitor, mailbox, Person(username="lovelace"))
    sign_out(visitor)
    second = Person(username="LoveLace")
    visitor.open("/account/sign-up")
    visitor.submit(
        "/sign-up",
        email_address=second.email_address,
        username="LoveLace",
        password=second.password,
    )
    assert visitor.page.status == 422
    assert visitor.page.alerts == ["This username is taken."]
    form = visitor.page.form("/sign-up")
    assert form.values["email_address"] == second.email_address
    assert form.values["username"] == "LoveLace"


def test_metadata_that_an_app_sends_along_is_kept_with_the_user(
    open_site: OpenSite, database: Database
) -> None:
    visitor, mailbox = open_site()
    person = Person()
    visitor.open("/account/sign-up")
    typed = {"email_address": person.email_address, "password": person.password}
    data = visitor.page.form("/sign-up").filled(typed, None)
    data["unsafe_metadata"] = '{"plan": "größer 🚀"}'
    assert request(visitor.client, "POST", "/account/sign-up", data).status == 303
    visitor.open("/account/sign-up/verification")
    visitor.submit("/sign-up/verification", code=mailbox.wait(person.email_address).the_code)
    assert metadata(database, "unsafe_metadata") == {"plan": "größer 🚀"}
    assert metadata(database, "public_metadata") == {}
    assert metadata(database, "private_metadata") == {}


def test_without_passwords_the_form_has_no_such_field_and_a_code_signs_in(
    open_site: OpenSite, database: Database
) -> None:
    visitor, mailbox = open_site(USERKIT_PASSWORD="off")
    assert "password" not in visitor.open("/account/sign-up").form("/sign-up").names
    ada = sign_up(visitor, mailbox)
    sign_out(visitor)
    assert "password" not in visitor.open("/account/sign-in").form("/sign-in").names
    sign_in_by_code(visitor, mailbox, ada)
    assert visitor.open("/members").status == 200
    assert visitor.page.url == "/members"
    assert scalar(database, "SELECT password_digest FROM userkit_user") is None


def test_without_passwords_one_that_is_sent_anyway_is_refused(
    open_site: OpenSite, database: Database
) -> None:
    visitor, mailbox = open_site(USERKIT_PASSWORD="off")
    ada = sign_up(visitor, mailbox)
    sign_out(visitor)
    form = visitor.open("/account/sign-in").form("/sign-in")
    data = {**form.values, "identifier": ada.email_address, "password": ada.password}
    assert request(visitor.client, "POST", "/account/sign-in", data).status == 403
    assert visitor.open("/whoami").json == {"user_id": None}
    assert scalar(database, "SELECT count(*) FROM userkit_session WHERE status = 'active'") == 0


def test_an_optional_password_may_be_left_out_and_is_then_no_way_in(open_site: OpenSite) -> None:
    visitor, mailbox = open_site(USERKIT_PASSWORD="optional")
    ada = Person()
    visitor.open("/account/sign-up")
    visitor.submit("/sign-up", email_address=ada.email_address)
    visitor.submit("/sign-up/verification", code=mailbox.wait(ada.email_address).the_code)
    assert visitor.open("/members").url == "/members"
    sign_out(visitor)
    visitor.open("/account/sign-in")
    for password in ("x", "None", ada.password):
        page = visitor.submit("/sign-in", identifier=ada.email_address, password=password)
        assert page.status == 422
    sign_in_by_code(visitor, mailbox, ada)
    assert visitor.open("/members").url == "/members"


def test_without_codes_the_form_offers_none_and_one_that_is_asked_for_is_refused(
    open_site: OpenSite, database: Database
) -> None:
    visitor, mailbox = open_site(USERKIT_EMAIL_CODE_SIGN_IN=False)
    ada = sign_up(visitor, mailbox)
    sign_out(visitor)
    form = visitor.open("/account/sign-in").form("/sign-in")
    assert form.buttons == ()
    data = {**form.values, "identifier": ada.email_address, "strategy": "email_code"}
    assert request(visitor.client, "POST", "/account/sign-in", data).status == 403
    assert scalar(database, "SELECT count(*) FROM userkit_sign_in") == 0


def test_names_that_are_required_are_asked_for_and_shown(open_site: OpenSite) -> None:
    visitor, mailbox = open_site(USERKIT_FIRST_NAME="required", USERKIT_LAST_NAME="required")
    ada = sign_up(visitor, mailbox)
    assert ada.full_name in visitor.open("/").words
    visitor.open("/account/?edit=profile")
    page = visitor.submit("/account/profile", first_name="  ", last_name="Byron")
    assert page.status == 422
    assert page.alerts == ["Enter your first name."]
    assert page.form("/account/profile").values["last_name"] == "Byron"


def test_a_closed_sign_up_tells_so_and_leaves_no_row(
    open_site: OpenSite, database: Database
) -> None:
    visitor, _mailbox = open_site(USERKIT_SIGN_UP=False)
    assert visitor.open("/account/sign-in").html.select_one("a[href*='sign-up']") is None
    person = Person()
    page = visitor.open("/account/sign-up")
    assert page.status == 403
    assert "Nobody can sign up here." in page.words
    visitor.open("/account/sign-in")
    token = visitor.page.form("/sign-in").values["userkit_csrf"]
    data = {"userkit_csrf": token, "email_address": person.email_address}
    assert request(visitor.client, "POST", "/account/sign-up", data).status == 403
    assert scalar(database, "SELECT count(*) FROM userkit_sign_up") == 0
