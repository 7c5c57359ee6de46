"""One code, fifty times at once: it works once."""

from __future__ import annotations

import typing as t

import pytest

from flask_userkit import UserKit
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.services import verifications
from flask_userkit.services.kit import Kit
from tests.races import works
from tests.races.conftest import AT_ONCE
from tests.races.conftest import ROUNDS
from tests.races.conftest import Race
from tests.rig.people import new_address
from tests.services.acts import Post
from tests.services.acts import begin_sign_in
from tests.services.acts import begin_sign_up
from tests.services.support import count
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
LOST = {
    "verification_already_verified",
    "verification_failed",
    "verification_expired",
    "session_exists",
}


@on_each_database
@pytest.mark.parametrize("flow", ["sign_up", "sign_in"])
def test_a_code_entered_fifty_times_at_once_makes_one_session(
    userkit: Kits, kit: Kit, post: Post, start_race: Race, flow: str
) -> None:
    address = new_address()
    if flow == "sign_in":
        userkit.users.create_user(email_address=[address])
    begin = begin_sign_in if flow == "sign_in" else begin_sign_up
    token = begin(userkit, address)
    work = works.sign_in if flow == "sign_in" else works.sign_up
    outcomes = start_race(work, (token, post.code(address)), processes=5, threads=10)
    won = [outcome for outcome in outcomes if outcome.startswith("done")]
    assert len(won) == outcomes[won[0]] == 1
    assert outcomes.keys() - set(won) <= LOST
    assert (count(kit, User), count(kit, Session)) == (1, 1)


def make_proof(userkit: Kits, kit: Kit) -> verifications.Proof:
    begin_sign_up(userkit, new_address())
    row = rows(kit, Verification)[-1]
    return verifications.Proof(row.id, row.address, None, row.client_id)


@on_each_database
def test_a_proof_is_used_up_once(userkit: Kits, kit: Kit, start_race: Race) -> None:
    outcomes = start_race(works.use_up, make_proof(userkit, kit))
    assert outcomes == {"done": 1, "verification_already_verified": AT_ONCE - 1}


@on_each_database
def test_read_and_then_written_it_would_be_used_up_often(
    userkit: Kits, kit: Kit, start_race: Race
) -> None:
    def lost() -> bool:
        return start_race(works.use_up, make_proof(userkit, kit), missing="consume")["done"] > 1

    assert any(lost() for _ in range(ROUNDS))


def make_guesses(userkit: Kits, kit: Kit, post: Post) -> tuple[t.Any, ...]:
    address = new_address()
    begin_sign_up(userkit, address)
    row = rows(kit, Verification)[-1]
    return row.id, row.client_id, post.code(address)


@on_each_database
def test_of_two_hundred_wrong_guesses_five_are_looked_at(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    given = make_guesses(userkit, kit, post)
    outcomes = start_race(works.guess, given, processes=5, threads=10)
    assert outcomes == {"form_code_incorrect": 5, "verification_failed": 195}
    assert rows(kit, Verification)[-1].attempts == 5


@on_each_database
def test_read_and_then_written_more_would_be_looked_at(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    def lost() -> bool:
        given = make_guesses(userkit, kit, post)
        return start_race(works.guess, given, missing="reserve")["form_code_incorrect"] > 5

    assert any(lost() for _ in range(ROUNDS))
