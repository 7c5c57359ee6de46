"""People add, prove, promote and remove their email addresses and phone numbers."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import Event
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services.identifier_kinds import IdentifierKind
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.services.acts import Post
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.address_acts import CODE
from tests.services.address_acts import add
from tests.services.address_acts import listed
from tests.services.address_acts import mails_to
from tests.services.address_acts import own
from tests.services.address_acts import remove
from tests.services.address_acts import resend
from tests.services.address_acts import set_primary
from tests.services.address_acts import somebody
from tests.services.address_acts import verify
from tests.services.kinds import each_kind
from tests.services.kinds import new_of
from tests.services.kinds import respelled
from tests.services.kinds import settings_of
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
pytestmark = each_kind
STEP_UP = "session_reverification_required"


@pytest.fixture
def app(make_app: MakeApp, kind: IdentifierKind) -> Flask:
    return make_app(USERKIT_OUTBOX="worker", USERKIT_USERNAME="optional", **settings_of(kind))


@pytest.fixture
def ada(userkit: Kits, post: Post, kind: IdentifierKind) -> Identity:
    return somebody(userkit, post, kind=kind)


def primary_of(kit: Kit, kind: IdentifierKind, identity: Identity) -> str:
    (user,) = rows(kit, User, User.id == identity.user_id)
    return str(getattr(user, kind.pointer.key))


@on_each_database
def test_one_is_added_proven_and_made_primary(
    userkit: Kits,
    kit: Kit,
    post: Post,
    clock: Clock,
    heard: list[str],
    ada: Identity,
    kind: IdentifierKind,
) -> None:
    heard.clear()
    value = new_of(kind)
    added = add(userkit, ada, f" {value} ", kind)
    first, second = listed(userkit, ada, kind)
    assert (first.primary, first.verified, first.pending) == (True, True, False)
    assert (second.id, second.value) == (added, kind.display(value))
    assert (second.verified, second.pending, second.resend_in) == (False, True, 30)
    clock.tick(12.5)
    assert listed(userkit, ada, kind)[1].resend_in == 18
    verify(userkit, ada, added, post.code(value), kind)
    first, second = listed(userkit, ada, kind)
    assert (second.verified, second.primary, second.pending, second.resend_in) == (
        True,
        False,
        False,
        0,
    )
    set_primary(userkit, ada, added, kind)
    assert [(row.id == added, row.primary) for row in listed(userkit, ada, kind)] == [
        (True, True),
        (False, False),
    ]
    assert primary_of(kit, kind, ada) == added
    assert heard == [
        f"user.{kind.name}.created",
        f"user.{kind.name}.verified",
        f"user.{kind.name}.updated",
    ]
    token = begin_sign_in(userkit, value)
    assert enter_sign_in_code(userkit, token, post.code(value)).user_id == ada.user_id


@on_each_database
def test_the_oldest_other_one_takes_the_place_of_the_primary(
    userkit: Kits, kit: Kit, post: Post, ada: Identity, kind: IdentifierKind
) -> None:
    first = primary_of(kit, kind, ada)
    second, third = (own(userkit, post, ada, new_of(kind), kind) for _ in range(2))
    add(userkit, ada, new_of(kind), kind)
    remove(userkit, ada, first, kind)
    assert primary_of(kit, kind, ada) == second
    remove(userkit, ada, third, kind)
    assert primary_of(kit, kind, ada) == second
    with refused("last_required_identification_deletion_failed"):
        remove(userkit, ada, second, kind)
    assert primary_of(kit, kind, ada) == second
    assert count(kit, kind.model) == 2


@on_each_database
def test_what_is_not_ones_own_is_not_there(
    userkit: Kits, kit: Kit, post: Post, ada: Identity, kind: IdentifierKind
) -> None:
    bea = somebody(userkit, post, kind=kind)
    hers = [primary_of(kit, kind, bea), add(userkit, bea, new_of(kind), kind)]
    before = everything(kit)
    for which in (*hers, "idn_0", "", "\0", "\ud800", "x" * 5000):
        for act in (set_primary, remove, resend):
            with refused("resource_not_found"):
                act(userkit, ada, which, kind)
        with refused("resource_not_found"):
            verify(userkit, ada, which, CODE, kind)
    assert everything(kit) | {"userkit_limit_hit": 0} == before | {"userkit_limit_hit": 0}


@on_each_database
def test_who_was_not_asked_lately_changes_nothing_but_may_prove(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, ada: Identity, kind: IdentifierKind
) -> None:
    second, value = own(userkit, post, ada, new_of(kind), kind), new_of(kind)
    third = add(userkit, ada, value, kind)
    clock.tick(minutes=10)
    before = everything(kit)
    for act in (set_primary, remove):
        with refused(STEP_UP):
            act(userkit, ada, second, kind)
    with refused(STEP_UP):
        add(userkit, ada, new_of(kind), kind)
    with refused(STEP_UP):
        add(userkit, ada, value, kind)
    assert everything(kit) | {"userkit_limit_hit": 0} == before | {"userkit_limit_hit": 0}
    resend(userkit, ada, third, kind)
    verify(userkit, ada, third, post.code(value), kind)
    assert listed(userkit, ada, kind)[2].verified


@on_each_database
def test_one_that_waits_is_taken_up_again(
    userkit: Kits,
    kit: Kit,
    post: Post,
    clock: Clock,
    heard: list[str],
    ada: Identity,
    kind: IdentifierKind,
) -> None:
    value = new_of(kind)
    first = add(userkit, ada, value, kind)
    assert add(userkit, ada, respelled(kind, value), kind) == first
    old = post.code(value)
    assert len(mails_to(post, value)) == 1
    clock.tick(30)
    assert add(userkit, ada, value, kind) == first
    assert len(mails_to(post, value)) == 2
    assert count(kit, kind.model) == 2
    assert heard.count(f"user.{kind.name}.created") == 1
    new = post.code(value)
    if old != new:
        with refused("form_code_incorrect", "code"):
            verify(userkit, ada, first, old, kind)
    verify(userkit, ada, first, new, kind)
    with refused("form_identifier_exists", kind.name):
        add(userkit, ada, value, kind)
    with refused("verification_already_verified"):
        resend(userkit, ada, first, kind)
    with refused("verification_already_verified"):
        verify(userkit, ada, first, new, kind)


@on_each_database
def test_an_event_names_it_by_its_id_alone(
    userkit: Kits, kit: Kit, post: Post, ada: Identity, kind: IdentifierKind
) -> None:
    value = new_of(kind)
    added = own(userkit, post, ada, value, kind)
    remove(userkit, ada, added, kind)
    about = [row for row in rows(kit, Event) if row.name.startswith(f"user.{kind.name}.")]
    assert [(row.name, row.user_id, row.data[f"{kind.name}_id"]) for row in about] == [
        (f"user.{kind.name}.{what}", ada.user_id, added)
        for what in ("created", "verified", "deleted")
    ]
    assert not any(value in str(row.data) for row in about)
    assert count(kit, Verification, kind.proves.is_not(None)) == 0
