"""The app gives addresses, takes them away, and says which count as proven and as primary."""

from __future__ import annotations

import pytest

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.people import new_address
from tests.services.acts import PASSWORD
from tests.services.acts import Post
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.acts import sign_in
from tests.services.address_acts import add
from tests.services.address_acts import somebody
from tests.services.address_acts import verify
from tests.services.address_acts import who
from tests.services.support import Mishap
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import identified
from tests.services.support import mishap
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
NAMES = [f"user.email_address.{what}" for what in ("created", "verified", "updated", "deleted")]
CREATED, VERIFIED, UPDATED, DELETED = NAMES


@pytest.fixture
def ada(userkit: Kits) -> User:
    """Somebody without an address."""
    return userkit.users.create_user(external_id="42", password=PASSWORD)


def primary_of(userkit: Kits, user: User) -> str | None:
    return userkit.users.get_user(user.id).primary_email_address_id


@on_each_database
def test_an_address_is_given_unproven_and_counts_once_the_app_says_so(
    userkit: Kits, kit: Kit, clock: Clock, heard: list[str], ada: User, post: Post
) -> None:
    heard.clear()
    email = userkit.email_addresses.create(ada.id, " Ada@Bücher.de ")
    assert (email.email_address, email.verified, email.verified_at) == (
        "Ada@bücher.de",
        False,
        None,
    )
    assert email.user_id == ada.id
    assert primary_of(userkit, ada) is None
    with refused("form_password_or_identifier_incorrect"):
        sign_in(userkit, "ada@bücher.de", PASSWORD)
    clock.tick(60)
    email = userkit.email_addresses.update(email.id, verified=True)
    assert email.verified_at == clock()
    assert primary_of(userkit, ada) == email.id
    assert sign_in(userkit, "ADA@xn--bcher-kva.de", PASSWORD).user_id == ada.id
    assert userkit.email_addresses.update(email.id, verified=True).verified_at == clock()
    assert post.all() == []
    assert [name for name in heard if name in NAMES] == [CREATED, VERIFIED]


@on_each_database
def test_the_first_proven_one_is_primary_and_the_others_where_it_is_said(
    userkit: Kits, heard: list[str], ada: User
) -> None:
    create = userkit.email_addresses.create
    heard.clear()
    claim = create(ada.id, new_address())
    first = create(ada.id, new_address(), verified=True)
    assert primary_of(userkit, ada) == first.id
    second = create(ada.id, new_address(), verified=True)
    assert primary_of(userkit, ada) == first.id
    third = create(ada.id, new_address(), verified=True, primary=True)
    assert primary_of(userkit, ada) == third.id
    userkit.email_addresses.update(second.id, primary=True)
    assert primary_of(userkit, ada) == second.id
    userkit.email_addresses.update(second.id, primary=True)
    userkit.email_addresses.update(first.id, primary=False)
    assert primary_of(userkit, ada) == second.id
    assert heard == [CREATED, CREATED, VERIFIED, CREATED, VERIFIED, CREATED, VERIFIED, UPDATED]
    with refused("form_verification_needed", "primary"):
        userkit.email_addresses.update(claim.id, primary=True)
    with refused("form_verification_needed", "primary"):
        create(ada.id, new_address(), primary=True)
    with refused("form_param_value_invalid", "primary"):
        userkit.email_addresses.update(second.id, primary=False)
    userkit.email_addresses.update(claim.id, verified=True, primary=True)
    assert primary_of(userkit, ada) == claim.id


@on_each_database
def test_what_is_no_longer_proven_signs_nobody_in_and_its_codes_are_dead(
    userkit: Kits, kit: Kit, post: Post, ada: User
) -> None:
    old, new = (userkit.email_addresses.create(ada.id, new_address(), verified=True) for _ in "12")
    session = sign_in(userkit, old.email_address, PASSWORD)
    waiting = begin_sign_in(userkit, old.email_address)
    code = post.code(old.email_address)
    email = userkit.email_addresses.update(old.id, verified=False)
    assert (email.verified, email.verified_key) == (False, None)
    assert primary_of(userkit, ada) == new.id
    with refused("verification_already_verified", "code"):
        enter_sign_in_code(userkit, waiting, code)
    with refused("form_password_or_identifier_incorrect"):
        sign_in(userkit, old.email_address, PASSWORD)
    assert identified(kit, session.token) == ada.id
    userkit.email_addresses.update(new.id, verified=False)
    assert primary_of(userkit, ada) is None
    bea = userkit.users.create_user(email_address=[old.email_address])
    with refused("form_identifier_exists", "email_address"):
        userkit.email_addresses.update(old.id, verified=True)
    assert bea.primary_email_address is not None


