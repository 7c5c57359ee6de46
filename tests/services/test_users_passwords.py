"""The password of a user: judged wherever it is set, and worth nothing once it is changed."""

from __future__ import annotations

import pytest

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_password
from tests.services.acts import sign_in
from tests.services.support import everything
from tests.services.support import identified
from tests.services.support import refused

GENERIC = "form_password_or_identifier_incorrect"
REFUSED = [
    ("kq7!x", "form_password_length_too_short"),
    ("x" * 1025, "form_password_length_too_long"),
    ("\ud800" * 8, "form_param_format_invalid"),
    ("password123", "form_password_not_strong_enough"),
    ("shelf2026!", "form_password_matches_identifier"),
    ("lovelace-1815", "form_password_matches_identifier"),
    ("ada_writer1815", "form_password_matches_identifier"),
    ("countess99", "form_password_matches_identifier"),
]


@pytest.fixture
def app(make_app: MakeApp) -> object:
    return make_app(USERKIT_OUTBOX="worker", USERKIT_APP_NAME="Shelf")


def create(userkit: UserKit[User], password: str | None) -> User:
    return userkit.users.create_user(
        email_address=["countess@example.com"],
        username="ada_writer",
        last_name="Lovelace",
        password=password,
    )


@pytest.mark.parametrize(("password", "code"), REFUSED, ids=lambda value: ascii(value)[:20])
def test_a_password_that_is_easily_guessed_is_refused_at_creation(
    userkit: UserKit[User], kit: Kit, password: str, code: str
) -> None:
    with refused(code, "password"):
        create(userkit, password)
    assert set(everything(kit).values()) == {0}


@pytest.mark.parametrize(("password", "code"), REFUSED, ids=lambda value: ascii(value)[:20])
def test_a_password_that_is_easily_guessed_is_refused_at_a_change(
    userkit: UserKit[User], kit: Kit, password: str, code: str
) -> None:
    first = new_password()
    user = create(userkit, first)
    before = everything(kit)
    with refused(code, "password"):
        userkit.users.update_user(user.id, password=password, first_name="Augusta")
    with userkit.transaction(), refused(code, "password"):
        userkit.users.update_user(user.id, password=password, first_name="Augusta")
    assert everything(kit) == before
    assert userkit.users.get_user(user.id).first_name is None
    assert sign_in(userkit, "ada_writer", first).user_id == user.id


def test_an_app_may_take_any_password_that_can_be_verified(userkit: UserKit[User]) -> None:
    user = userkit.users.create_user(
        username="ada_writer", password="12345678", skip_password_checks=True
    )
    assert sign_in(userkit, "ada_writer", "12345678").user_id == user.id
    userkit.users.update_user(user.id, password="x", skip_password_checks=True)
    assert sign_in(userkit, "ada_writer", "x").user_id == user.id


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "form_password_length_too_short"),
        ("x" * 1025, "form_password_length_too_long"),
        ("\ud800", "form_param_format_invalid"),
    ],
    ids=ascii,
)
def test_no_app_may_set_one_that_could_never_be_verified(
    userkit: UserKit[User], password: str, code: str
) -> None:
    with refused(code, "password"):
        userkit.users.create_user(
            username="ada_writer", password=password, skip_password_checks=True
        )


@pytest.mark.usefixtures("backend")
def test_a_changed_password_ends_every_session_and_the_old_one(
    userkit: UserKit[User], kit: Kit, clock: Clock
) -> None:
    old, new = new_password(), new_password()
    user = create(userkit, old)
    tokens = [sign_in(userkit, "ada_writer", old).token for _ in range(3)]
    clock.tick(60)
    changed = userkit.users.update_user(user.id, password=new)
    assert changed.password_updated_at == clock()
    assert [identified(kit, token) for token in tokens] == [None] * 3
    with refused(GENERIC):
        sign_in(userkit, "ada_writer", old)
    assert sign_in(userkit, "ada_writer", new).user_id == user.id


def test_sessions_stay_where_the_app_asks_for_that(userkit: UserKit[User], kit: Kit) -> None:
    password = new_password()
    user = create(userkit, password)
    token = sign_in(userkit, "ada_writer", password).token
    userkit.users.update_user(user.id, password=new_password(), sign_out_of_other_sessions=False)
    assert identified(kit, token) == user.id


def test_other_changes_end_no_session(userkit: UserKit[User], kit: Kit) -> None:
    password = new_password()
    user = create(userkit, password)
    token = sign_in(userkit, "ada_writer", password).token
    userkit.users.update_user(user.id, first_name="Ada", username="ada_two")
    assert identified(kit, token) == user.id


def test_a_digest_of_weaker_parameters_is_replaced_at_sign_in(make_app: MakeApp) -> None:
    password = new_password()
    weak = make_app(USERKIT_OUTBOX="worker")
    with weak.app_context():
        user = create(weak.extensions["userkit"], password)
    strong = make_app(USERKIT_OUTBOX="worker", USERKIT_PASSWORD_HASH="default")
    with strong.app_context():
        userkit = strong.extensions["userkit"]
        assert userkit.kit.passwords.needs_rehash(user.password_digest)
        for _ in range(2):
            sign_in(userkit, "ada_writer", password)
        again = userkit.users.get_user(user.id)
        assert not userkit.kit.passwords.needs_rehash(again.password_digest)
