"""What is given changes, and nothing else does."""

from __future__ import annotations

import typing as t

import pytest

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from flask_userkit.models import Event
from flask_userkit.models import User
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.services.support import everything
from tests.services.support import refused
from tests.services.support import rows

pytestmark = pytest.mark.usefixtures("backend")
COLUMNS = [column.name for column in User.__table__.columns]


@pytest.fixture
def ada(userkit: UserKit[User], clock: Clock) -> User:
    user = userkit.users.create_user(
        email_address=["ada@example.com", "lovelace@example.com"],
        username="ada_1815",
        first_name="Ada",
        last_name="Lovelace",
        external_id="42",
        public_metadata={"plan": "gold"},
    )
    clock.tick(60)
    return user


def columns(kit: Kit, user: User) -> dict[str, t.Any]:
    (row,) = rows(kit, User, User.id == user.id)
    return {name: getattr(row, name) for name in COLUMNS}


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ({"first_name": " Augusta "}, {"first_name": "Augusta"}),
        ({"first_name": None}, {"first_name": None}),
        ({"last_name": ""}, {"last_name": None}),
        ({"username": None}, {"username": None, "username_key": None}),
        ({"username": "ADA_1815"}, {"username": "ADA_1815"}),
        ({"username": "Countess"}, {"username": "Countess", "username_key": "countess"}),
        ({"external_id": None}, {"external_id": None}),
        ({"external_id": "43", "last_name": "King"}, {"external_id": "43", "last_name": "King"}),
        ({}, {}),
    ],
)
def test_only_the_given_columns_change(
    userkit: UserKit[User], kit: Kit, clock: Clock, ada: User, given: t.Any, changed: t.Any
) -> None:
    before = columns(kit, ada)
    returned = userkit.users.update_user(ada.id, **given)
    moved = {"updated_at": clock()} if given else {}
    assert columns(kit, ada) == {**before, **changed, **moved}
    assert {name: getattr(returned, name) for name in changed} == changed


def test_two_changes_from_the_same_old_page_both_stay(
    userkit: UserKit[User], kit: Kit, ada: User
) -> None:
    changes: list[dict[str, t.Any]] = [
        {"first_name": "Augusta"},
        {"last_name": "King"},
        {"username": "countess"},
    ]
    for given in changes:
        userkit.users.update_user(ada.id, **given)
    row = columns(kit, ada)
    assert (row["first_name"], row["last_name"], row["username"]) == ("Augusta", "King", "countess")


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({"username": "BEA_1815"}, "form_identifier_exists", "username"),
        ({"external_id": "b"}, "form_identifier_exists", "external_id"),
        ({"external_id": "x" * 256}, "form_param_value_invalid", "external_id"),
        ({"last_name": "x" * 101}, "form_param_max_length_exceeded", "last_name"),
        ({"username": "1234"}, "form_username_needs_non_number_char", "username"),
        (
            {"primary_email_address_id": "idn_0"},
            "form_verification_needed",
            "primary_email_address_id",
        ),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_a_value_that_is_refused_leaves_all_the_others_too(
    userkit: UserKit[User],
    kit: Kit,
    heard: list[str],
    ada: User,
    given: t.Any,
    code: str,
    param: str,
) -> None:
    userkit.users.create_user(username="bea_1815", external_id="b")
    before, told = (columns(kit, ada), everything(kit)), list(heard)
    with refused(code, param):
        userkit.users.update_user(ada.id, first_name="Augusta", **given)
    with userkit.transaction(), refused(code, param):
        userkit.users.update_user(ada.id, first_name="Augusta", **given)
    assert (columns(kit, ada), everything(kit)) == before
    assert heard == told


def test_a_verified_address_of_ones_own_becomes_primary(
    userkit: UserKit[User], kit: Kit, ada: User
) -> None:
    first, second = ada.email_addresses
    assert ada.primary_email_address_id == first.id
    changed = userkit.users.update_user(ada.id, primary_email_address_id=second.id)
    assert changed.primary_email_address is not None
    assert changed.primary_email_address.email_address == "lovelace@example.com"
    assert columns(kit, ada)["primary_email_address_id"] == second.id


def test_no_other_address_becomes_primary(userkit: UserKit[User], kit: Kit, ada: User) -> None:
    bea = userkit.users.create_user(email_address=["bea@example.com"])
    with userkit.transaction() as db:
        unverified = EmailAddress(id="idn_claim", user_id=ada.id, created_at=userkit.clock())
        unverified.email_address = unverified.email_key = "claim@example.com"
        db.add(unverified)
    for wrong in ("idn_claim", bea.email_addresses[0].id, "idn_0", "", "\0", "\ud800"):
        with refused("form_verification_needed", "primary_email_address_id"):
            userkit.users.update_user(ada.id, primary_email_address_id=wrong)
    assert columns(kit, ada)["primary_email_address_id"] == ada.email_addresses[0].id


def test_the_event_names_what_changed_and_not_to_what(
    userkit: UserKit[User], kit: Kit, heard: list[str], ada: User
) -> None:
    heard.clear()
    userkit.users.update_user(
        ada.id, first_name="Augusta", primary_email_address_id=ada.email_addresses[1].id
    )
    assert heard == ["user.email_address.updated", "user.updated"]
    event = rows(kit, Event)[-1]
    assert (event.name, event.user_id) == ("user.updated", ada.id)
    assert event.data == {"fields": "first_name,primary_email_address_id"}
