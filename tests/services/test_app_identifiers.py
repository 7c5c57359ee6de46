"""The app gives addresses and numbers, takes them, and says which are proven and primary."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services.email_addresses import EMAIL_ADDRESS
from flask_userkit.services.identifier_kinds import IdentifierKind
from flask_userkit.services.kit import Kit
from flask_userkit.services.phone_numbers import PHONE_NUMBER
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.services.acts import PASSWORD
from tests.services.acts import Post
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.acts import sign_in
from tests.services.address_acts import add
from tests.services.address_acts import somebody
from tests.services.address_acts import verify
from tests.services.address_acts import who
from tests.services.kinds import api_of
from tests.services.kinds import each_kind
from tests.services.kinds import given
from tests.services.kinds import new_of
from tests.services.kinds import respelled
from tests.services.kinds import settings_of
from tests.services.support import Mishap
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import identified
from tests.services.support import mishap
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
pytestmark = each_kind
CREATED, VERIFIED, UPDATED, DELETED = "created", "verified", "updated", "deleted"


@pytest.fixture
def app(make_app: MakeApp, kind: IdentifierKind) -> Flask:
    return make_app(USERKIT_OUTBOX="worker", **settings_of(kind))


@pytest.fixture
def ada(userkit: Kits) -> User:
    """Somebody without an address or a number."""
    return userkit.users.create_user(external_id="42", password=PASSWORD)


def primary_of(userkit: Kits, kind: IdentifierKind, user: User) -> str | None:
    return t.cast("str | None", getattr(userkit.users.get_user(user.id), kind.pointer.key))


def value_of(kind: IdentifierKind, row: object) -> str:
    return str(getattr(row, kind.value.key))


def all_of(kind: IdentifierKind, user: User) -> list[t.Any]:
    return [*(user.email_addresses if kind is EMAIL_ADDRESS else user.phone_numbers)]


def of(kind: IdentifierKind, heard: list[str]) -> list[str]:
    """Return what was heard of one kind."""
    stem = f"user.{kind.name}."
    return [name.removeprefix(stem) for name in heard if name.startswith(stem)]


#: As the app gives one, as it is kept, and as somebody types it later.
SPELLED = {
    EMAIL_ADDRESS: (" Ada@Bücher.de ", "Ada@bücher.de", "ADA@xn--bcher-kva.de"),
    PHONE_NUMBER: (" +49 (0)1512 345-6789 ", "+4915123456789", "tel:+49.1512.3456789"),
}


@on_each_database
def test_one_is_given_unproven_and_counts_once_the_app_says_so(
    userkit: Kits,
    kit: Kit,
    clock: Clock,
    heard: list[str],
    ada: User,
    post: Post,
    kind: IdentifierKind,
) -> None:
    heard.clear()
    typed, kept, typed_later = SPELLED[kind]
    row = api_of(userkit, kind).create(ada.id, typed)
    assert (value_of(kind, row), row.verified, row.verified_at) == (kept, False, None)
    assert row.user_id == ada.id
    assert primary_of(userkit, kind, ada) is None
    with refused("form_password_or_identifier_incorrect"):
        sign_in(userkit, kept, PASSWORD)
    clock.tick(60)
    row = api_of(userkit, kind).update(row.id, verified=True)
    assert row.verified_at == clock()
    assert primary_of(userkit, kind, ada) == row.id
    assert sign_in(userkit, typed_later, PASSWORD).user_id == ada.id
    assert api_of(userkit, kind).update(row.id, verified=True).verified_at == clock()
    assert post.all() == []
    assert of(kind, heard) == [CREATED, VERIFIED]


@on_each_database
def test_the_first_proven_one_is_primary_and_the_others_where_it_is_said(
    userkit: Kits, heard: list[str], ada: User, kind: IdentifierKind
) -> None:
    create = api_of(userkit, kind).create
    heard.clear()
    claim = create(ada.id, new_of(kind))
    first = create(ada.id, new_of(kind), verified=True)
    assert primary_of(userkit, kind, ada) == first.id
    second = create(ada.id, new_of(kind), verified=True)
    assert primary_of(userkit, kind, ada) == first.id
    third = create(ada.id, new_of(kind), verified=True, primary=True)
    assert primary_of(userkit, kind, ada) == third.id
    api_of(userkit, kind).update(second.id, primary=True)
    assert primary_of(userkit, kind, ada) == second.id
    api_of(userkit, kind).update(second.id, primary=True)
    api_of(userkit, kind).update(first.id, primary=False)
    assert primary_of(userkit, kind, ada) == second.id
    assert of(kind, heard) == [
        CREATED,
        CREATED,
        VERIFIED,
        CREATED,
        VERIFIED,
        CREATED,
        VERIFIED,
        UPDATED,
    ]
    with refused("form_verification_needed", "primary"):
        api_of(userkit, kind).update(claim.id, primary=True)
    with refused("form_verification_needed", "primary"):
        create(ada.id, new_of(kind), primary=True)
    with refused("form_param_value_invalid", "primary"):
        api_of(userkit, kind).update(second.id, primary=False)
    api_of(userkit, kind).update(claim.id, verified=True, primary=True)
    assert primary_of(userkit, kind, ada) == claim.id


@on_each_database
def test_what_is_no_longer_proven_signs_nobody_in_and_its_codes_are_dead(
    userkit: Kits, kit: Kit, post: Post, ada: User, kind: IdentifierKind
) -> None:
    old, new = (api_of(userkit, kind).create(ada.id, new_of(kind), verified=True) for _ in "12")
    session = sign_in(userkit, value_of(kind, old), PASSWORD)
    waiting = begin_sign_in(userkit, value_of(kind, old))
    code = post.code(value_of(kind, old))
    row = api_of(userkit, kind).update(old.id, verified=False)
    assert (row.verified, row.verified_key) == (False, None)
    assert primary_of(userkit, kind, ada) == new.id
    with refused("verification_already_verified", "code"):
        enter_sign_in_code(userkit, waiting, code)
    with refused("form_password_or_identifier_incorrect"):
        sign_in(userkit, value_of(kind, old), PASSWORD)
    assert identified(kit, session.token) == ada.id
    api_of(userkit, kind).update(new.id, verified=False)
    assert primary_of(userkit, kind, ada) is None
    bea = userkit.users.create_user(**given(kind, value_of(kind, old)))
    with refused("form_identifier_exists", kind.name):
        api_of(userkit, kind).update(old.id, verified=True)
    assert getattr(bea, kind.pointer.key) is not None


@on_each_database
def test_any_may_be_deleted_and_is_free_again(
    userkit: Kits, kit: Kit, post: Post, ada: User, heard: list[str], kind: IdentifierKind
) -> None:
    first, second = (
        api_of(userkit, kind).create(ada.id, new_of(kind), verified=True) for _ in "12"
    )
    identity = who(userkit, sign_in(userkit, value_of(kind, first), PASSWORD).token)
    add(userkit, identity, new_of(kind), kind)
    (claim,) = [row for row in rows(kit, kind.model) if not row.verified]
    heard.clear()
    api_of(userkit, kind).delete(claim.id)
    (sent,) = rows(kit, Verification)
    assert (getattr(sent, kind.proves.key), sent.consumed_at is None) == (None, False)
    api_of(userkit, kind).delete(first.id)
    assert primary_of(userkit, kind, ada) == second.id
    api_of(userkit, kind).delete(second.id)
    assert primary_of(userkit, kind, ada) is None
    assert count(kit, kind.model) == 0
    assert of(kind, heard) == [DELETED] * 3
    bea = userkit.users.create_user(**given(kind, value_of(kind, first)))
    assert getattr(bea, kind.pointer.key) is not None
    with refused("resource_not_found"):
        api_of(userkit, kind).delete(first.id)


@on_each_database
def test_one_is_one_persons_and_once_in_an_account(
    userkit: Kits, kit: Kit, ada: User, kind: IdentifierKind
) -> None:
    hers, his = new_of(kind), new_of(kind)
    bea = userkit.users.create_user(**given(kind, hers))
    api_of(userkit, kind).create(ada.id, his)
    before = everything(kit)
    for spelling in (his, respelled(kind, his)):
        for verified in (False, True):
            with refused("form_identifier_exists", kind.name):
                api_of(userkit, kind).create(ada.id, spelling, verified=verified)
    with refused("form_identifier_exists", kind.name):
        api_of(userkit, kind).create(ada.id, respelled(kind, hers), verified=True)
    assert everything(kit) == before
    claim = api_of(userkit, kind).create(ada.id, hers)
    with refused("form_identifier_exists", kind.name):
        api_of(userkit, kind).update(claim.id, verified=True)
    assert primary_of(userkit, kind, bea) is not None


@pytest.mark.parametrize("which", ["idn_0", "", "\0", "\ud800", "x" * 10**6])
def test_what_is_not_there_is_told(
    userkit: Kits, kit: Kit, ada: User, which: str, kind: IdentifierKind
) -> None:
    before = everything(kit)
    acts: list[t.Callable[[], object]] = [
        lambda: api_of(userkit, kind).get(which),
        lambda: api_of(userkit, kind).update(which, verified=True),
        lambda: api_of(userkit, kind).delete(which),
        lambda: api_of(userkit, kind).create(which, new_of(kind)),
    ]
    for act in acts:
        with refused("resource_not_found"):
            act()
    for value, code in (
        ("", "form_param_nil"),
        ("a\r\nb@example.com", "form_param_format_invalid"),
    ):
        with refused(code, kind.name):
            api_of(userkit, kind).create(ada.id, value)
    assert everything(kit) == before


@on_each_database
def test_what_the_app_holds_is_fresh_in_its_own_transaction(
    userkit: Kits, ada: User, kind: IdentifierKind
) -> None:
    with userkit.transaction() as db:
        user = db.get_one(User, ada.id)
        assert getattr(user, kind.pointer.key) is None
        row = api_of(userkit, kind).create(user.id, new_of(kind))
        assert all_of(kind, user) == [row]
        api_of(userkit, kind).update(row.id, verified=True)
        assert row.verified
        assert getattr(user, kind.pointer.key) == row.id
        assert api_of(userkit, kind).get(row.id) is row
        api_of(userkit, kind).update(row.id, verified=False)
        assert not row.verified
        api_of(userkit, kind).delete(row.id)
        assert getattr(user, kind.pointer.key) is None
        assert all_of(kind, user) == []


@on_each_database
def test_nothing_is_left_of_what_is_rolled_back(
    userkit: Kits, kit: Kit, heard: list[str], ada: User, kind: IdentifierKind
) -> None:
    before = everything(kit)
    heard.clear()
    with mishap(), userkit.transaction():
        api_of(userkit, kind).create(ada.id, new_of(kind), verified=True)
        raise Mishap
    assert everything(kit) == before
    assert heard == []


@on_each_database
def test_what_a_person_waits_to_prove_is_proven_by_the_app_instead(
    userkit: Kits, kit: Kit, post: Post, kind: IdentifierKind
) -> None:
    ada, value = somebody(userkit, post, kind=kind), new_of(kind)
    added = add(userkit, ada, value, kind)
    api_of(userkit, kind).update(added, verified=True)
    with refused("verification_already_verified"):
        verify(userkit, ada, added, post.code(value), kind)
    api_of(userkit, kind).update(added, verified=False)
    with refused("verification_expired", "code"):
        verify(userkit, ada, added, post.code(value), kind)
