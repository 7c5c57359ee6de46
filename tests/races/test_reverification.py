"""Step-up from many sides at once: a form runs once, guesses are limited, revoked is revoked."""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import replace

import pytest

from flask_userkit import UserKit
from flask_userkit.models import SuspendedForm
from flask_userkit.models import User
from flask_userkit.services import suspended_forms
from flask_userkit.services.kit import Kit
from flask_userkit.services.limits import DEFAULTS
from flask_userkit.services.sessions import SignedIn
from tests.races import works
from tests.races.conftest import ROUNDS
from tests.races.conftest import Race
from tests.races.workers import Scene
from tests.rig.people import new_address
from tests.rig.people import new_password
from tests.services.acts import let_in
from tests.services.support import count

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")


def somebody(userkit: Kits, **more: t.Any) -> SignedIn:
    user = userkit.users.create_user(email_address=[new_address()], **more)
    return let_in(userkit, user.id)


def suspend(userkit: Kits) -> tuple[SignedIn, str]:
    who = somebody(userkit)
    with userkit.transaction() as db:
        return who, suspended_forms.suspend(db, who, "rename", [("username", "countess")])


def test_of_twenty_at_once_one_gets_the_form(userkit: Kits, kit: Kit, start_race: Race) -> None:
    given = suspend(userkit)
    outcomes = start_race(works.take_form, given, processes=4, threads=5)
    assert outcomes == {"done the form": 1, "done nothing": 19}
    assert count(kit, SuspendedForm) == 0


def test_read_and_then_deleted_it_would_run_often(userkit: Kits, start_race: Race) -> None:
    def lost() -> bool:
        outcomes = start_race(works.take_form, suspend(userkit), missing="take")
        return outcomes["done the form"] > 1

    assert any(lost() for _ in range(ROUNDS))


def is_late(userkit: Kits, who: SignedIn, outcomes: Counter[str]) -> bool:
    """Tell whether the username was changed after the session had been revoked."""
    told = [name for name in outcomes if name.startswith("done revoked at ")]
    now = userkit.users.get_user(who.user_id).username
    # Two who revoke it say the same, or something was written between them.
    return told != [f"done revoked at {now}"]


def test_nothing_is_written_for_a_session_that_is_revoked(userkit: Kits, start_race: Race) -> None:
    for _ in range(2):
        who = somebody(userkit, username=f"reader_{userkit.users.get_user_list().total_count}")
        outcomes = start_race(works.revoke_or_rename, who, processes=2, threads=6)
        assert not is_late(userkit, who, outcomes)
        assert outcomes["session_reverification_required"]


def test_read_without_a_lock_something_would(userkit: Kits, start_race: Race) -> None:
    def lost() -> bool:
        who = somebody(userkit, username=f"reader_{userkit.users.get_user_list().total_count}")
        outcomes = start_race(
            works.revoke_or_rename, who, processes=2, threads=6, missing="require"
        )
        return is_late(userkit, who, outcomes)

    assert any(lost() for _ in range(ROUNDS))


class TestGuesses:
    @pytest.fixture
    def scene(self, scene: Scene) -> Scene:
        """The same deployment with the limit as it is."""
        limits = dict.fromkeys(DEFAULTS, "100000/minute")
        limits["reverification:account"] = DEFAULTS["reverification:account"]
        return replace(scene, settings=(("USERKIT_RATE_LIMITS", limits),))

    def test_of_forty_wrong_passwords_at_once_ten_are_looked_at(
        self, userkit: Kits, start_race: Race
    ) -> None:
        who = somebody(userkit, password=new_password())
        outcomes = start_race(works.prove, (who, "not it"), processes=4, threads=10)
        assert outcomes == {"form_password_incorrect": 10, "too_many_requests": 30}
