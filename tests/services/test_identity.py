"""Who a request is: for as long as the session lasts, and not a second longer."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import update

from flask_userkit import UserKit
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.security.tokens import new_token
from flask_userkit.services.identity import Identity
from flask_userkit.services.identity import identify
from flask_userkit.services.identity import touch
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.queries import Queries
from tests.services.acts import Post
from tests.services.acts import Signed
from tests.services.acts import sign_up
from tests.services.support import identified
from tests.services.support import rows

pytestmark = pytest.mark.usefixtures("backend")
LIFETIME, IDLE = 3600, 600


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(
        USERKIT_OUTBOX="worker",
        USERKIT_SESSION_LIFETIME=LIFETIME,
        USERKIT_SESSION_IDLE_TIMEOUT=IDLE,
    )


@pytest.fixture
def ada(userkit: UserKit[User], clock: Clock, post: Post) -> Signed:
    assert clock()
    return sign_up(userkit, post)


def identity_of(kit: Kit, token: str) -> Identity:
    found = identify(kit, token)
    assert found is not None
    return found


def last_active_at(kit: Kit) -> object:
    (row,) = rows(kit, Session)
    return row.last_active_at


def test_a_token_stands_for_its_user_in_one_query(
    userkit: UserKit[User],
    kit: Kit,
    ada: Signed,
    query_counter: Callable[[], AbstractContextManager[Queries]],
) -> None:
    userkit.users.update_user(ada.signed_in.user_id, first_name="Ada", last_name="Lovelace")
    with query_counter() as queries:
        found = identity_of(kit, ada.signed_in.token)
    assert len(queries) == 1
    assert found.user_id == ada.signed_in.user_id
    assert found.session_id == ada.signed_in.session_id
    assert (found.name, found.email_address, found.initials) == ("Ada Lovelace", ada.address, "AL")


@pytest.mark.parametrize("token", [None, new_token(), "x" * 43], ids=["none", "new", "made up"])
def test_an_unknown_token_is_nobody(kit: Kit, ada: Signed, token: str | None) -> None:
    assert ada.signed_in.token != token
    assert identify(kit, token) is None


def test_a_session_ends_by_the_clock_however_busy_it_is(
    kit: Kit, clock: Clock, ada: Signed
) -> None:
    for _ in range(LIFETIME // 300 - 1):
        clock.tick(300)
        touch(kit, identity_of(kit, ada.signed_in.token))
    clock.tick(299)
    assert identified(kit, ada.signed_in.token) == ada.signed_in.user_id
    clock.tick(1)
    assert identify(kit, ada.signed_in.token) is None


def test_an_idle_session_ends_and_no_touch_brings_it_back(
    kit: Kit, clock: Clock, ada: Signed
) -> None:
    clock.tick(IDLE - 1)
    seen = identity_of(kit, ada.signed_in.token)
    touch(kit, seen)
    clock.tick(IDLE - 1)
    assert identified(kit, ada.signed_in.token) == ada.signed_in.user_id
    clock.tick(1)
    assert identify(kit, ada.signed_in.token) is None
    touch(kit, seen)
    assert identify(kit, ada.signed_in.token) is None


def test_a_session_is_touched_once_a_minute(
    kit: Kit,
    clock: Clock,
    ada: Signed,
    query_counter: Callable[[], AbstractContextManager[Queries]],
) -> None:
    begun = clock()
    clock.tick(59)
    with query_counter() as queries:
        touch(kit, identity_of(kit, ada.signed_in.token))
    assert len(queries) == 1
    assert last_active_at(kit) == begun
    clock.tick(1)
    stale = identity_of(kit, ada.signed_in.token)
    touch(kit, stale)
    assert last_active_at(kit) == clock()
    moment = clock()
    clock.tick(30)
    touch(kit, stale)
    assert last_active_at(kit) == moment


@pytest.mark.parametrize("status", ["ended", "replaced", "revoked"])
def test_a_touch_on_its_way_does_not_revive_a_session(
    userkit: UserKit[User], kit: Kit, clock: Clock, ada: Signed, status: str
) -> None:
    clock.tick(90)
    in_flight = identity_of(kit, ada.signed_in.token)
    before = last_active_at(kit)
    with userkit.transaction() as db:
        db.execute(update(Session).values(status=status))
    touch(kit, in_flight)
    (row,) = rows(kit, Session)
    assert (row.status, row.last_active_at) == (status, before)
    assert identify(kit, ada.signed_in.token) is None


def test_a_touch_never_fails_the_request(
    kit: Kit, clock: Clock, ada: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.tick(90)
    seen = identity_of(kit, ada.signed_in.token)
    with kit.database.transaction() as db:
        db.execute(update(Session).values(user_agent="held"))
        touch(kit, seen)
    assert last_active_at(kit) == seen.last_active_at


def test_identity_holds_no_transaction_open(kit: Kit, ada: Signed) -> None:
    identify(kit, ada.signed_in.token)
    pool = t.cast(t.Any, kit.database.engine.pool)
    assert pool.checkedout() == 0
