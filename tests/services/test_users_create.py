"""Users are created whole, or not at all."""

from __future__ import annotations

import typing as t

import pytest

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from flask_userkit.models import User
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.people import new_password
from tests.services.acts import sign_in
from tests.services.support import everything
from tests.services.support import refused
from tests.services.support import rows

pytestmark = pytest.mark.usefixtures("backend")
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def test_a_user_is_returned_with_all_that_was_given(userkit: UserKit[User], clock: Clock) -> None:
    password = new_password()
    user = userkit.users.create_user(
        email_address=["Ada@Example.com", "lovelace@example.com"],
        password=password,
        username="Ada_1815",
        first_name="  Ada ",
        last_name="Lovelace",
        external_id="crm/42",
        public_metadata={"plan": "gold"},
        private_metadata={"note": "ünïcödé 😀"},
        unsafe_metadata={"theme": ["dark", {"n": 1.5}]},
    )
    assert user.id.startswith("user_")
    assert (user.username, user.username_key) == ("Ada_1815", "ada_1815")
    assert (user.first_name, user.last_name, user.full_name) == ("Ada", "Lovelace", "Ada Lovelace")
    assert user.external_id == "crm/42"
    assert user.public_metadata == {"plan": "gold"}
    assert user.private_metadata == {"note": "ünïcödé 😀"}
    assert user.unsafe_metadata == {"theme": ["dark", {"n": 1.5}]}
    assert (user.created_at, user.updated_at, user.last_sign_in_at) == (clock(), clock(), None)
    assert not user.banned
    assert [email.email_address for email in user.email_addresses] == [
        "Ada@example.com",
        "lovelace@example.com",
    ]
    assert all(email.verified for email in user.email_addresses)
    assert user.primary_email_address is user.email_addresses[0]
    assert user.password_digest is not None
    assert user.password_digest.startswith("$argon2id$")
    for identifier in ("ada@EXAMPLE.com", "lovelace@example.com", "ADA_1815"):
        assert sign_in(userkit, identifier, password).user_id == user.id


@pytest.mark.parametrize("given", [{"username": "ada_1815"}, {"external_id": "42"}])
def test_a_username_or_a_key_of_the_app_is_enough(
    userkit: UserKit[User], given: dict[str, t.Any]
) -> None:
    user = userkit.users.create_user(**given)
    assert user.email_addresses == []
    assert user.primary_email_address is None
    assert not user.password_enabled


@pytest.mark.parametrize(
    "given", [{}, {"first_name": "Ada"}, {"external_id": ""}, {"username": " "}]
)
def test_somebody_without_any_identifier_is_nobody(
    userkit: UserKit[User], kit: Kit, given: dict[str, t.Any]
) -> None:
    before = everything(kit)
    with refused("form_data_missing"):
        userkit.users.create_user(**given)
    assert everything(kit) == before


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"email_address": ["new@example.com", "ADA@EXAMPLE.COM"]}, "email_address"),
        ({"email_address": ["new@example.com"], "username": "ADA_1815"}, "username"),
        ({"email_address": ["new@example.com"], "external_id": "42"}, "external_id"),
        ({"email_address": ["new@example.com", "New@example.com"]}, "email_address"),
    ],
)
def test_what_somebody_has_is_refused_and_nothing_is_left(
    userkit: UserKit[User], kit: Kit, heard: list[str], given: dict[str, t.Any], param: str
) -> None:
    userkit.users.create_user(
        email_address=["ada@example.com"], username="ada_1815", external_id="42"
    )
    before, told = everything(kit), list(heard)
    with refused("form_identifier_exists", param):
        userkit.users.create_user(**given)
    assert everything(kit) == before
    assert heard == told
    assert userkit.users.create_user(email_address=["new@example.com"]).email_addresses


def test_an_address_that_others_only_claim_is_free(userkit: UserKit[User]) -> None:
    claimer = userkit.users.create_user(username="claimer")
    with userkit.transaction() as db:
        db.add(
            EmailAddress(
                id="idn_claim",
                user_id=claimer.id,
                email_address="ada@example.com",
                email_key="ada@example.com",
                created_at=userkit.clock(),
            )
        )
    ada = userkit.users.create_user(email_address=["ada@example.com"])
    assert [email.verified for email in ada.email_addresses] == [True]


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({"email_address": ["ada"]}, "form_param_format_invalid", "email_address"),
        ({"email_address": [" "]}, "form_param_nil", "email_address"),
        ({"email_address": "ada@example.com"}, "form_param_format_invalid", "email_address"),
        ({"username": "ada"}, "form_username_invalid_length", "username"),
        ({"username": "a b c"}, "form_username_invalid_character", "username"),
        ({"username": "12345"}, "form_username_needs_non_number_char", "username"),
        ({"first_name": "a" * 101}, "form_param_max_length_exceeded", "first_name"),
        ({"first_name": "a" * 1_000_000}, "form_param_max_length_exceeded", "first_name"),
        ({"last_name": "a\nb"}, "form_param_value_invalid", "last_name"),
        ({"last_name": "\0"}, "form_param_value_invalid", "last_name"),
        ({"first_name": "\ud800"}, "form_param_value_invalid", "first_name"),
        ({"first_name": "\u200b"}, "form_param_value_invalid", "first_name"),
        ({"external_id": "x" * 256}, "form_param_value_invalid", "external_id"),
        ({"external_id": "x\0"}, "form_param_value_invalid", "external_id"),
        ({"external_id": "x\ud800"}, "form_param_value_invalid", "external_id"),
        ({"public_metadata": [1]}, "form_param_value_invalid", "public_metadata"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_a_value_that_cannot_be_taken_is_refused_by_name(
    userkit: UserKit[User], kit: Kit, given: dict[str, t.Any], code: str, param: str
) -> None:
    before = everything(kit)
    with refused(code, param):
        userkit.users.create_user(**{"email_address": ["new@example.com"], **given})
    assert everything(kit) == before


@pytest.mark.parametrize(
    "name",
    [FAMILY, "Nguyễn", "مريم", "{{7*7}}", "<script>alert(1)</script>", "=1+1", "%00", "a" * 100],
)
def test_any_ordinary_name_is_stored_as_it_is(userkit: UserKit[User], kit: Kit, name: str) -> None:
    user = userkit.users.create_user(username="ada_1815", first_name=name, last_name=name)
    (row,) = rows(kit, User)
    assert (row.first_name, row.last_name) == (name, name) == (user.first_name, user.last_name)
