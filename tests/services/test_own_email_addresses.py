"""People add, prove, promote and remove their email addresses."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from flask_userkit.models import Event
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
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
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
STEP_UP = "session_reverification_required"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(USERKIT_OUTBOX="worker", USERKIT_USERNAME="optional")


@pytest.fixture
def ada(userkit: Kits, post: Post) -> Identity:
    return somebody(userkit, post)


def primary_of(kit: Kit, identity: Identity) -> str | None:
    (user,) = rows(kit, User, User.id == identity.user_id)
    return str(user.primary_email_address_id)


@on_each_database
def test_an_address_is_added_proven_and_made_primary(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, heard: list[str], ada: Identity
) -> None:
    heard.clear()
    address = new_address()
    added = add(userkit, ada, f" {address} ")
    first, second = listed(userkit, ada)
    assert (first.primary, first.verified, first.pending) == (True, True, False)
    assert (second.id, second.email_address) == (added, address)
    assert (second.verified, second.pending, second.resend_in) == (False, True, 30)
    clock.tick(12.5)
    assert listed(userkit, ada)[1].resend_in == 18
    verify(userkit, ada, added, post.code(address))
    first, second = listed(userkit, ada)
    assert (second.verified, second.primary, second.pending, second.resend_in) == (
        True,
        False,
        False,
        0,
    )
    set_primary(userkit, ada, added)
    assert [(row.id == added, row.primary) for row in listed(userkit, ada)] == [
        (True, True),
        (False, False),
    ]
    assert primary_of(kit, ada) == added
    assert heard == [
        "user.email_address.created",
        "user.email_address.verified",
        "user.email_address.updated",
    ]
    token = begin_sign_in(userkit, address)
    assert enter_sign_in_code(userkit, token, post.code(address)).user_id == ada.user_id


@on_each_database
def test_the_oldest_other_one_takes_the_place_of_the_primary(
    userkit: Kits, kit: Kit, post: Post, ada: Identity
) -> None:
    first = primary_of(kit, ada)
    assert first is not None
    second, third = (own(userkit, post, ada, new_address()) for _ in range(2))
    add(userkit, ada, new_address())
    remove(userkit, ada, first)
    assert primary_of(kit, ada) == second
    remove(userkit, ada, third)
    assert primary_of(kit, ada) == second
    with refused("last_required_identification_deletion_failed"):
        remove(userkit, ada, second)
    assert primary_of(kit, ada) == second
    assert count(kit, EmailAddress) == 2


@on_each_database
def test_what_is_not_ones_own_is_not_there(
    userkit: Kits, kit: Kit, post: Post, ada: Identity
) -> None:
    bea = somebody(userkit, post)
    hers = [primary_of(kit, bea) or "", add(userkit, bea, new_address())]
    before = everything(kit)
    for which in (*hers, "idn_0", "", "\0", "\ud800", "x" * 5000):
        for act in (set_primary, remove, resend):
            with refused("resource_not_found"):
                act(userkit, ada, which)
        with refused("resource_not_found"):
            verify(userkit, ada, which, CODE)
    assert everything(kit) | {"userkit_limit_hit": 0} == before | {"userkit_limit_hit": 0}


@on_each_database
def test_who_was_not_asked_lately_changes_nothing_but_may_prove(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, ada: Identity
) -> None:
    second, address = own(userkit, post, ada, new_address()), new_address()
    third = add(userkit, ada, address)
    clock.tick(minutes=10)
    before = everything(kit)
    for act in (set_primary, remove):
        with refused(STEP_UP):
            act(userkit, ada, second)
    with refused(STEP_UP):
        add(userkit, ada, new_address())
    with refused(STEP_UP):
        add(userkit, ada, address)
    assert everything(kit) | {"userkit_limit_hit": 0} == before | {"userkit_limit_hit": 0}
    resend(userkit, ada, third)
    verify(userkit, ada, third, post.code(address))
    assert listed(userkit, ada)[2].verified


@on_each_database
def test_an_address_that_waits_is_taken_up_again(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, heard: list[str], ada: Identity
) -> None:
    address = new_address()
    first = add(userkit, ada, address)
    assert add(userkit, ada, address.upper()) == first
    old = post.code(address)
    assert len(mails_to(post, address)) == 1
    clock.tick(30)
    assert add(userkit, ada, address) == first
    assert len(mails_to(post, address)) == 2
    assert count(kit, EmailAddress) == 2
    assert heard.count("user.email_address.created") == 1
    new = post.code(address)
    if old != new:
        with refused("form_code_incorrect", "code"):
            verify(userkit, ada, first, old)
    verify(userkit, ada, first, new)
    with refused("form_identifier_exists", "email_address"):
        add(userkit, ada, address)
    with refused("verification_already_verified"):
        resend(userkit, ada, first)
    with refused("verification_already_verified"):
        verify(userkit, ada, first, new)


@on_each_database
def test_an_event_names_the_address_by_its_id_alone(
    userkit: Kits, kit: Kit, post: Post, ada: Identity
) -> None:
    address = new_address()
    added = own(userkit, post, ada, address)
    remove(userkit, ada, added)
    about = [row for row in rows(kit, Event) if row.name.startswith("user.email_address.")]
    assert [(row.name, row.user_id, row.data["email_address_id"]) for row in about] == [
        (f"user.email_address.{what}", ada.user_id, added)
        for what in ("created", "verified", "deleted")
    ]
    assert not any(address in str(row.data) for row in about)
    assert count(kit, Verification, Verification.email_address_id.is_not(None)) == 0
