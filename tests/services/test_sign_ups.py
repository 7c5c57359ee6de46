"""Sign-up: a user exists once the address is proven, and not before."""

from __future__ import annotations

import typing as t

import pytest

from flask_userkit import UserKit
from flask_userkit.errors import FormErrors
from flask_userkit.models import EmailAddress
from flask_userkit.models import SignUp
from flask_userkit.models import User
from flask_userkit.services import sign_ups
from flask_userkit.services.applications import Application
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import begin_sign_up
from tests.services.acts import enter_sign_up_code
from tests.services.acts import sign_in
from tests.services.acts import sign_up
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import identified
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]


@pytest.fixture
def app(make_app: MakeApp) -> object:
    return make_app(USERKIT_OUTBOX="worker", USERKIT_USERNAME="optional")


@pytest.mark.usefixtures("backend")
def test_a_user_exists_once_the_code_was_entered(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, heard: list[str]
) -> None:
    password = new_password()
    token = begin_sign_up(
        userkit,
        "Ada@Example.com",
        password=password,
        username="Ada_1815",
        first_name=" Ada ",
        last_name="Lovelace",
        unsafe_metadata='{"theme": "dark 😀"}',
    )
    assert (count(kit, User), count(kit, EmailAddress)) == (0, 0)
    assert identified(kit, token) is None
    assert heard == ["sign_up.created"]
    clock.tick(120)
    signed_in = enter_sign_up_code(userkit, token, post.code("Ada@example.com"))
    assert identified(kit, signed_in.token) == signed_in.user_id
    assert identified(kit, token) is None
    user = userkit.users.get_user(signed_in.user_id)
    assert (user.username, user.full_name) == ("Ada_1815", "Ada Lovelace")
    assert user.unsafe_metadata == {"theme": "dark 😀"}
    assert (user.public_metadata, user.private_metadata) == ({}, {})
    assert user.primary_email_address is not None
    assert user.primary_email_address.email_address == "Ada@example.com"
    assert user.primary_email_address.verified_at == user.created_at == clock()
    assert count(kit, SignUp) == 0
    assert heard[1:] == ["user.created", "session.created"]
    assert sign_in(userkit, "ada_1815", password).user_id == user.id


@pytest.mark.usefixtures("backend")
def test_the_owner_of_a_taken_address_is_told_and_nobody_else(
    userkit: Kits, kit: Kit, post: Post, heard: list[str]
) -> None:
    ada = sign_up(userkit, post)
    before_free, sent = everything(kit), len(post.all())
    begin_sign_up(userkit, new_address())
    before_taken = everything(kit)
    heard.clear()
    token = begin_sign_up(userkit, ada.address.upper())
    after = everything(kit)
    for name in after.keys() - {"userkit_limit_hit"}:
        assert after[name] - before_taken[name] == before_taken[name] - before_free[name], name
    notice, code = post.all()[: len(post.all()) - sent]
    assert (notice.code, bool(code.code)) == (None, True)
    assert notice.to == ada.address.upper().replace("EXAMPLE.COM", "example.com")
    assert f"{kit.base_url}/account/sign-in" in notice.text
    assert heard == ["sign_up.refused"]
    attempt = sign_ups.pending_attempt(kit, token)
    assert attempt is not None
    for guess in ("000000", "123456"):
        with refused("form_code_incorrect", "code"):
            enter_sign_up_code(userkit, token, guess)
    assert count(kit, User) == 1


@pytest.mark.usefixtures("backend")
def test_who_proves_an_address_second_is_told_and_gets_nothing(
    userkit: Kits, kit: Kit, post: Post
) -> None:
    address = new_address()
    first, second = begin_sign_up(userkit, address), begin_sign_up(userkit, address.upper())
    newer, older = (mail.code for mail in post.all() if mail.code)
    enter_sign_up_code(userkit, first, str(older))
    before = everything(kit)
    with refused("form_identifier_exists", "email_address"):
        enter_sign_up_code(userkit, second, str(newer))
    assert everything(kit) == before
    assert identified(kit, second) is None


@pytest.mark.usefixtures("backend")
def test_a_username_that_was_taken_meanwhile_is_told(userkit: Kits, kit: Kit, post: Post) -> None:
    address = new_address()
    token = begin_sign_up(userkit, address, username="ada_1815")
    userkit.users.create_user(username="ADA_1815")
    with refused("form_identifier_exists", "username"):
        enter_sign_up_code(userkit, token, post.code(address))
    assert count(kit, User) == 1
    with refused("form_identifier_exists", "username"):
        begin_sign_up(userkit, new_address(), username="Ada_1815")


