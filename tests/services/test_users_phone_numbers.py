"""Users whom the app makes, finds and deletes by their phone numbers."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import PhoneNumber
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services.identity import identify
from flask_userkit.services.kit import Kit
from flask_userkit.services.phone_numbers import PHONE_NUMBER
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_number
from tests.services.acts import Post
from tests.services.acts import let_in
from tests.services.address_acts import add
from tests.services.address_acts import who
from tests.services.kinds import settings_of
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import refused

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
TAKEN = "form_identifier_exists"
NEEDED = "form_verification_needed"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(USERKIT_OUTBOX="worker", **settings_of(PHONE_NUMBER))


@on_each_database
def test_the_numbers_of_a_new_user_are_proven_and_the_first_is_primary(
    userkit: Kits, kit: Kit, post: Post
) -> None:
    user = userkit.users.create_user(phone_number=["+49 1512 3456789", "tel:+49-1512-3456780"])
    assert [row.phone_number for row in user.phone_numbers] == ["+4915123456789", "+4915123456780"]
    assert all(row.verified for row in user.phone_numbers)
    assert user.primary_phone_number_id == user.phone_numbers[0].id
    before = everything(kit)
    for numbers, code in (
        (["+4915123456789"], TAKEN),
        ([new_number(), "+49 (0)1512 3456780"], TAKEN),
        (["+491512345678a"], "form_param_format_invalid"),
        (["01512 3456789"], "form_param_format_invalid"),
        ([""], "form_param_nil"),
    ):
        with refused(code, "phone_number"):
            userkit.users.create_user(phone_number=numbers)
    number = new_number()
    with refused(TAKEN, "phone_number"):
        userkit.users.create_user(phone_number=[number, f"{number[:3]} {number[3:]}"])
    assert everything(kit) == before
    assert post.all() == []


@on_each_database
def test_the_primary_number_is_a_proven_one_of_the_users_own(userkit: Kits, kit: Kit) -> None:
    ada, bea = (userkit.users.create_user(phone_number=[new_number(), new_number()]) for _ in "12")
    second = ada.phone_numbers[1].id
    update = userkit.users.update_user
    assert update(ada.id, primary_phone_number_id=second).primary_phone_number_id == second
    claim = userkit.phone_numbers.create(ada.id, new_number()).id
    before = everything(kit)
    for which in (claim, bea.phone_numbers[0].id, "idn_0", "", "\0"):
        with refused(NEEDED, "primary_phone_number_id"):
            update(ada.id, primary_phone_number_id=which)
    assert everything(kit) == before
    assert userkit.users.get_user(ada.id).primary_phone_number_id == second


@on_each_database
def test_users_are_found_by_the_numbers_that_they_own(userkit: Kits) -> None:
    ada, bea = (userkit.users.create_user(phone_number=[new_number(), new_number()]) for _ in "12")
    claimed = new_number()
    userkit.phone_numbers.create(ada.id, claimed)

    def found(*numbers: str) -> set[str]:
        return {user.id for user in userkit.users.get_user_list(phone_number=numbers).data}

    hers = ada.phone_numbers[1].phone_number
    assert found(hers) == found(f"{hers[:3]} (0) {hers[3:]}") == {ada.id}
    assert found(hers, bea.phone_numbers[0].phone_number) == {ada.id, bea.id}
    assert found(claimed) == found(new_number()) == set()
    with refused("form_param_format_invalid", "phone_number"):
        found("ada@example.com")


@on_each_database
def test_who_is_deleted_leaves_their_number_to_others(userkit: Kits, kit: Kit) -> None:
    number = new_number()
    ada = userkit.users.create_user(phone_number=[number])
    add(userkit, who(userkit, let_in(userkit, ada.id).token), new_number(), PHONE_NUMBER)
    userkit.users.delete_user(ada.id)
    assert (count(kit, PhoneNumber), count(kit, Verification)) == (0, 0)
    bea = userkit.users.create_user(phone_number=[number])
    assert bea.primary_phone_number is not None
    assert bea.primary_phone_number.phone_number == number


@on_each_database
def test_who_has_a_number_alone_goes_by_it_as_one_reads_it(userkit: Kits, kit: Kit) -> None:
    user = userkit.users.create_user(phone_number=["+4915123456789"])
    token = let_in(userkit, user.id).token

    def shown() -> str:
        identity = identify(kit, token)
        assert identity is not None
        return identity.identifier

    assert shown() == "+49 1512 3456789"
    assert userkit.users.get_user(user.id).initials == "89"
    other = userkit.phone_numbers.create(user.id, "+16502530000", verified=True, primary=True)
    assert shown() == "+1 650-253-0000"
    userkit.email_addresses.create(user.id, "ada@example.com", verified=True)
    assert shown() == "ada@example.com"
    userkit.email_addresses.delete(userkit.users.get_user(user.id).email_addresses[0].id)
    userkit.phone_numbers.delete(other.id)
    assert shown() == "+49 1512 3456789"
    userkit.phone_numbers.delete(userkit.users.get_user(user.id).phone_numbers[0].id)
    assert shown() == user.id
