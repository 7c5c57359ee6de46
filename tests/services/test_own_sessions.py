"""People see where they are signed in, a page at a time, and end what they choose."""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import update
from sqlalchemy.orm import Session as DbSession

from flask_userkit import UserKit
from flask_userkit.models import Event
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.security.ids import new_id
from flask_userkit.services import own_sessions
from flask_userkit.services import sessions
from flask_userkit.services.kit import Caller
from flask_userkit.services.kit import Kit
from flask_userkit.services.own_sessions import PAGE
from flask_userkit.services.own_sessions import Devices
from flask_userkit.services.sessions import SignedIn
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.rig.queries import Queries
from tests.services.acts import let_in
from tests.services.support import count
from tests.services.support import identified
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def ada(userkit: Kits, clock: Clock) -> SignedIn:
    assert clock()
    return let_in(userkit, userkit.users.create_user(email_address=[new_address()]).id)


@pytest.fixture
def bea(userkit: Kits) -> SignedIn:
    return let_in(userkit, userkit.users.create_user(email_address=[new_address()]).id)


def ids(found: Devices) -> list[str]:
    return [device.id for device in found.others]


def fill(kit: Kit, who: SignedIn, number: int, **values: t.Any) -> list[str]:
    """Sign somebody in often, as years of browsers would, and return the ids as they are listed.

    Every third was seen at the same moment as the one before.
    """
    (mine,) = rows(kit, Session, Session.id == who.session_id)
    kept = {column.name: getattr(mine, column.name) for column in Session.__table__.columns}
    made = []
    for index in range(number):
        seen = kit.now() - dt.timedelta(seconds=60 + index - index % 3 // 2)
        made.append({**kept, "id": new_id("sess"), "last_active_at": seen, **values})
    with kit.database.side() as connection:
        connection.execute(insert(Session), made)
    made.sort(key=lambda row: (row["last_active_at"], row["id"]), reverse=True)
    return [row["id"] for row in made]


def test_this_session_comes_first_and_the_others_by_when_they_were_seen(
    userkit: Kits, kit: Kit, clock: Clock, ada: SignedIn, bea: SignedIn
) -> None:
    kit.caller = lambda: Caller(ip_address="203.0.113.24", user_agent=FIREFOX)
    others = []
    for _ in range(3):
        clock.tick(90)
        others.append(let_in(userkit, ada.user_id).session_id)
    found = own_sessions.list_own(kit, ada)
    assert found.current is not None
    assert found.current.id == ada.session_id
    assert ids(found) == others[::-1]
    assert (found.asked, found.older) == ([], None)
    newest = found.others[0]
    assert (newest.browser, newest.system) == ("Firefox", "Linux")
    assert (newest.ip_address, newest.strategy) == ("203.0.113.24", "password")
    assert newest.last_active_at == newest.created_at == clock()
    assert (found.current.browser, found.current.ip_address) == (None, None)
    assert bea.session_id not in ids(found)


def test_every_one_is_on_one_page_however_many(
    kit: Kit,
    ada: SignedIn,
    bea: SignedIn,
    query_counter: Callable[[], AbstractContextManager[Queries]],
) -> None:
    fill(kit, bea, 3)
    for number in (PAGE - 1, PAGE, PAGE + 1, 5000):
        with kit.database.side() as connection:
            connection.execute(delete(Session).where(Session.id.in_(_others(kit, ada))))
        made = fill(kit, ada, number)
        shown: list[str] = []
        after: str | None = None
        while after is not None or not shown:
            with query_counter() as queries:
                found = own_sessions.list_own(kit, ada, after)
            assert len(queries) == 1
            assert found.current is not None
            assert len(found.others) <= PAGE
            shown += ids(found)
            after = found.older if len(shown) < 4 * PAGE else None
        assert shown == made[: 4 * PAGE], number


def _others(kit: Kit, who: SignedIn) -> list[str]:
    mine = (Session.user_id == who.user_id, Session.id != who.session_id)
    return [row.id for row in rows(kit, Session, *mine)]


def test_a_page_goes_on_where_it_was_whatever_changed_meanwhile(
    userkit: Kits, kit: Kit, clock: Clock, ada: SignedIn
) -> None:
    made = fill(kit, ada, 3 * PAGE)
    first = own_sessions.list_own(kit, ada)
    let_in(userkit, ada.user_id)
    with userkit.transaction() as db:
        # One that was on the first page and one that would be on the second.
        db.execute(
            update(Session).where(Session.id.in_([made[2], made[PAGE + 2]])).values(status="ended")
        )
    second = own_sessions.list_own(kit, ada, first.older)
    rest = [one for one in made[PAGE:] if one != made[PAGE + 2]]
    assert ids(second) == rest[:PAGE]


NO_CURSORS = [
    *("", "x", "1", "1.", ".sess_1", "-1.sess_1", "9" * 17 + ".sess_1", "9" * 40 + ".sess_1"),
    *("1.sess_é", "1.sess_1\n", "\0", "1.sess_1'--", "١.sess_1", "\ud800"),
]


def test_what_is_no_cursor_is_the_first_page(kit: Kit, ada: SignedIn) -> None:
    made = fill(kit, ada, 3)
    for after in NO_CURSORS:
        assert ids(own_sessions.list_own(kit, ada, after)) == made, after
    assert ids(own_sessions.list_own(kit, ada, "1.sess_1")) == []


def test_a_session_that_is_asked_for_is_there_once_whatever_page_it_is_on(
    kit: Kit, ada: SignedIn, bea: SignedIn
) -> None:
    made = fill(kit, ada, 2 * PAGE)
    on_page = own_sessions.list_own(kit, ada, about=made[3])
    assert (on_page.asked, ids(on_page)) == ([], made[:PAGE])
    elsewhere = own_sessions.list_own(kit, ada, about=made[-1])
    assert [device.id for device in elsewhere.asked] == [made[-1]]
    assert ids(elsewhere) == made[:PAGE]
    for nobodys in (bea.session_id, "sess_0", "\0", "\ud800", ada.session_id):
        assert own_sessions.list_own(kit, ada, about=nobodys).asked == []


def test_what_has_ended_is_not_shown(kit: Kit, ada: SignedIn) -> None:
    for status in ("ended", "expired", "replaced", "revoked"):
        fill(kit, ada, 1, status=status)
    assert ids(own_sessions.list_own(kit, ada)) == []


def test_what_has_expired_is_not_shown_though_nobody_has_seen_it(
    make_app: MakeApp, clock: Clock
) -> None:
    app = make_app(
        USERKIT_OUTBOX="worker", USERKIT_SESSION_LIFETIME=3600, USERKIT_SESSION_IDLE_TIMEOUT=600
    )
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        userkit.clock = clock
        kit = userkit.kit
        user_id = userkit.users.create_user(email_address=[new_address()]).id
        idle = let_in(userkit, user_id)
        clock.tick(599)
        here = let_in(userkit, user_id)
        assert ids(own_sessions.list_own(kit, here)) == [idle.session_id]
        clock.tick(1)
        assert ids(own_sessions.list_own(kit, here)) == []
        with userkit.transaction() as db:
            db.execute(update(Session).values(last_active_at=clock()))
        assert ids(own_sessions.list_own(kit, here)) == [idle.session_id]
        clock.tick(3600 - 600)
        with userkit.transaction() as db:
            db.execute(update(Session).values(last_active_at=clock()))
        assert ids(own_sessions.list_own(kit, here)) == []


def revoke(userkit: Kits, who: SignedIn, session_id: str) -> None:
    with userkit.transaction() as db:
        own_sessions.revoke_own_session(db, who, session_id)


def test_one_is_ended_and_the_others_go_on(
    userkit: Kits, kit: Kit, ada: SignedIn, heard: list[str]
) -> None:
    first, second = let_in(userkit, ada.user_id), let_in(userkit, ada.user_id)
    heard.clear()
    revoke(userkit, ada, first.session_id)
    assert identified(kit, first.token) is None
    assert identified(kit, second.token) == identified(kit, ada.token) == ada.user_id
    (event,) = rows(kit, Event, Event.name == "session.revoked")
    assert event.data == {"session_id": first.session_id, "status": "revoked"}
    assert heard == ["session.revoked"]
    with refused("resource_not_found"):
        revoke(userkit, ada, first.session_id)


def test_another_s_and_nobody_s_answer_alike(
    userkit: Kits, kit: Kit, ada: SignedIn, bea: SignedIn
) -> None:
    told = set()
    for session_id in (bea.session_id, "sess_0", "", "\0", "\ud800", ada.session_id.upper()):
        with refused("resource_not_found") as error:
            revoke(userkit, ada, session_id)
        told.add((error.status, error.message))
    assert len(told) == 1
    assert identified(kit, bea.token) == bea.user_id
    assert count(kit, Event, Event.name == "session.revoked") == 0


def test_the_current_one_is_signed_out(
    userkit: Kits, kit: Kit, clock: Clock, ada: SignedIn
) -> None:
    other = let_in(userkit, ada.user_id)
    clock.tick(minutes=11)
    revoke(userkit, ada, ada.session_id)
    assert identified(kit, ada.token) is None
    assert identified(kit, other.token) == ada.user_id
    assert [row.status for row in rows(kit, Session)] == ["ended", "active"]


def test_all_others_are_ended_and_exactly_one_is_kept(
    userkit: Kits, kit: Kit, ada: SignedIn, bea: SignedIn
) -> None:
    others = [let_in(userkit, ada.user_id) for _ in range(3)]
    with userkit.transaction() as db:
        own_sessions.revoke_other_sessions(db, ada)
    assert [identified(kit, one.token) for one in (ada, *others)] == [ada.user_id, None, None, None]
    assert identified(kit, bea.token) == bea.user_id
    with userkit.transaction() as db:
        own_sessions.revoke_other_sessions(db, ada)
    assert identified(kit, ada.token) == ada.user_id


def test_everywhere_is_here_as_well(userkit: Kits, kit: Kit, ada: SignedIn, bea: SignedIn) -> None:
    other = let_in(userkit, ada.user_id)
    with userkit.transaction() as db:
        own_sessions.revoke_every_session(db, ada)
    assert [identified(kit, one.token) for one in (ada, other, bea)] == [None, None, bea.user_id]


def test_a_fresh_proof_is_asked_for(userkit: Kits, kit: Kit, clock: Clock, ada: SignedIn) -> None:
    other = let_in(userkit, ada.user_id)
    clock.tick(minutes=10)
    acts: list[Callable[[DbSession], object]] = [
        lambda db: own_sessions.revoke_own_session(db, ada, other.session_id),
        lambda db: own_sessions.revoke_other_sessions(db, ada),
        lambda db: own_sessions.revoke_every_session(db, ada),
    ]
    for act in acts:
        with refused("session_reverification_required"), userkit.transaction() as db:
            act(db)
    assert identified(kit, ada.token) == identified(kit, other.token) == ada.user_id


def test_thousands_end_in_a_few_statements_and_each_is_told_once(
    userkit: Kits,
    kit: Kit,
    ada: SignedIn,
    bea: SignedIn,
    heard: list[str],
    query_counter: Callable[[], AbstractContextManager[Queries]],
) -> None:
    made = fill(kit, ada, 5000)
    heard.clear()
    with query_counter() as queries, userkit.transaction() as db:
        kept = ada.session_id
        assert sessions.revoke_all(db, ada.user_id, except_session_id=kept) == 5000
    assert len(queries) < 50
    events = rows(kit, Event, Event.name == "session.revoked")
    assert sorted(event.data["session_id"] for event in events) == sorted(made)
    assert {event.user_id for event in events} == {ada.user_id}
    assert heard == ["session.revoked"] * 5000
    active = rows(kit, Session, Session.status == "active")
    assert {row.id for row in active} == {ada.session_id, bea.session_id}