@on_each_database
def test_any_address_may_be_deleted_and_is_free_again(
    userkit: Kits, kit: Kit, post: Post, ada: User, heard: list[str]
) -> None:
    first, second = (
        userkit.email_addresses.create(ada.id, new_address(), verified=True) for _ in "12"
    )
    add(userkit, who(userkit, sign_in(userkit, first.email_address, PASSWORD).token), new_address())
    (claim,) = [row for row in rows(kit, EmailAddress) if not row.verified]
    heard.clear()
    userkit.email_addresses.delete(claim.id)
    (sent,) = rows(kit, Verification)
    assert (sent.email_address_id, sent.consumed_at is None) == (None, False)
    userkit.email_addresses.delete(first.id)
    assert primary_of(userkit, ada) == second.id
    userkit.email_addresses.delete(second.id)
    assert primary_of(userkit, ada) is None
    assert count(kit, EmailAddress) == 0
    assert heard == [DELETED] * 3
    bea = userkit.users.create_user(email_address=[first.email_address])
    assert bea.primary_email_address is not None
    with refused("resource_not_found"):
        userkit.email_addresses.delete(first.id)


@on_each_database
def test_an_address_is_one_persons_and_once_in_an_account(
    userkit: Kits, kit: Kit, ada: User
) -> None:
    bea = userkit.users.create_user(email_address=["bea@example.com"])
    userkit.email_addresses.create(ada.id, "ada@example.com")
    before = everything(kit)
    for spelling in ("ada@example.com", "ADA@example.com"):
        for verified in (False, True):
            with refused("form_identifier_exists", "email_address"):
                userkit.email_addresses.create(ada.id, spelling, verified=verified)
    with refused("form_identifier_exists", "email_address"):
        userkit.email_addresses.create(ada.id, "BEA@example.com", verified=True)
    assert everything(kit) == before
    claim = userkit.email_addresses.create(ada.id, "bea@example.com")
    with refused("form_identifier_exists", "email_address"):
        userkit.email_addresses.update(claim.id, verified=True)
    assert primary_of(userkit, bea) is not None


@pytest.mark.parametrize("which", ["idn_0", "", "\0", "\ud800", "x" * 10**6])
def test_what_is_not_there_is_told(userkit: Kits, kit: Kit, ada: User, which: str) -> None:
    before = everything(kit)
    for act in (
        lambda: userkit.email_addresses.get(which),
        lambda: userkit.email_addresses.update(which, verified=True),
        lambda: userkit.email_addresses.delete(which),
        lambda: userkit.email_addresses.create(which, "ada@example.com"),
    ):
        with refused("resource_not_found"):
            act()
    for value, code in (
        ("", "form_param_nil"),
        ("a\r\nb@example.com", "form_param_format_invalid"),
    ):
        with refused(code, "email_address"):
            userkit.email_addresses.create(ada.id, value)
    assert everything(kit) == before


@on_each_database
def test_what_the_app_holds_is_fresh_in_its_own_transaction(userkit: Kits, ada: User) -> None:
    with userkit.transaction() as db:
        user = db.get_one(User, ada.id)
        assert user.primary_email_address is None
        email = userkit.email_addresses.create(user.id, new_address())
        assert user.email_addresses == [email]
        userkit.email_addresses.update(email.id, verified=True)
        assert email.verified
        assert user.primary_email_address is email
        assert userkit.email_addresses.get(email.id) is email
        userkit.email_addresses.update(email.id, verified=False)
        assert not email.verified
        userkit.email_addresses.delete(email.id)
        assert user.primary_email_address is None
        assert user.email_addresses == []


@on_each_database
def test_nothing_is_left_of_what_is_rolled_back(
    userkit: Kits, kit: Kit, heard: list[str], ada: User
) -> None:
    before = everything(kit)
    heard.clear()
    with mishap(), userkit.transaction():
        userkit.email_addresses.create(ada.id, new_address(), verified=True)
        raise Mishap
    assert everything(kit) == before
    assert heard == []


@on_each_database
def test_an_address_that_a_person_waits_to_prove_is_proven_by_the_app_instead(
    userkit: Kits, kit: Kit, post: Post
) -> None:
    ada, address = somebody(userkit, post), new_address()
    added = add(userkit, ada, address)
    userkit.email_addresses.update(added, verified=True)
    with refused("verification_already_verified"):
        verify(userkit, ada, added, post.code(address))
    userkit.email_addresses.update(added, verified=False)
    with refused("verification_expired", "code"):
        verify(userkit, ada, added, post.code(address))
