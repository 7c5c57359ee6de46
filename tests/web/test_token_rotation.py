"""A token known before a change of who is there is worth nothing after it."""

from __future__ import annotations

import pytest

from flask_userkit import UserKit
from tests.http.cookies import plant
from tests.http.cookies import token_of
from tests.http.cookies import user_with
from tests.http.rows import scalar
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeVisitor
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import begin_sign_up
from tests.rig.people import new_password
from tests.rig.people import sign_in
from tests.rig.people import sign_out
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.usefixtures("backend")
PLANTED = "p" * 43


def test_sign_up_gives_a_new_token(visitor: Visitor, mailbox: Mailbox) -> None:
    person = Person()
    begin_sign_up(visitor, person)
    before = token_of(visitor)
    assert before is not None
    visitor.submit("/sign-up/verification", code=mailbox.wait(person.email_address).the_code)
    after = token_of(visitor)
    assert after not in (None, before)
    assert user_with(visitor.client, after) is not None
    assert user_with(visitor.client, before) is None


def test_sign_in_by_a_code_gives_a_new_token(
    make_visitor: MakeVisitor, ada: Person, mailbox: Mailbox
) -> None:
    visitor = make_visitor()
    visitor.open("/account/sign-in")
    email_me = ("strategy", "email_code")
    visitor.submit("/sign-in", button=email_me, identifier=ada.email_address)
    before = token_of(visitor)
    assert before is not None
    visitor.submit("/sign-in/verification", code=mailbox.wait(ada.email_address).the_code)
    assert token_of(visitor) not in (None, before)
    assert user_with(visitor.client, token_of(visitor)) is not None
    assert user_with(visitor.client, before) is None


def test_a_planted_token_is_not_taken_over(make_visitor: MakeVisitor, ada: Person) -> None:
    visitor = make_visitor()
    plant(visitor, PLANTED)
    sign_in(visitor, ada)
    assert token_of(visitor) not in (None, PLANTED)
    assert user_with(visitor.client, PLANTED) is None


def test_a_token_of_someone_elses_unfinished_sign_in_is_dead_once_it_is_used(
    make_visitor: MakeVisitor, ada: Person
) -> None:
    thief, victim = make_visitor(), make_visitor()
    thief.open("/account/sign-in")
    thief.submit("/sign-in", button=("strategy", "email_code"), identifier="thief@example.com")
    planted = token_of(thief)
    assert planted is not None
    plant(victim, planted)
    sign_in(victim, ada)
    assert user_with(victim.client, token_of(victim)) is not None
    assert user_with(thief.client, planted) is None


def test_sign_in_in_place_of_another_ends_the_other(
    visitor: Visitor, ada: Person, database: Database
) -> None:
    before = token_of(visitor)
    token = visitor.open("/").form("/sign-out").values["userkit_csrf"]
    answer = visitor.client.post(
        "/account/sign-in",
        data={
            "userkit_csrf": token,
            "identifier": ada.email_address,
            "password": ada.password,
        },
    )
    assert answer.status_code == 303
    assert token_of(visitor) != before
    assert user_with(visitor.client, before) is None
    assert scalar(database, "SELECT count(*) FROM userkit_session WHERE status = 'active'") == 1
    assert scalar(database, "SELECT count(*) FROM userkit_session WHERE status = 'replaced'") == 1


def test_sign_out_kills_the_token_for_every_kind_of_caller(visitor: Visitor, ada: Person) -> None:
    kept = token_of(visitor)
    assert user_with(visitor.client, kept) is not None
    sign_out(visitor)
    assert token_of(visitor) is None
    assert user_with(visitor.client, kept) is None
    assert kept is not None
    plant(visitor, kept)
    for headers in ({}, {"HX-Request": "true"}, {"Accept": "application/json"}):
        answer = visitor.client.get("/account/", headers=headers)
        assert answer.status_code in (303, 401), headers
        assert ada.email_address not in answer.text


def test_a_change_of_password_kills_every_token(
    visitor: Visitor, ada: Person, userkit: UserKit, make_visitor: MakeVisitor
) -> None:
    second = make_visitor()
    sign_in(second, ada)
    tokens = [token_of(visitor), token_of(second)]
    user_id = user_with(visitor.client, tokens[0])
    assert user_id is not None
    userkit.users.update_user(user_id, password=new_password())
    for token in tokens:
        assert token is not None
        assert user_with(visitor.client, token) is None
    assert sign_in(second, ada).status == 422


def test_a_signed_out_browser_signs_in_again_with_yet_another_token(
    visitor: Visitor, ada: Person
) -> None:
    seen = {token_of(visitor)}
    for _ in range(3):
        sign_out(visitor)
        sign_in(visitor, ada)
        seen.add(token_of(visitor))
    assert len(seen) == 4
    assert None not in seen
