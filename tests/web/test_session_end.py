"""When a session is over: at the second, for good, and on the very next request."""

from __future__ import annotations

import typing as t

import pytest

from flask_userkit import UserKit
from tests.http.cookies import in_process
from tests.http.cookies import token_of
from tests.http.cookies import user_with
from tests.http.rows import scalar
from tests.rig.clock import Clock
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import sign_in
from tests.rig.people import sign_up
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.usefixtures("backend")
LIFETIME = 3600
IDLE = 600


class SignedIn(t.NamedTuple):
    """Somebody who has just signed in, on an app whose clock the test moves."""

    visitor: Visitor
    clock: Clock
    kit: UserKit
    person: Person

    @property
    def user_id(self) -> str | None:
        return user_with(self.visitor.client, token_of(self.visitor))


@pytest.fixture
def begin(make_app: MakeApp) -> t.Callable[..., SignedIn]:
    def begin_with(**settings: t.Any) -> SignedIn:
        app = make_app(**settings)
        kit: UserKit = app.extensions["userkit"]
        with app.app_context():
            kit.clock = clock = Clock()
        visitor = Visitor(app.test_client())
        person = sign_up(visitor, Mailbox(app.test_client()))
        return SignedIn(visitor, clock, kit, person)

    return begin_with


Begin = t.Callable[..., SignedIn]


def test_a_session_ends_at_the_second_however_active_it_is(begin: Begin) -> None:
    ada = begin(USERKIT_SESSION_LIFETIME=LIFETIME)
    for _ in range(11):
        ada.clock.tick(300)
        assert ada.user_id is not None
    ada.clock.tick(299)
    assert ada.user_id is not None
    ada.clock.tick(1)
    assert ada.user_id is None


def test_an_idle_session_ends_at_the_second(begin: Begin) -> None:
    ada = begin(USERKIT_SESSION_IDLE_TIMEOUT=IDLE)
    for _ in range(3):
        ada.clock.tick(IDLE - 1)
        assert ada.user_id is not None
    ada.clock.tick(IDLE)
    assert ada.user_id is None


def test_without_an_idle_timeout_a_session_waits_for_its_person(begin: Begin) -> None:
    ada = begin(USERKIT_SESSION_LIFETIME=LIFETIME)
    ada.clock.tick(LIFETIME - 1)
    assert ada.user_id is not None


@pytest.mark.parametrize(
    "settings", [{"USERKIT_SESSION_LIFETIME": LIFETIME}, {"USERKIT_SESSION_IDLE_TIMEOUT": LIFETIME}]
)
def test_a_clock_that_is_set_back_revives_nothing(
    begin: Begin, settings: dict[str, int], database: Database
) -> None:
    ada = begin(**settings)
    ada.clock.tick(LIFETIME + 1)
    assert ada.user_id is None
    ada.clock.tick(-3600)
    assert ada.user_id is None
    assert scalar(database, "SELECT status FROM userkit_session") == "expired"


def test_a_ban_ends_every_session_and_lifting_it_revives_none(begin: Begin) -> None:
    ada = begin()
    user_id = ada.user_id
    assert user_id is not None
    ada.kit.users.ban_user(user_id)
    assert ada.user_id is None
    ada.kit.users.unban_user(user_id)
    assert ada.user_id is None
    sign_in(ada.visitor, ada.person)
    assert ada.user_id == user_id


def test_a_deleted_user_is_nobody(begin: Begin, database: Database) -> None:
    ada = begin()
    user_id = ada.user_id
    assert user_id is not None
    ada.kit.users.delete_user(user_id)
    assert ada.user_id is None
    assert scalar(database, "SELECT count(*) FROM userkit_session") == 0
    assert sign_in(ada.visitor, ada.person).status == 422


def test_a_revoked_session_is_over_and_its_neighbour_is_not(
    begin: Begin, database: Database
) -> None:
    ada = begin()
    other = Visitor(in_process(ada.visitor).application.test_client())
    sign_in(other, ada.person)
    revoked = scalar(database, "SELECT min(id) FROM userkit_session")
    ada.kit.sessions.revoke_session(revoked)
    assert ada.user_id is None
    assert user_with(other.client, token_of(other)) is not None
