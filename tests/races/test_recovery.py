"""One of several resets wins, nobody from before stays in, and one of many failures locks (R11)."""

from __future__ import annotations

import pytest

from flask_userkit import UserKit
from flask_userkit.models import Event
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.services.kit import Kit
from flask_userkit.services.limits import DEFAULTS
from tests.races import recovery_works as works
from tests.races.conftest import AT_ONCE
from tests.races.conftest import PROCESSES
from tests.races.conftest import ROUNDS
from tests.races.conftest import Race
from tests.races.workers import Scene
from tests.rig.people import new_address
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import begin_reset
from tests.services.acts import begin_sign_in
from tests.services.acts import let_in
from tests.services.support import count
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
LOST = {
    "password_changed",
    "verification_already_verified",
    "verification_expired",
    "verification_failed",
    "session_exists",
}


def make_resets(
    userkit: Kits, post: Post, number: int
) -> tuple[User, str, list[tuple[str, str, str]]]:
    """Return somebody with a live session, and as many resets under way in as many browsers."""
    address = new_address()
    user = userkit.users.create_user(email_address=[address], password=new_password())
    let_in(userkit, user.id)
    resets = []
    for _ in range(number):
        token = begin_reset(userkit, address)
        resets.append((token, post.code(address), new_password()))
    return user, address, resets


def live(kit: Kit, user: User) -> list[str]:
    mine = rows(kit, Session, Session.user_id == user.id, Session.status == "active")
    return [row.id for row in mine]


def test_of_several_resets_at_once_one_wins(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    user, _address, resets = make_resets(userkit, post, 3)
    outcomes = start_race(works.reset_each, resets)
    won = [outcome for outcome in outcomes if outcome.startswith("done")]
    assert len(won) == outcomes[won[0]] == 1
    assert outcomes.keys() - set(won) <= LOST
    assert live(kit, user) == [won[0].removeprefix("done ")]
    digest = userkit.users.get_user(user.id).password_digest
    assert [kit.passwords.verify(digest, reset[2]) for reset in resets].count(True) == 1


def test_without_the_lock_and_what_it_compares_several_would(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    def lost() -> bool:
        _user, _address, resets = make_resets(userkit, post, 3)
        outcomes = start_race(works.reset_each, resets, missing="lock of a reset")
        return sum(name.startswith("done") for name in outcomes) > 1

    assert any(lost() for _ in range(ROUNDS))


def test_two_resets_and_a_change_by_the_app_leave_nobody_in_from_before(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    for _ in range(2):
        user, address, resets = make_resets(userkit, post, 2)
        before = live(kit, user)
        given = (user.id, address, resets)
        outcomes = start_race(works.reset_or_change, given, processes=1, threads=6)
        assert outcomes.pop("done changed") == 1
        outcomes.pop("done tried", 0)
        won = [name for name in outcomes if name.startswith("done reset")]
        assert len(won) <= 1
        assert outcomes.keys() - set(won) <= LOST
        assert not set(live(kit, user)) & set(before)
        # Whose password it is now has nobody in who signed in by another one.
        assert len(live(kit, user)) <= 4


def make_codes(
    userkit: Kits, post: Post, number: int
) -> tuple[User, tuple[tuple[str, str, str], list[tuple[str, str]]]]:
    address = new_address()
    user = userkit.users.create_user(email_address=[address], password=new_password())
    codes = []
    for _ in range(number):
        token = begin_sign_in(userkit, address)
        codes.append((token, post.code(address)))
    token = begin_reset(userkit, address)
    return user, ((token, post.code(address), new_password()), codes)


def test_no_session_by_an_earlier_code_outlives_a_reset(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    for _ in range(3):
        user, given = make_codes(userkit, post, 10)
        outcomes = start_race(works.reset_or_enter, given, processes=1, threads=3)
        (won,) = [name for name in outcomes if name.startswith("reset")]
        assert outcomes.keys() - {won} <= LOST
        assert live(kit, user) == [won.removeprefix("reset ")]


def test_where_codes_did_not_end_some_would(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    def lost() -> bool:
        user, given = make_codes(userkit, post, 10)
        start_race(works.reset_or_enter, given, processes=1, threads=3, missing="end of codes")
        return len(live(kit, user)) > 1

    assert any(lost() for _ in range(ROUNDS))


def locked_events(kit: Kit, user: User) -> int:
    return count(kit, Event, Event.user_id == user.id, Event.name == "user.locked")


def test_of_many_last_failures_one_locks(userkit: Kits, kit: Kit, start_race: Race) -> None:
    address = new_address()
    user = userkit.users.create_user(email_address=[address], password=new_password())
    assert start_race(works.fail_for_the_last_time, address) == {"done": AT_ONCE}
    assert locked_events(kit, user) == 1
    assert userkit.users.get_user(user.id).locked_until is not None


def test_read_and_then_written_many_would(userkit: Kits, kit: Kit, start_race: Race) -> None:
    def lost() -> bool:
        address = new_address()
        user = userkit.users.create_user(email_address=[address], password=new_password())
        start_race(works.fail_for_the_last_time, address, missing="lock of an account")
        return locked_events(kit, user) > 1

    assert any(lost() for _ in range(ROUNDS))


@pytest.fixture
def scene(scene: Scene) -> Scene:
    limits = dict.fromkeys(DEFAULTS, "100000/minute") | {
        "sign_in:account": "10/hour",
        "notice:locked": "1/day",
    }
    return Scene(
        scene.url, scene.folder, scene.secret, (("USERKIT_RATE_LIMITS", limits),), scene.missing
    )


def test_of_many_guesses_in_several_processes_ten_are_looked_at(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    address = new_address()
    user = userkit.users.create_user(email_address=[address], password=new_password())
    outcomes = start_race(works.guess, address)
    assert outcomes == {
        "form_password_or_identifier_incorrect": 10,
        "user_locked": 4 * AT_ONCE - 10,
    }
    assert locked_events(kit, user) == 1
    assert [mail.to for mail in post.all()] == [address]
    assert PROCESSES > 1