def test_everything_that_cannot_be_taken_is_told_at_once(userkit: Kits, kit: Kit) -> None:
    before = everything(kit)
    with pytest.raises(FormErrors) as caught:
        begin_sign_up(
            userkit,
            "ada",
            password="short",
            username="1",
            first_name="\0",
            last_name="x" * 101,
            unsafe_metadata="[]",
        )
    assert [(error.param, error.code) for error in caught.value.errors] == [
        ("email_address", "form_param_format_invalid"),
        ("username", "form_username_invalid_length"),
        ("first_name", "form_param_value_invalid"),
        ("last_name", "form_param_max_length_exceeded"),
        ("password", "form_password_length_too_short"),
        ("unsafe_metadata", "form_param_value_invalid"),
    ]
    assert everything(kit) == before


@pytest.mark.parametrize("password", ["ada_1815!", "lovelace99", "Augusta 1815", "grace2026"])
def test_ones_own_names_are_no_password(userkit: Kits, password: str) -> None:
    with refused("form_password_matches_identifier", "password"):
        begin_sign_up(
            userkit,
            "grace@example.com",
            password=password,
            username="ada_1815",
            first_name="Augusta",
            last_name="Lovelace",
        )


def test_beginning_again_replaces_what_was_begun(userkit: Kits, kit: Kit, post: Post) -> None:
    typo, right = new_address(), new_address()
    token = begin_sign_up(userkit, typo)
    assert begin_sign_up(userkit, right, token) == token
    assert [row.email_address for row in rows(kit, SignUp)] == [right]
    with refused("form_code_incorrect", "code"):
        enter_sign_up_code(userkit, token, post.code(typo))
    user = userkit.users.get_user(enter_sign_up_code(userkit, token, post.code(right)).user_id)
    assert [email.email_address for email in user.email_addresses] == [right]


def test_a_sign_up_waits_half_an_hour_for_its_codes(
    userkit: Kits, kit: Kit, clock: Clock, post: Post
) -> None:
    address = new_address()
    token = begin_sign_up(userkit, address)
    clock.tick(1799)
    with userkit.transaction() as db:
        sign_ups.deliver_code(db, token)
    assert enter_sign_up_code(userkit, token, post.code(address)).user_id
    late = begin_sign_up(userkit, new_address())
    clock.tick(1800)
    with refused("verification_expired"), userkit.transaction() as db:
        sign_ups.deliver_code(db, late)


SETTINGS: list[tuple[dict[str, t.Any], dict[str, str | None], str, str | None]] = [
    ({"SIGN_UP": False}, {}, "not_allowed_access", None),
    ({"PASSWORD": "required"}, {"password": None}, "form_param_nil", "password"),
    ({"USERNAME": "required"}, {}, "form_param_nil", "username"),
    ({"FIRST_NAME": "required"}, {"first_name": " "}, "form_param_nil", "first_name"),
    (
        {"PASSWORD_MIN_LENGTH": 15},
        {"password": "14 letters it!"},
        "form_password_length_too_short",
        "password",
    ),
]


@pytest.mark.parametrize(("settings", "given", "code", "param"), SETTINGS)
def test_settings_say_what_is_asked_for(
    make_app: MakeApp, settings: t.Any, given: t.Any, code: str, param: str | None
) -> None:
    app = make_app(**{f"USERKIT_{name}": value for name, value in settings.items()})
    with app.app_context(), refused(code, param):
        begin_sign_up(app.extensions["userkit"], new_address(), **given)


@pytest.mark.parametrize("password", [None, "", "anything at all"])
def test_where_passwords_are_off_none_is_stored(make_app: MakeApp, password: str | None) -> None:
    app = make_app(USERKIT_PASSWORD="off", USERKIT_LAST_NAME="off", USERKIT_OUTBOX="worker")
    with app.app_context():
        userkit = t.cast(Kits, app.extensions["userkit"])
        given = Application(
            email_address=new_address(), password=password, username="ada_1815", last_name="King"
        )
        with userkit.transaction() as db:
            token = sign_ups.create(db, None, given, return_to=None)
        code = Post(userkit.kit).code(given.email_address)
        user = userkit.users.get_user(enter_sign_up_code(userkit, token, code).user_id)
    assert (user.password_digest, user.username, user.last_name) == (None, None, None)


def test_a_taken_username_uses_up_no_messages_of_who_was_named(make_app: MakeApp) -> None:
    limits = {"message:address": "1/hour"}
    app = make_app(USERKIT_USERNAME="optional", USERKIT_RATE_LIMITS=limits, USERKIT_OUTBOX="worker")
    with app.app_context():
        userkit = t.cast(Kits, app.extensions["userkit"])
        userkit.users.create_user(username="ada_1815")
        address = new_address()
        for _ in range(2):
            with refused("form_identifier_exists", "username"):
                begin_sign_up(userkit, address, username="ada_1815")
        assert begin_sign_up(userkit, address, username="bea_1815")
