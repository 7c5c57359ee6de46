"""What ended stays ended, and a browser is one person's at a time."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest
from sqlalchemy import update

from flask_userkit import UserKit
from flask_userkit.models import Event
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.services.identity import Identity
from flask_userkit.services.identity import identify
from flask_userkit.services.kit import Kit
from tests.races import works
from tests.races.conftest import PROCESSES
from tests.races.conftest import ROUNDS
from tests.races.conftest import Race
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import begin_sign_in
from tests.services.acts import sign_in
from tests.services.acts import sign_up
from tests.services.support import count
from tests.services.support import identified
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")


def in_flight(userkit: Kits, kit: Kit, post: Post) -> tuple[str, Identity]:
    """Sign somebody up, and let a request of theirs in whose touch is due."""
    token = sign_up(userkit, post).signed_in.token
    long_ago = kit.now() - dt.timedelta(minutes=5)
    with kit.database.side() as connection:
        connection.execute(update(Session).values(last_active_at=long_ago))
    found = identify(kit, token)
    assert found is not None
    return token, found


def test_sign_out_wins_against_the_requests_in_flight(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    for _ in range(2):
        token, found = in_flight(userkit, kit, post)
        assert start_race(works.sign_out_or_go_on, found, threads=2) == {"done": 2 * PROCESSES}
        assert identified(kit, token) is None
        assert rows(kit, Session)[-1].status == "ended"


def test_a_touch_that_trusts_what_it_read_would_revive_the_session(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    def lost() -> bool:
        _, found = in_flight(userkit, kit, post)
        start_race(works.sign_out_or_go_on, found, threads=2, missing="touch")
        return bool(rows(kit, Session)[-1].status == "active")

    assert any(lost() for _ in range(ROUNDS))


def ends(userkit: Kits, kit: Kit, post: Post, start_race: Race, missing: str | None) -> int:
    """Let a session that has expired end in every way at once, and return how often it was told."""
    token, found = in_flight(userkit, kit, post)
    with kit.database.side() as connection:
        connection.execute(update(Session).values(expire_at=kit.now()))
    outcomes = start_race(works.end_or_expire, (token, found), processes=2, missing=missing)
    assert outcomes == {"done": 2 * 6} or missing
    row = rows(kit, Session)[-1]
    assert (row.id, row.status) in {(found.session_id, end) for end in ("expired", "revoked")}
    told = Event.name.in_(("session.expired", "session.revoked"))
    return len([event for event in rows(kit, Event, told) if event.user_id == found.user_id])


def test_a_session_ends_once_whoever_ends_it(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    assert [ends(userkit, kit, post, start_race, None) for _ in range(2)] == [1, 1]


def test_without_a_lock_its_end_would_be_told_twice(
    userkit: Kits, kit: Kit, post: Post, start_race: Race
) -> None:
    assert any(ends(userkit, kit, post, start_race, "lock of an end") > 1 for _ in range(ROUNDS))


def people(userkit: Kits) -> tuple[str, list[tuple[str, str]]]:
    """Return the token of a browser, and who is about to sign in at it."""
    found = []
    for number in range(2):
        password = new_password()
        userkit.users.create_user(username=f"reader_{number}", password=password)
        found.append((f"reader_{number}", password))
    return begin_sign_in(userkit, "nobody"), found


def test_a_browser_where_many_sign_in_at_once_is_one_person_s(
    userkit: Kits, kit: Kit, start_race: Race
) -> None:
    outcomes = start_race(works.take_browser, people(userkit), processes=2, threads=2)
    shared = [row for row in rows(kit, Session) if row.status == "active"]
    clients = {row.client_id for row in shared}
    assert len(shared) == len(clients)
    done = sum(outcomes[outcome] for outcome in outcomes if outcome.startswith("done"))
    assert done == count(kit, Session)
    assert done + outcomes["session_exists"] == 4


def test_a_token_is_replaced_once(userkit: Kits, kit: Kit, start_race: Race) -> None:
    token = begin_sign_in(userkit, "nobody")
    outcomes = start_race(works.rotate, token)
    new = [name.removeprefix("done ") for name in outcomes if name.startswith("done ")]
    assert len(new) == 1
    assert set(outcomes) <= {f"done {new[0]}", "done", "AssertionError: "}


def test_a_token_that_is_replaced_unconditionally_would_be_replaced_often(
    userkit: Kits, start_race: Race
) -> None:
    def lost() -> bool:
        token = begin_sign_in(userkit, "nobody")
        outcomes = start_race(works.rotate, token, missing="rotate")
        return len([name for name in outcomes if name.startswith("done ")]) > 1

    assert any(lost() for _ in range(ROUNDS))


def make_user(userkit: Kits) -> tuple[t.Any, ...]:
    old, new = new_password(), [new_password()]
    name = f"reader_{userkit.users.get_user_list().total_count}"
    user = userkit.users.create_user(username=name, password=old)
    return user.id, name, old, new


def test_no_session_of_the_old_password_outlives_its_change(
    userkit: Kits, kit: Kit, start_race: Race
) -> None:
    for _ in range(2):
        given = make_user(userkit)
        outcomes = start_race(works.change_or_sign_in, given)
        assert outcomes.pop("done changed") == PROCESSES
        assert outcomes.keys() <= {"done signed in", "form_password_or_identifier_incorrect"}
        mine = (Session.user_id == given[0], Session.status == "active")
        assert count(kit, Session, *mine) == 0
        assert sign_in(userkit, given[1], given[3][0]).user_id == given[0]


def test_without_the_lock_some_would(userkit: Kits, kit: Kit, start_race: Race) -> None:
    def lost() -> bool:
        given = make_user(userkit)
        start_race(works.change_or_sign_in, given, processes=2, threads=12, missing="lock")
        return count(kit, Session, Session.user_id == given[0], Session.status == "active") > 0

    assert any(lost() for _ in range(ROUNDS))


def test_a_deleted_user_is_gone_whatever_was_under_way(
    userkit: Kits, kit: Kit, start_race: Race
) -> None:
    user_id, name, password, _ = make_user(userkit)
    outcomes = start_race(works.delete_or_begin, (user_id, name, password), processes=2)
    assert outcomes.pop("done deleted") == 1
    assert outcomes.keys() <= {
        "done",
        "resource_not_found",
        "form_password_or_identifier_incorrect",
    }
    assert count(kit, Session) == count(kit, User) == 0
