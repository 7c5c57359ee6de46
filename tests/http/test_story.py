"""The whole story over HTTP: what a person does from sign-up to sign-out."""

from __future__ import annotations

import pytest

from tests.http.rows import scalar
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeVisitor
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import begin_sign_up
from tests.rig.people import sign_in
from tests.rig.people import sign_in_by_code
from tests.rig.people import sign_out
from tests.rig.people import sign_up
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.usefixtures("backend")


def test_sign_up_by_a_code_leads_to_where_it_was_asked_for(
    visitor: Visitor, mailbox: Mailbox
) -> None:
    visitor.open("/members")
    assert visitor.page.url == "/account/sign-in?next=/members"
    (link,) = visitor.page.html.select("main a[href*='sign-up']")
    visitor.open(str(link["href"]))
    person = Person()
    visitor.submit("/sign-up", email_address=person.email_address, password=person.password)
    assert visitor.page.url == "/account/sign-up/verification"
    assert person.email_address in visitor.page.words
    code = mailbox.wait(person.email_address).the_code
    visitor.submit("/sign-up/verification", code=code)
    assert visitor.page.url == "/members"
    assert visitor.page.status == 200


def test_no_user_exists_before_the_address_is_proven(
    visitor: Visitor, mailbox: Mailbox, database: Database
) -> None:
    person = Person()
    begin_sign_up(visitor, person)
    assert scalar(database, "SELECT count(*) FROM userkit_user") == 0
    visitor.submit("/sign-up/verification", code=mailbox.wait(person.email_address).the_code)
    assert scalar(database, "SELECT count(*) FROM userkit_user") == 1


def test_the_button_shows_who_is_signed_in_and_leads_to_the_account_page(
    ada: Person, visitor: Visitor
) -> None:
    page = visitor.open("/")
    button = page.html.select_one("header .userkit-user-button")
    assert button is not None
    assert ada.email_address in button.get_text()
    link = button.select_one("a[href='/account/']")
    assert link is not None
    page = visitor.open("/account/")
    assert page.status == 200
    assert page.html.select_one("#userkit-profile") is not None


def test_nobody_sees_the_button_and_a_link_to_sign_in_instead(visitor: Visitor) -> None:
    page = visitor.open("/")
    assert page.html.select_one(".userkit-user-button") is None
    assert page.html.select_one("header a[href='/account/sign-in']") is not None


def test_a_changed_name_is_on_the_account_page_and_in_the_button_of_every_page(
    ada: Person, visitor: Visitor
) -> None:
    visitor.open("/account/?edit=profile")
    page = visitor.submit("/account/profile", first_name="Ada", last_name="Lovelace")
    assert page.status == 200
    assert "Your name is saved." in page.words
    for url in ("/account/", "/"):
        names = visitor.open(url).html.select("header [data-userkit-name]")
        assert {name.get_text() for name in names} == {"Ada Lovelace"}


def test_sign_out_in_the_button_ends_what_the_browser_may_see(
    ada: Person, visitor: Visitor
) -> None:
    assert sign_out(visitor).url == "/"
    assert ada.email_address not in visitor.page.words
    assert visitor.open("/account/").url.startswith("/account/sign-in")
    assert visitor.open("/whoami").json == {"user_id": None}


def test_sign_in_by_password_is_the_same_person_again(ada: Person, visitor: Visitor) -> None:
    before = visitor.open("/whoami").json
    sign_out(visitor)
    page = sign_in(visitor, ada, next="/members")
    assert page.url == "/members"
    assert visitor.open("/whoami").json == before
    assert before["user_id"] is not None


def test_sign_in_by_a_code_is_the_same_person_again(
    ada: Person, visitor: Visitor, mailbox: Mailbox
) -> None:
    before = visitor.open("/whoami").json
    sign_out(visitor)
    sign_in_by_code(visitor, mailbox, ada)
    assert visitor.open("/whoami").json == before


def test_the_spelling_of_an_address_does_not_matter_at_sign_in(
    ada: Person, make_visitor: MakeVisitor
) -> None:
    other = make_visitor()
    other.open("/account/sign-in?next=/members")
    typed = f"  {ada.email_address.upper()} "
    page = other.submit("/sign-in", identifier=typed, password=ada.password)
    assert page.url == "/members"


def test_who_is_signed_in_already_is_led_past_sign_in_and_sign_up(
    ada: Person, visitor: Visitor
) -> None:
    assert visitor.open("/account/sign-in?next=/members").url == "/members"
    assert visitor.open("/account/sign-up?next=/members").url == "/members"


def test_two_people_in_two_browsers_are_two_people(
    ada: Person, visitor: Visitor, make_visitor: MakeVisitor, mailbox: Mailbox
) -> None:
    other = make_visitor()
    sign_up(other, mailbox)
    first, second = visitor.open("/whoami").json, other.open("/whoami").json
    assert first["user_id"] != second["user_id"]
    assert None not in (first["user_id"], second["user_id"])
