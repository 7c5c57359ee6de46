"""Sign-up by phone number, or by either of the two: what settings ask for, and what is proven."""

from __future__ import annotations

import pytest

from flask_userkit import UserKit
from flask_userkit.errors import FormErrors
from flask_userkit.models import Event
from flask_userkit.models import OutboxMessage
from flask_userkit.models import PhoneNumber
from flask_userkit.models import Session
from flask_userkit.models import SignUp
from flask_userkit.models import User
from flask_userkit.services.applications import identifiers_asked
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.rig.people import new_number
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import begin_sign_up
from tests.services.acts import enter_sign_up_code
from tests.services.acts import sign_in
from tests.services.phone_apps import ADA
from tests.services.phone_apps import UNREACHABLE
from tests.services.phone_apps import asking_for
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import identified
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
EMAIL, PHONE = "email_address", "phone_number"
PREMIUM, FOREIGN = "not_allowed_access", "unsupported_country_code"
NO_NUMBER = "form_param_format_invalid"

on_each_database = pytest.mark.usefixtures("backend")


@pytest.mark.parametrize(
    ("email_address", "phone_number", "names", "all_of_them"),
    [
        ("required", "off", [EMAIL], True),
        ("required", "locked", [EMAIL], True),
        ("required", "optional", [EMAIL], True),
        ("required", "required", [EMAIL, PHONE], True),
        ("optional", "off", [EMAIL], True),
        ("optional", "locked", [EMAIL], True),
        ("optional", "optional", [EMAIL, PHONE], False),
        ("optional", "required", [PHONE], True),
        ("off", "optional", [PHONE], True),
        ("off", "required", [PHONE], True),
        ("locked", "optional", [PHONE], True),
        ("locked", "required", [PHONE], True),
        ("locked", "locked", [EMAIL], True),
    ],
)
def test_settings_say_what_is_asked_for_and_nothing_else_is_taken(
    make_app: MakeApp, email_address: str, phone_number: str, names: list[str], all_of_them: bool
) -> None:
    with asking_for(make_app, email_address, phone_number).app_context() as context:
        userkit: Kits = context.app.extensions["userkit"]
        kinds, every = identifiers_asked(userkit.kit.config)
        assert ([kind.name for kind in kinds], every) == (names, all_of_them)
        given = {EMAIL: new_address(), PHONE: new_number()}
        begin_sign_up(userkit, given[EMAIL], phone_number=given[PHONE])
        (row,) = rows(userkit.kit, SignUp)
        # Where one will do, the first that was given.
        wanted = names if all_of_them else names[:1]
        assert [name for name in given if getattr(row, name)] == wanted
        with pytest.raises(FormErrors) as caught:
            begin_sign_up(userkit, "")
        assert [(error.param, error.code) for error in caught.value.errors] == [
            (name, "form_param_nil") for name in wanted
        ]


@on_each_database
@pytest.mark.parametrize(
    ("email_address", "phone_number"),
    [("off", "required"), ("locked", "required"), ("optional", "optional"), ("off", "optional")],
)
def test_a_number_alone_makes_an_account(
    make_app: MakeApp, email_address: str, phone_number: str
) -> None:
    with asking_for(make_app, email_address, phone_number).app_context() as context:
        userkit: Kits = context.app.extensions["userkit"]
        kit, post, password = userkit.kit, Post(userkit.kit), new_password()
        token = begin_sign_up(
            userkit, "", phone_number="0151 23456789", country="DE", password=password
        )
        assert (count(kit, User), count(kit, PhoneNumber)) == (0, 0)
        (text,) = post.all()
        assert text.to == ADA
        assert text.code is not None
        with refused("form_code_incorrect", "code"):
            enter_sign_up_code(userkit, token, "000000")
        signed_in = enter_sign_up_code(userkit, token, text.code)
        user = userkit.users.get_user(signed_in.user_id)
        assert user.primary_phone_number is not None
        assert user.primary_phone_number.phone_number == ADA
        assert user.primary_phone_number.verified_at is not None
        assert (user.email_addresses, user.primary_email_address) == ([], None)
        assert [row.strategy for row in rows(kit, Session)] == ["phone_code"]
        assert (identified(kit, signed_in.token), identified(kit, token)) == (user.id, None)
        assert sign_in(userkit, ADA, password).user_id == user.id
        assert count(kit, SignUp) == 0


@pytest.mark.parametrize(
    ("number", "code"),
    [
        *zip(UNREACHABLE, [PREMIUM] * 3 + [FOREIGN, NO_NUMBER, NO_NUMBER], strict=True),
        ("+33612345678", FOREIGN),
        ("+1", NO_NUMBER),
        ("mobile", NO_NUMBER),
        (" ", "form_param_nil"),
    ],
)
def test_nothing_is_sent_or_counted_for_a_number_that_cannot_be_used(
    make_app: MakeApp, number: str, code: str
) -> None:
    app = asking_for(make_app, "off", "required", USERKIT_PHONE_NUMBER_COUNTRIES=["DE", "GB", "US"])
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        before = everything(userkit.kit)
        with pytest.raises(FormErrors) as caught:
            begin_sign_up(userkit, "", phone_number=number)
        assert [(error.param, error.code) for error in caught.value.errors] == [(PHONE, code)]
        assert everything(userkit.kit) == before
        begin_sign_up(userkit, ADA)
        assert [row.kind for row in rows(userkit.kit, OutboxMessage)] == ["sms", "decoy"]


@on_each_database
def test_of_two_who_prove_one_number_the_second_gets_nothing(
    make_app: MakeApp,
) -> None:
    app = asking_for(make_app, "off", "required")
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        post = Post(userkit.kit)
        first, second = begin_sign_up(userkit, ADA), begin_sign_up(userkit, ADA)
        newer, older = [text.code or "" for text in post.all() if text.code]
        enter_sign_up_code(userkit, first, older)
        before = everything(userkit.kit)
        with refused("form_identifier_exists", PHONE):
            enter_sign_up_code(userkit, second, newer)
        assert everything(userkit.kit) == before
        assert count(userkit.kit, Event, Event.name == "user.created") == 1
