"""When a session is over: at the second, for good, and on the very next request."""

from __future__ import annotations

import typing as t

import pytest
from flask import g

from flask_userkit import UserKit
from flask_userkit import current_identity
from tests.http.cookies import NAME
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


def load_reader() -> None:
    g.reader = current_identity()


def test_an_idle_session_is_kept_open_by_no_page_that_asks_about_it(begin: Begin) -> None:
    ada = begin(USERKIT_SESSION_IDLE_TIMEOUT=IDLE)
    # As an app does that loads its reader before each request.
    client = in_process(ada.visitor)
    client.application.before_request_funcs.setdefault(None, []).append(load_reader)
    asked = []
    for _ in range(3):
        ada.clock.tick(IDLE // 2 - 1)
        # To its end, which is when it is written that a session was seen.
        answer = client.get("/account/session", buffered=True).json
        asked.append(answer is not None and answer["session"] is not None)
    assert asked == [True, True, False]
    assert ada.user_id is None


def test_another_secret_key_is_not_the_end_of_what_a_page_was_made_for(
    make_app: MakeApp, begin: Begin, database: Database
) -> None:
    ada = begin()
    old = in_process(ada.visitor).application.config["SECRET_KEY"]
    rotated = make_app(SECRET_KEY_FALLBACKS=[old]).test_client()
    token = token_of(ada.visitor)
    assert token is not None
    rotated.set_cookie(NAME, token)
    marks = {
        visitor.open("/account/session").json["session"]
        for visitor in (ada.visitor, Visitor(rotated))
    }
    (mark,) = marks
    assert len(mark) == 22
    session_id = scalar(database, "SELECT id FROM userkit_session")
    assert mark not in session_id
    sign_in(other := Visitor(rotated.application.test_client()), ada.person)
    assert other.open("/account/session").json["session"] not in (None, mark)


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
