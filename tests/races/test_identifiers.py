"""An address and a username have one owner, however many ask for it at once."""

from __future__ import annotations

import pytest

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.services.kit import Kit
from flask_userkit.services.sessions import SignedIn
from tests.races import works
from tests.races.conftest import AT_ONCE
from tests.races.conftest import PROCESSES
from tests.races.conftest import ROUNDS
from tests.races.conftest import Race
from tests.rig.people import new_address
from tests.services.acts import Post
from tests.services.acts import begin_sign_up
from tests.services.acts import let_in
from tests.services.support import count

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
TAKEN = "form_identifier_exists"
THREADS = AT_ONCE // PROCESSES


def begin_sign_ups(userkit: Kits, post: Post) -> list[tuple[str, str]]:
    """Begin to sign up with one address at several browsers, and return what each was sent."""
    address = new_address()
    tokens = [begin_sign_up(userkit, address) for _ in range(THREADS)]
    mails = [mail for mail in post.all() if mail.code and mail.to == address]
    return list(zip(tokens, [str(mail.code) for mail in reversed(mails)], strict=True))


def test_of_sign_ups_with_one_address_one_becomes_a_user(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    outcomes = start_race(works.sign_up_elsewhere, begin_sign_ups(userkit, post), processes=2)
    assert outcomes.pop("done") == 1
    assert outcomes[TAKEN] >= THREADS - 1
    assert (count(kit, User), count(kit, EmailAddress), count(kit, Session)) == (1, 1, 1)


def test_without_a_unique_key_several_would(userkit: Kits, post: Post, start_race: Race) -> None:
    def lost() -> bool:
        given = begin_sign_ups(userkit, post)
        return start_race(works.sign_up_elsewhere, given, missing="verified key")["done"] > 1

    assert any(lost() for _ in range(ROUNDS))


def test_an_address_that_is_given_out_at_once_has_one_owner(
    userkit: Kits, kit: Kit, start_race: Race
) -> None:
    address = new_address()
    assert start_race(works.own_address, address) == {"done": 1, TAKEN: AT_ONCE - 1}
    assert (count(kit, User), count(kit, EmailAddress)) == (1, 1)


def test_without_a_unique_key_an_address_would_have_several(kit: Kit, start_race: Race) -> None:
    def lost() -> bool:
        return start_race(works.own_address, new_address(), missing="verified key")["done"] > 1

    assert any(lost() for _ in range(ROUNDS))


def test_a_username_is_given_out_once_in_any_case(
    userkit: Kits, kit: Kit, start_race: Race
) -> None:
    assert start_race(works.take_username, "ada_1815") == {"done": 1, TAKEN: AT_ONCE - 1}
    assert count(kit, User) == 1


def test_without_a_unique_key_a_username_would_be_given_out_often(
    kit: Kit, start_race: Race
) -> None:
    def lost(turn: int) -> bool:
        return start_race(works.take_username, f"ada_{turn}", missing="username key")["done"] > 2

    assert any(lost(turn) for turn in range(ROUNDS))


@pytest.fixture
def people(userkit: Kits) -> list[SignedIn]:
    """Some people without a username."""
    made = [userkit.users.create_user(email_address=[new_address()]) for _ in range(4)]
    return [let_in(userkit, user.id) for user in made]


def test_a_username_that_several_change_to_becomes_one_persons(
    kit: Kit, people: list[SignedIn], start_race: Race
) -> None:
    outcomes = start_race(works.change_username, ("ada_1815", people))
    won = [outcome for outcome in outcomes if outcome.startswith("done")]
    assert len(won) == 1, "the others of that person say so again, which changes nothing"
    assert outcomes[TAKEN] == AT_ONCE - outcomes[won[0]]
    assert count(kit, User, User.username_key == "ada_1815") == 1
    assert count(kit, User, User.username.is_not(None)) == 1


def test_without_a_unique_key_several_would_change_to_one_username(
    kit: Kit, people: list[SignedIn], start_race: Race
) -> None:
    def lost(turn: int) -> bool:
        given, missing = (f"ada_{turn}", people), "username key of a change"
        # One of each: who is late holds the row of their own user.
        outcomes = start_race(works.change_username, given, threads=len(people), missing=missing)
        return sum(outcome.startswith("done") for outcome in outcomes) > 1

    assert any(lost(turn) for turn in range(ROUNDS))
