"""Any number may purge at once, and nobody who uses the app is in their way."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import insert
from sqlalchemy import update

from flask_userkit import UserKit
from flask_userkit.models import Client
from flask_userkit.models import LimitHit
from flask_userkit.models import SignIn
from flask_userkit.models import User
from flask_userkit.security.ids import new_id
from flask_userkit.services import clients
from flask_userkit.services.kit import Kit
from tests.races import works
from tests.races.conftest import ROUNDS
from tests.races.conftest import Race
from tests.rig.people import new_password
from tests.services.support import count

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
OVER = 200


def fill(kit: Kit) -> None:
    """Make counters of limits that are over."""
    over = kit.now() - dt.timedelta(days=2)
    rows = [
        {"key": new_id("key").encode()[-32:], "hits": 1, "expire_at": over} for _ in range(OVER)
    ]
    with kit.database.side() as connection:
        connection.execute(insert(LimitHit), rows)


def test_each_row_is_counted_by_one_while_people_sign_in(
    userkit: Kits, kit: Kit, start_race: Race
) -> None:
    given = ("ada_1815", new_password())
    user = userkit.users.create_user(username=given[0], password=given[1])
    fill(kit)
    outcomes = start_race(works.purge_or_sign_in, given, processes=2, threads=4)
    assert outcomes == {"deleted": OVER, f"signed in {user.id}": 4}


def test_counted_as_they_were_read_some_would_be_counted_twice(
    userkit: Kits, kit: Kit, start_race: Race
) -> None:
    given = ("ada_1815", new_password())
    userkit.users.create_user(username=given[0], password=given[1])

    def lost() -> bool:
        fill(kit)
        outcomes = start_race(
            works.purge_or_sign_in, given, processes=2, threads=4, missing="purge"
        )
        return outcomes["deleted"] > OVER

    assert any(lost() for _ in range(ROUNDS))


def old_browsers(userkit: Kits, kit: Kit) -> list[str]:
    """Return the tokens of browsers that have not been seen for long."""
    with userkit.transaction() as db:
        tokens = [clients.ensure(db, None)[1] for _ in range(60)]
    with kit.database.side() as connection:
        connection.execute(update(Client).values(updated_at=kit.now() - dt.timedelta(days=40)))
    return tokens


def test_a_browser_that_comes_back_meanwhile_is_served(
    userkit: Kits, kit: Kit, start_race: Race
) -> None:
    tokens = old_browsers(userkit, kit)
    outcomes = start_race(works.purge_or_come_back, tokens, processes=2, threads=4)
    assert outcomes == {"done": 8}
    assert count(kit, SignIn) >= len(tokens) * 3 // 4


@pytest.mark.parametrize("backend", ["postgresql", "mariadb"], indirect=True)
def test_who_does_not_look_again_would_fail(userkit: Kits, kit: Kit, start_race: Race) -> None:
    def lost() -> bool:
        tokens = old_browsers(userkit, kit)
        outcomes = start_race(
            works.purge_or_come_back, tokens, processes=2, threads=4, missing="look again"
        )
        return any("IntegrityError" in outcome for outcome in outcomes)

    assert any(lost() for _ in range(ROUNDS))
