"""Numbers that are kept for the second factor, and the one that it asks for first."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import PhoneNumber
from flask_userkit.models import User
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from flask_userkit.services.phone_numbers import PHONE_NUMBER
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.rig.people import new_number
from tests.services.acts import let_in
from tests.services.address_acts import remove
from tests.services.address_acts import who
from tests.services.support import everything
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
NEEDED = "form_verification_needed"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(USERKIT_OUTBOX="worker", USERKIT_PHONE_NUMBER="optional")


@pytest.fixture
def ada(userkit: Kits) -> Identity:
    user = userkit.users.create_user(email_address=["ada@example.com"])
    return who(userkit, let_in(userkit, user.id).token)


@pytest.fixture
def three(userkit: Kits, ada: Identity) -> list[str]:
    """Three numbers that are proven, oldest first."""
    create = userkit.phone_numbers.create
    return [create(ada.user_id, new_number(), verified=True).id for _ in range(3)]


def reserve(userkit: Kits, *ids: str, reserved: bool = True) -> None:
    for which in ids:
        row = userkit.phone_numbers.update(which, reserved_for_second_factor=reserved)
        assert row.reserved_for_second_factor is reserved


def kept(kit: Kit) -> tuple[set[str], list[str]]:
    """Return which numbers are kept, and which of them is the default."""
    found = rows(kit, PhoneNumber)
    defaults = [row.id for row in found if row.default_second_factor]
    return {row.id for row in found if row.reserved_for_second_factor}, defaults


def test_nothing_is_kept_until_the_app_says_so(userkit: Kits, kit: Kit, three: list[str]) -> None:
    assert kept(kit) == (set(), [])
    reserve(userkit, three[1], reserved=False)
    assert kept(kit) == (set(), [])


def test_the_first_that_is_kept_is_the_default_in_whatever_order(
    userkit: Kits, kit: Kit, three: list[str]
) -> None:
    for order in permutations(three):
        reserve(userkit, *order)
        assert kept(kit) == (set(three), [order[0]])
        reserve(userkit, *three, reserved=False)
        assert kept(kit) == (set(), [])


def remove_own(userkit: Kits, ada: Identity, id: str) -> None:
    remove(userkit, ada, id, PHONE_NUMBER)


def delete(userkit: Kits, ada: Identity, id: str) -> None:
    userkit.phone_numbers.delete(id)


def unverify(userkit: Kits, ada: Identity, id: str) -> None:
    userkit.phone_numbers.update(id, verified=False)


def release(userkit: Kits, ada: Identity, id: str) -> None:
    reserve(userkit, id, reserved=False)


Loss = Callable[[Kits, Identity, str], None]


@pytest.mark.parametrize("lose", [remove_own, delete, unverify, release])
def test_the_oldest_that_is_kept_takes_the_place_of_a_default_that_is_lost(
    userkit: Kits, kit: Kit, lose: Loss
) -> None:
    for order in permutations(range(3)):
        user = userkit.users.create_user(phone_number=[new_number() for _ in range(3)])
        # With an address the last number may go.
        userkit.email_addresses.create(user.id, new_address(), verified=True)
        ada = who(userkit, let_in(userkit, user.id).token)
        three = [row.id for row in user.phone_numbers]
        reserve(userkit, three[2], *three[:2])
        left, default = set(three), three[2]
        for index in order:
            lose(userkit, ada, three[index])
            left.discard(three[index])
            if default not in left:
                default = min(left, default="")
            assert kept(kit) == (left, [default] if left else []), order
        userkit.users.delete_user(user.id)


def test_only_a_proven_number_is_kept(userkit: Kits, kit: Kit, ada: Identity) -> None:
    claim = userkit.phone_numbers.create(ada.user_id, new_number())
    before = everything(kit)
    with refused(NEEDED, "reserved_for_second_factor"):
        userkit.phone_numbers.update(claim.id, reserved_for_second_factor=True)
    with refused(NEEDED, "reserved_for_second_factor"):
        userkit.phone_numbers.update(claim.id, verified=False, reserved_for_second_factor=True)
    assert (kept(kit), everything(kit)) == ((set(), []), before)
    row = userkit.phone_numbers.update(claim.id, verified=True, reserved_for_second_factor=True)
    assert (row.reserved_for_second_factor, row.default_second_factor) == (True, True)
    row = userkit.phone_numbers.update(claim.id, verified=False)
    assert (row.reserved_for_second_factor, row.default_second_factor) == (False, False)
    row = userkit.phone_numbers.update(claim.id, verified=True)
    assert (row.reserved_for_second_factor, row.default_second_factor) == (False, False)


def test_one_account_keeps_nothing_of_anothers(userkit: Kits, kit: Kit, three: list[str]) -> None:
    bea = userkit.users.create_user(phone_number=[new_number(), new_number()])
    hers = [row.id for row in rows(kit, PhoneNumber, PhoneNumber.user_id == bea.id)]
    reserve(userkit, hers[1], three[2])
    assert kept(kit) == ({hers[1], three[2]}, sorted([three[2], hers[1]]))
    userkit.phone_numbers.delete(three[2])
    assert kept(kit) == ({hers[1]}, [hers[1]])
    userkit.users.delete_user(bea.id)
    assert kept(kit) == (set(), [])


def test_what_the_app_holds_is_fresh_in_its_own_transaction(
    userkit: Kits, three: list[str]
) -> None:
    with userkit.transaction():
        first, second = (userkit.phone_numbers.get(which) for which in three[:2])
        reserve(userkit, second.id, first.id)
        assert (second.default_second_factor, first.default_second_factor) == (True, False)
        userkit.phone_numbers.delete(second.id)
        assert first.default_second_factor
