"""Addresses and numbers stay in order, whatever happens to them at once (R1 to R4, R7, R9)."""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import select

from flask_userkit import UserKit
from flask_userkit.models import OutboxMessage
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services import inventory
from flask_userkit.services import verifications
from flask_userkit.services.email_addresses import EMAIL_ADDRESS
from flask_userkit.services.identifier_kinds import IdentifierKind
from flask_userkit.services.identity import Identity
from flask_userkit.services.kit import Kit
from flask_userkit.services.phone_numbers import PHONE_NUMBER
from flask_userkit.services.purposes import Purpose
from tests.races import identifier_works as works
from tests.races.conftest import AT_ONCE
from tests.races.conftest import PROCESSES
from tests.races.conftest import ROUNDS
from tests.races.conftest import Race
from tests.races.workers import Scene
from tests.rig.people import new_address
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import sign_in
from tests.services.address_acts import add
from tests.services.address_acts import verify
from tests.services.address_acts import who
from tests.services.kinds import KINDS
from tests.services.kinds import each_kind
from tests.services.kinds import new_of
from tests.services.support import count
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
THREADS = AT_ONCE // PROCESSES


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """An account may do without an address or a number, where it has another identifier."""
    optional = [(f"USERKIT_{kind.name.upper()}", "optional") for kind in KINDS]
    return replace(scene, settings=(*scene.settings, *optional))


def somebody(userkit: Kits, *kinds: IdentifierKind, username: bool = False) -> Identity:
    """Make somebody who has just signed in, with one of each of these kinds."""
    name = new_address().partition("@")[0].replace(".", "_") if username else None
    known: dict[str, t.Any] = {
        kind.name: [new_of(kind) for each in kinds or (EMAIL_ADDRESS,) if each is kind]
        for kind in KINDS
    }
    password = new_password()
    userkit.users.create_user(**known, username=name, password=password)
    first = next(value for values in known.values() for value in values)
    return who(userkit, sign_in(userkit, first, password).token)


def rows_of(kit: Kit, identity: Identity, kind: IdentifierKind = EMAIL_ADDRESS) -> list[t.Any]:
    return rows(kit, kind.model, kind.model.user_id == identity.user_id)


def failed(outcomes: Counter[str]) -> list[str]:
    """Return what ended otherwise than by a refusal."""
    return [outcome for outcome in outcomes if ":" in outcome]


def begin_proofs(
    userkit: Kits, post: Post, kind: IdentifierKind
) -> list[tuple[Identity, str, str]]:
    """Let several people claim one address or number, and return what each of them was sent."""
    value = new_of(kind)
    people = [somebody(userkit, kind) for _ in range(THREADS)]
    claims = [add(userkit, person, value, kind) for person in people]
    codes = [str(mail.code) for mail in post.all() if mail.to == value and mail.code]
    return list(zip(people, claims, reversed(codes), strict=True))


@each_kind
def test_of_people_who_prove_the_same_one_gets_it(
    userkit: Kits, kit: Kit, post: Post, start_race: Race, kind: IdentifierKind
) -> None:
    given = begin_proofs(userkit, post, kind)
    outcomes = start_race(works.prove, (kind.name, given))
    assert outcomes.pop("done") == 1
    # Who comes later finds a code that is right for nobody, the winner that theirs is used up.
    assert set(outcomes) <= {
        "identification_claimed",
        "form_code_incorrect",
        "verification_already_verified",
        "verification_failed",
    }
    claims = [claim for _, claim, _ in given]
    won = [row.id for row in rows(kit, kind.model) if row.id in claims and row.verified_key]
    assert len(won) == 1
    for person, claim, code in given:
        if claim not in won:
            with refused("form_code_incorrect", "code"):
                verify(userkit, person, claim, code, kind)


@each_kind
def test_without_a_unique_key_several_would_get_it(
    userkit: Kits, post: Post, start_race: Race, kind: IdentifierKind
) -> None:
    def lost() -> bool:
        given = kind.name, begin_proofs(userkit, post, kind)
        return start_race(works.prove, given, missing="address key")["done"] > 1

    assert any(lost() for _ in range(ROUNDS))


