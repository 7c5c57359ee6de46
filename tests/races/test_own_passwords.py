"""Of passwords that are set at once one counts, and the last way in stays (R4, R11)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.services import inventory
from flask_userkit.services.kit import Kit
from tests.races import password_works as works
from tests.races.conftest import ROUNDS
from tests.races.conftest import Race
from tests.races.workers import Scene
from tests.rig.people import new_address
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import begin_reset
from tests.services.acts import sign_in
from tests.services.address_acts import who
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
LOST = {
    "form_password_or_identifier_incorrect",
    "password_changed",
    "session_reverification_required",
    "authentication_invalid",
    "verification_already_verified",
    "verification_expired",
}


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """An account may do without an address, and without a password."""
    optional = (("USERKIT_EMAIL_ADDRESS", "optional"), ("USERKIT_PASSWORD", "optional"))
    return replace(scene, settings=(*scene.settings, *optional))


def set_at_once(
    userkit: Kits, post: Post, start_race: Race, missing: str | None = None
) -> tuple[User, works.Given, Counter[str]]:
    """Let two sessions and a reset each set a password, while others sign in with the old one."""
    address, old = new_address(), new_password()
    user = userkit.users.create_user(email_address=[address], password=old)
    sessions = [
        (who(userkit, sign_in(userkit, address, old).token), new_password()) for _ in range(2)
    ]
    token = begin_reset(userkit, address)
    given = works.Given(sessions, (token, post.code(address), new_password()), address, old)
    outcomes = start_race(
        works.change_or_reset_or_enter, given, processes=1, threads=6, missing=missing
    )
    return user, given, outcomes


def winners(outcomes: Counter[str]) -> list[str]:
    return [name.removeprefix("done set ") for name in outcomes if name.startswith("done set ")]


def test_of_two_changes_and_a_reset_one_wins_and_nobody_from_before_stays_in(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    for _ in range(2):
        user, given, outcomes = set_at_once(userkit, post, start_race)
        (won,) = winners(outcomes)
        assert outcomes.keys() - {f"done set {won}", "done in"} <= LOST
        active = rows(kit, Session, Session.user_id == user.id, Session.status == "active")
        assert [row.id for row in active] == [won]
        digest = userkit.users.get_user(user.id).password_digest
        typed = [given.reset[2], *(password for _, password in given.sessions), given.old]
        found = [kit.passwords.verify(digest, password) for password in typed]
        assert (found.count(True), found[-1]) == (1, False)


def test_without_the_lock_and_what_it_compares_several_would(
    userkit: Kits, post: Post, start_race: Race
) -> None:
    def lost() -> bool:
        _user, _given, outcomes = set_at_once(userkit, post, start_race, "lock of a password")
        return len(winners(outcomes)) > 1

    assert any(lost() for _ in range(ROUNDS))


def remove_both(userkit: Kits, start_race: Race, missing: str | None = None) -> bool:
    """Remove the password and the only address at once, and tell whether a way in is left."""
    address, password = new_address(), new_password()
    name = address.partition("@")[0].replace(".", "_")
    user = userkit.users.create_user(email_address=[address], username=name, password=password)
    mine = who(userkit, sign_in(userkit, address, password).token)
    (row,) = rows(userkit.kit, EmailAddress, EmailAddress.user_id == user.id)
    threads = 2 if missing else 4
    start_race(works.remove_one, (mine, row.id), processes=1, threads=threads, missing=missing)
    left = inventory.read(userkit.kit, user.id)
    return inventory.can_sign_in(userkit.kit.config, left)


def test_of_the_password_and_the_last_address_one_stays(userkit: Kits, start_race: Race) -> None:
    assert all(remove_both(userkit, start_race) for _ in range(3))


def test_without_a_lock_both_would_go(userkit: Kits, start_race: Race) -> None:
    assert not all(remove_both(userkit, start_race, "lock of a way in") for _ in range(ROUNDS))
