"""A form that waits for a proof is kept encrypted, for one session and action, and taken once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flask_userkit import UserKit
from flask_userkit.models import SuspendedForm
from flask_userkit.models import User
from flask_userkit.services import clients
from flask_userkit.services import sessions
from flask_userkit.services import suspended_forms
from flask_userkit.services.kit import Kit
from flask_userkit.services.locks import lock_user
from flask_userkit.services.reverification import Who
from flask_userkit.services.sessions import SignedIn
from flask_userkit.services.suspended_forms import MAX_SIZE
from flask_userkit.services.suspended_forms import MOST
from flask_userkit.services.suspended_forms import Suspended
from tests.rig.clock import Clock
from tests.rig.people import new_address
from tests.services.acts import let_in
from tests.services.support import count
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
FIELDS = [("username", "countess"), ("tag", "a"), ("tag", "b"), ("note", "été \U0001f600\ud800\0")]


@pytest.fixture
def ada(userkit: Kits) -> SignedIn:
    return let_in(userkit, userkit.users.create_user(email_address=[new_address()]).id)


def suspend(
    userkit: Kits,
    who: Who,
    fields: list[tuple[str, str]] | None = None,
    *,
    action: str = "rename",
    complete: bool = True,
) -> str:
    with userkit.transaction() as db:
        kept = FIELDS if fields is None else fields
        return suspended_forms.suspend(db, who, action, kept, complete=complete)


def take(userkit: Kits, who: Who, form_id: str, action: str = "rename") -> Suspended | None:
    with userkit.transaction() as db:
        return suspended_forms.take(db, who, action, form_id)


def test_it_comes_back_as_it_was_and_once(userkit: Kits, kit: Kit, ada: SignedIn) -> None:
    form_id = suspend(userkit, ada)
    assert take(userkit, ada, form_id) == (FIELDS, True)
    assert take(userkit, ada, form_id) is None
    assert count(kit, SuspendedForm) == 0
    assert take(userkit, ada, suspend(userkit, ada, [], complete=False)) == ([], False)


def test_nothing_of_it_can_be_read_in_the_database(userkit: Kits, kit: Kit, ada: SignedIn) -> None:
    suspend(userkit, ada)
    (row,) = rows(kit, SuspendedForm)
    assert "countess" not in row.fields
    assert "username" not in row.fields


def test_it_belongs_to_its_session_and_its_action(userkit: Kits, ada: SignedIn) -> None:
    form_id = suspend(userkit, ada)
    other = let_in(userkit, ada.user_id)
    stranger = let_in(userkit, userkit.users.create_user(email_address=[new_address()]).id)
    for who in (other, stranger):
        assert take(userkit, who, form_id) is None
    for action in ("remove", "Rename", "", "rename "):
        assert take(userkit, ada, form_id, action) is None
    for nothing in ("", "form_0", "\0", "\ud800", form_id.upper(), form_id + " "):
        assert take(userkit, ada, nothing) is None
    assert take(userkit, ada, form_id) is not None


def test_it_waits_for_ten_minutes(userkit: Kits, clock: Clock, ada: SignedIn) -> None:
    first, second = suspend(userkit, ada), suspend(userkit, ada)
    clock.tick(minutes=10, seconds=-1)
    assert take(userkit, ada, first) is not None
    clock.tick(1)
    assert take(userkit, ada, second) is None


def test_a_session_has_few_of_them_and_the_newest_stay(
    userkit: Kits, kit: Kit, clock: Clock, ada: SignedIn
) -> None:
    other = let_in(userkit, ada.user_id)
    kept = suspend(userkit, other)
    made = []
    for _ in range(MOST + 2):
        made.append(suspend(userkit, ada))
        clock.tick(1)
    assert count(kit, SuspendedForm) == MOST + 1
    found = [take(userkit, ada, form_id) is not None for form_id in made]
    assert found == [False] * 2 + [True] * MOST
    assert take(userkit, other, kept) is not None


def test_what_is_expired_goes_with_the_next(
    userkit: Kits, kit: Kit, clock: Clock, ada: SignedIn
) -> None:
    suspend(userkit, ada)
    clock.tick(minutes=10)
    suspend(userkit, ada)
    assert count(kit, SuspendedForm) == 1


def test_what_is_expired_goes_with_anybodys_next(
    userkit: Kits, kit: Kit, clock: Clock, ada: SignedIn
) -> None:
    people = [userkit.users.create_user(email_address=[new_address()]) for _ in range(3)]
    for person in people:
        suspend(userkit, let_in(userkit, person.id))
    clock.tick(minutes=5)
    waits = let_in(userkit, people[0].id)
    form_id = suspend(userkit, waits)
    clock.tick(minutes=5)
    suspend(userkit, ada)
    assert count(kit, SuspendedForm) == 2
    assert take(userkit, waits, form_id) is not None


@pytest.mark.parametrize("reason", ["sign-out", "revoked", "all revoked", "signed in anew"])
def test_it_goes_with_its_session_and_no_other(
    userkit: Kits, kit: Kit, ada: SignedIn, reason: str
) -> None:
    stranger = let_in(userkit, userkit.users.create_user(email_address=[new_address()]).id)
    kept = suspend(userkit, stranger)
    for _ in range(2):
        who = let_in(userkit, ada.user_id)
        suspend(userkit, who)
        suspend(userkit, who)
        with userkit.transaction() as db:
            if reason == "sign-out":
                sessions.end(db, who.session_id, who.user_id)
            elif reason == "revoked":
                sessions.revoke_session(db, who.session_id)
            elif reason == "all revoked":
                sessions.revoke_all(db, who.user_id)
            else:
                client, user = clients.find(db, who.token), lock_user(db, who.user_id)
                assert client is not None
                assert user is not None
                sessions.create(db, client, user, "password")
    assert count(kit, SuspendedForm) == 1
    assert take(userkit, stranger, kept) is not None


def test_one_that_is_too_long_is_shown_again_and_not_kept(userkit: Kits, ada: SignedIn) -> None:
    form_id = suspend(userkit, ada, [("note", "x" * MAX_SIZE)])
    assert take(userkit, ada, form_id) == ([], False)
    note = [("note", "x" * (MAX_SIZE // 2))]
    assert take(userkit, ada, suspend(userkit, ada, note)) == (note, True)


@pytest.mark.parametrize("reason", ["deleted", "revoked", "somebody else's"])
def test_nothing_is_kept_for_a_session_that_is_over(
    userkit: Kits, kit: Kit, ada: SignedIn, reason: str
) -> None:
    who = ada
    if reason == "deleted":
        userkit.users.delete_user(ada.user_id)
    elif reason == "revoked":
        userkit.sessions.revoke_session(ada.session_id)
    else:
        stranger = let_in(userkit, userkit.users.create_user(email_address=[new_address()]).id)
        who = replace(ada, session_id=stranger.session_id)
    with refused("authentication_invalid"):
        suspend(userkit, who)
    assert count(kit, SuspendedForm) == 0


def test_it_goes_with_its_user(userkit: Kits, kit: Kit, ada: SignedIn) -> None:
    suspend(userkit, ada)
    userkit.users.delete_user(ada.user_id)
    assert count(kit, SuspendedForm) == 0