def test_a_right_code_proves_its_address_once(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    ada, address = somebody(userkit), new_address()
    claim = add(userkit, ada, address)
    outcomes = start_race(works.prove, ("email_address", [(ada, claim, post.code(address))]))
    assert outcomes.pop("done") == 1
    assert set(outcomes) <= {"verification_already_verified", "verification_failed"}
    assert [row.verified for row in rows_of(kit, ada)] == [True, True]


def primary_is_one_of_theirs(kit: Kit, kind: IdentifierKind, identity: Identity) -> bool:
    (user,) = rows(kit, User, User.id == identity.user_id)
    verified = [row.id for row in rows_of(kit, identity, kind) if row.verified_key]
    return getattr(user, kind.pointer.key) in verified


def choose(
    userkit: Kits, start_race: Race, kind: IdentifierKind, missing: str | None = None
) -> bool:
    """Let several tabs choose, and tell whether all is well."""
    ada = somebody(userkit, kind, kind, kind)
    ids = [row.id for row in rows_of(userkit.kit, ada, kind)]
    outcomes = start_race(works.choose_primary, (kind.name, ada, ids), missing=missing)
    assert missing or not failed(outcomes), outcomes
    return not failed(outcomes) and primary_is_one_of_theirs(userkit.kit, kind, ada)


@each_kind
def test_of_tabs_that_choose_a_primary_one_one_wins(
    userkit: Kits, start_race: Race, kind: IdentifierKind
) -> None:
    assert all(choose(userkit, start_race, kind) for _ in range(2))


@each_kind
def test_without_a_lock_the_primary_one_would_be_one_that_is_gone(
    userkit: Kits, start_race: Race, kind: IdentifierKind
) -> None:
    assert not all(choose(userkit, start_race, kind, "primary") for _ in range(ROUNDS))


def replace_address(
    userkit: Kits, post: Post, start_race: Race, missing: str | None = None
) -> bool:
    """Add an address again while its code is entered, and tell whether the old code proved it."""
    ada, address = somebody(userkit), new_address()
    claim = add(userkit, ada, address)
    with userkit.transaction() as db:
        row = db.scalars(select(Verification).where(Verification.email_address_id == claim)).one()
        sent = (row.id, row.client_id)
    with userkit.transaction() as db:
        proof = verifications.attempt(
            db,
            sent[0],
            purpose=Purpose.EMAIL_ADDRESS,
            client_id=sent[1],
            code=post.code(address),
        )
    given = (ada, claim, proof)
    threads = 2 if missing else THREADS
    outcomes = start_race(
        works.prove_or_replace, given, processes=1, threads=threads, missing=missing
    )
    assert missing or not failed(outcomes), outcomes
    added = [name.split()[2] for name in outcomes if name.startswith("done added")]
    assert missing or len(added) == 1, outcomes
    return any(row.id in added and row.verified for row in rows_of(userkit.kit, ada))


def test_a_code_proves_what_it_was_sent_to_and_no_address_that_is_added_again(
    userkit: Kits, post: Post, start_race: Race
) -> None:
    assert not any(replace_address(userkit, post, start_race) for _ in range(4))


def test_without_the_row_in_the_code_it_would(userkit: Kits, post: Post, start_race: Race) -> None:
    assert any(replace_address(userkit, post, start_race, "address row") for _ in range(ROUNDS))


#: What an account may have besides a last one; None is a username.
BOTH = [
    (EMAIL_ADDRESS, None),
    (EMAIL_ADDRESS, EMAIL_ADDRESS),
    (PHONE_NUMBER, None),
    (PHONE_NUMBER, PHONE_NUMBER),
    (PHONE_NUMBER, EMAIL_ADDRESS),
]
of_both = pytest.mark.parametrize(
    "kinds",
    BOTH,
    ids=lambda kinds: " and ".join(kind.name if kind else "username" for kind in kinds),
)
Both = tuple[IdentifierKind, IdentifierKind | None]


def remove_all(userkit: Kits, start_race: Race, both: Both, missing: str | None = None) -> bool:
    """Remove both identifiers at once, and tell whether a way in is left."""
    kinds = [kind for kind in both if kind]
    ada = somebody(userkit, *kinds, username=None in both)
    found = {(kind.name, row.id) for kind in kinds for row in rows_of(userkit.kit, ada, kind)}
    ids = sorted(found | ({("username", "")} if None in both else set()))
    # One of each: a second one would be late for what is gone, which takes nothing away.
    threads = len(ids) if missing else THREADS
    outcomes = start_race(works.remove_each, (ada, ids), threads=threads, missing=missing)
    assert missing or not failed(outcomes), outcomes
    left = inventory.read(userkit.kit, ada.user_id)
    return inventory.can_sign_in(userkit.kit.config, left)


@of_both
def test_of_the_last_two_identifiers_one_stays(
    userkit: Kits, start_race: Race, kinds: Both
) -> None:
    assert all(remove_all(userkit, start_race, kinds) for _ in range(2))


@of_both
def test_without_a_lock_both_would_go(userkit: Kits, start_race: Race, kinds: Both) -> None:
    assert not all(
        remove_all(userkit, start_race, kinds, "lock of a way in") for _ in range(ROUNDS)
    )


def add_often(
    userkit: Kits, post: Post, start_race: Race, missing: str | None = None
) -> tuple[Counter[str], list[int]]:
    """Send the form of one address many times at once, and count what came of it."""
    ada, address = somebody(userkit), new_address()
    outcomes = start_race(works.add_address, (ada, [address]), missing=missing)
    mails = [mail for mail in post.all() if mail.to == address]
    added = [row.id for row in rows_of(userkit.kit, ada) if row.email_address == address]
    codes = count(userkit.kit, Verification, Verification.email_address_id.in_(added))
    return outcomes, [len(added), codes, len(mails)]


def test_a_form_that_is_sent_often_adds_one_address_and_sends_one_mail(
    userkit: Kits, post: Post, start_race: Race
) -> None:
    outcomes, made = add_often(userkit, post, start_race)
    assert made == [1, 1, 1]
    assert list(outcomes.values()) == [AT_ONCE], "each gets the id of the one"


def test_without_a_lock_it_would_fail_or_send_several(
    userkit: Kits, post: Post, start_race: Race
) -> None:
    def lost() -> bool:
        outcomes, made = add_often(userkit, post, start_race, "lock of a claim")
        return made != [1, 1, 1] or len(outcomes) > 1

    assert any(lost() for _ in range(ROUNDS))


def add_many(userkit: Kits, start_race: Race, missing: str | None = None) -> int:
    ada = somebody(userkit)
    known = [new_address() for _ in range(97)]
    start_race(works.add_address, (ada, known), missing=missing)
    return sum(not row.verified for row in rows_of(userkit.kit, ada))


def test_five_addresses_wait_at_most(userkit: Kits, start_race: Race) -> None:
    assert add_many(userkit, start_race) == 5


def test_without_a_lock_more_would(userkit: Kits, start_race: Race) -> None:
    assert any(add_many(userkit, start_race, "lock of a claim") > 5 for _ in range(ROUNDS))


def delete(userkit: Kits, start_race: Race, missing: str | None = None) -> t.Iterator[object]:
    """Delete an account while addresses are added to it, and return what is wrong after."""
    ada = somebody(userkit)
    given = (ada, new_address())
    outcomes = start_race(works.delete_or_add, given, processes=1, threads=8, missing=missing)
    yield from failed(outcomes)
    yield from rows_of(userkit.kit, ada)
    theirs = Verification.user_id == ada.user_id
    yield from rows(userkit.kit, Verification, theirs)
    waiting = (OutboxMessage.user_id == ada.user_id, OutboxMessage.done_at.is_(None))
    yield from rows(userkit.kit, OutboxMessage, *waiting)


def test_nothing_is_left_of_an_account_that_is_deleted_while_it_grows(
    userkit: Kits, start_race: Race
) -> None:
    for _ in range(3):
        assert list(delete(userkit, start_race)) == []


def test_without_a_lock_something_would_be(userkit: Kits, start_race: Race) -> None:
    assert any(list(delete(userkit, start_race, "lock of a claim")) for _ in range(ROUNDS))
