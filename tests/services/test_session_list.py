"""An app sees the sessions of a user, and what became of each."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.services import sessions
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.services.acts import let_in
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(USERKIT_OUTBOX="worker", USERKIT_SESSION_IDLE_TIMEOUT=600)


@pytest.fixture
def ada(userkit: Kits) -> str:
    let_in(userkit, userkit.users.create_user(email_address=[new_address()]).id)
    return userkit.users.create_user(email_address=[new_address()]).id


def ids(userkit: Kits, **wanted: t.Any) -> list[str]:
    return [session.id for session in userkit.sessions.get_session_list(**wanted).data]


def test_they_come_newest_first_and_by_what_became_of_them(
    userkit: Kits, kit: Kit, clock: Clock, ada: str
) -> None:
    idle = let_in(userkit, ada)
    clock.tick(300)
    ended, revoked, active = (let_in(userkit, ada) for _ in range(3))
    with userkit.transaction() as db:
        sessions.end(db, ended.session_id, ada)
    userkit.sessions.revoke_session(revoked.session_id)
    clock.tick(300)
    every = [each.session_id for each in (active, revoked, ended, idle)]
    assert ids(userkit, user_id=ada) == every
    assert ids(userkit, user_id=ada, limit=2, offset=1) == every[1:3]
    assert userkit.sessions.get_session_list(user_id=ada, limit=1).total_count == 4
    for status, found in (("active", active), ("ended", ended), ("revoked", revoked)):
        assert ids(userkit, user_id=ada, status=status) == [found.session_id]
    # Nobody has come back to see that it is over.
    assert ids(userkit, user_id=ada, status="expired") == [idle.session_id]
    (row,) = rows(kit, Session, Session.id == active.session_id)
    assert ids(userkit, client_id=row.client_id) == [active.session_id]
    assert ids(userkit, client_id=row.client_id, user_id="user_0") == []
    assert userkit.sessions.get_session(ended.session_id).status == "ended"


def test_what_cannot_be_is_told(userkit: Kits, ada: str) -> None:
    for param, wanted in (
        ("user_id", {}),
        ("status", {"user_id": ada, "status": "Active"}),
        ("limit", {"user_id": ada, "limit": 0}),
        ("limit", {"user_id": ada, "limit": 501}),
        ("limit", {"user_id": ada, "offset": -1}),
    ):
        with refused("form_param_value_invalid", param):
            userkit.sessions.get_session_list(**wanted)
    for nobody in ("", "\0", "\ud800", "user_0"):
        assert ids(userkit, user_id=nobody) == []
        with refused("resource_not_found"):
            userkit.sessions.get_session(nobody)
