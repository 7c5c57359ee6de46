"""What happened in an account, page by page, and who may know from where."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from sqlalchemy import insert

from flask_userkit import EventName
from flask_userkit import UserKit
from flask_userkit.models import Event
from flask_userkit.models import User
from flask_userkit.security.ids import new_id
from flask_userkit.services import activity
from flask_userkit.services import activity_words
from flask_userkit.services.activity import ATTEMPTS
from flask_userkit.services.activity import LEFT_OUT
from flask_userkit.services.activity import MOST
from flask_userkit.services.activity import SIZE
from flask_userkit.services.activity import Line
from flask_userkit.services.kit import Caller
from flask_userkit.services.kit import Kit
from flask_userkit.translations import use_locale
from tests.rig.clock import Clock
from tests.rig.queries import count_queries
from tests.services.acts import let_in

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CHANGED, FAILED = EventName.USERNAME_UPDATED, EventName.SIGN_IN_FAILED
ADA, BEA = "user_ada", "user_bea"


def happen(kit: Kit, name: str = CHANGED, user_id: str = ADA, **values: t.Any) -> str:
    """Write a line as it is written for a person's own act, and return its id."""
    row = {
        "id": new_id("evt"),
        "name": name,
        "user_id": user_id,
        "actor_id": user_id,
        "ip_address": "192.0.2.7",
        "user_agent": FIREFOX,
        "request_id": new_id("req"),
        "data": {},
        "created_at": kit.now(),
        **values,
    }
    with kit.database.side() as connection:
        connection.execute(insert(Event).values(row))
    return str(row["id"])


def names(found: activity.Activity) -> list[int]:
    return [line.data["n"] for line in found.lines]


def walk(kit: Kit, user_id: str = ADA) -> list[list[Line]]:
    """Return all pages, from the newest to the oldest."""
    pages, before = [], None
    while True:
        page = activity.rows(kit, user_id, before)
        assert page.is_later is (before is not None)
        pages.append(page.lines)
        if page.earlier is None:
            return pages
        before = page.earlier


@on_each_database
def test_it_is_read_page_by_page_in_one_query_each(kit: Kit, clock: Clock) -> None:
    for n in range(2 * SIZE + 1):
        # Three at a time, so that no time orders them.
        clock.tick(n % 3 == 0)
        happen(kit, data={"n": n})
        happen(kit, user_id=BEA, data={"n": -1})
    with count_queries() as queries:
        pages = walk(kit)
    assert len(queries.statements) == len(pages) == 3
    assert [[line.data["n"] for line in page] for page in pages] == [
        list(range(16, 8, -1)),
        list(range(8, 0, -1)),
        [0],
    ]


@on_each_database
def test_what_comes_in_meanwhile_moves_no_page(kit: Kit, clock: Clock) -> None:
    for n in range(SIZE + 2):
        happen(kit, data={"n": n})
    first = activity.rows(kit, ADA)
    for n in range(100, 105):
        happen(kit, data={"n": n})
    # A clock that is set back meanwhile changes the times and not the order.
    clock.tick(days=-1)
    happen(kit, data={"n": 105})
    assert names(activity.rows(kit, ADA, first.earlier)) == [1, 0]
    assert names(activity.rows(kit, ADA))[:2] == [105, 104]


CURSORS = [
    "",
    "evt_",
    "newest",
    "evt_" + "0" * 31,
    "EVT_" + "0" * 32,
    "evt_" + "g" * 32,
    "evt_" + "0" * 32 + "\n",
    "evt_" + "٠" * 32,
    "' OR 1=1 --",
    "\x00",
    "\ud800",
    "x" * 100_000,
]


@on_each_database
def test_any_other_place_is_the_first_page(kit: Kit) -> None:
    happen(kit, data={"n": 1})
    for cursor in CURSORS:
        page = activity.rows(kit, ADA, cursor)
        assert (names(page), page.is_later) == ([1], False), ascii(cursor)[:40]
    assert names(activity.rows(kit, ADA, "evt_" + "0" * 32)) == []
    # A line of another is a place in one's own, and shows nothing of theirs.
    assert names(activity.rows(kit, ADA, happen(kit, user_id=BEA))) == [1]


@on_each_database
def test_a_flood_of_attempts_is_one_line(kit: Kit, clock: Clock) -> None:
    happen(kit, data={"n": 1})
    guess: dict[str, t.Any] = {"actor_id": None, "data": {"strategy": "password"}}
    for n in range(3 * MOST):
        clock.tick(1)
        happen(kit, FAILED, ip_address=f"192.0.2.{n % 200}", **guess)
    pages = walk(kit)
    assert [[(line.name, line.times) for line in page] for page in pages] == [
        [(FAILED, MOST)],
        [(FAILED, MOST)],
        [(FAILED, MOST)],
        [(CHANGED, 1)],
    ]
    assert (pages[0][0].created_at, pages[0][0].ip_address) == (clock.now, "192.0.2.99")


@on_each_database
def test_two_kinds_of_attempts_by_turns_are_two_lines(kit: Kit) -> None:
    happen(kit, data={"n": 1})
    for kind in [{"strategy": "password"}, {"strategy": "email_code"}] * 40:
        happen(kit, FAILED, actor_id=None, data=kind)
    happen(kit, data={"n": 2})
    happen(kit, FAILED, actor_id=None, data={"strategy": "password"})
    found = activity.rows(kit, ADA)
    assert [(line.name, line.data, line.times) for line in found.lines] == [
        (FAILED, {"strategy": "password"}, 1),
        (CHANGED, {"n": 2}, 1),
        (FAILED, {"strategy": "email_code"}, 40),
        (FAILED, {"strategy": "password"}, 40),
        (CHANGED, {"n": 1}, 1),
    ]
    assert found.earlier is None


def test_what_one_request_does_to_many_is_one_line(kit: Kit) -> None:
    for request in ("req_1", "req_1", "req_2", None, None):
        happen(kit, EventName.SESSION_REVOKED, request_id=request, data={"session_id": new_id("s")})
    happen(kit, FAILED, data={"strategy": "password"})
    happen(kit, FAILED, data={"strategy": "passkey"})
    found = activity.rows(kit, ADA).lines
    assert [line.times for line in found] == [1, 1, 1, 1, 1, 2]


@on_each_database
def test_where_another_sits_is_told_to_nobody(userkit: Kits, kit: Kit) -> None:
    ada = userkit.users.create_user(username="ada_1815")
    let_in(userkit, ada.id)
    kit.caller = lambda: Caller("192.0.2.99", FIREFOX, "req_1", "user_admin", "sess_admin")
    userkit.users.lock_user(ada.id)
    userkit.users.update_user(ada.id, username="countess")
    # Of a request that nobody is known to be signed in for: an app with a sign-in of its own.
    kit.caller = lambda: Caller("192.0.2.98", FIREFOX, "req_2", None, None)
    userkit.users.unlock_user(ada.id)
    kit.caller = lambda: Caller("192.0.2.7", FIREFOX, "req_3", ada.id, "sess_1")
    userkit.users.update_user(ada.id, username="lovelace")
    happen(kit, EventName.USER_LOCKED, ada.id, actor_id=None, data={"purpose": "sign_in:account"})
    found = activity.rows(kit, ada.id).lines
    assert [(line.name.value, line.by, line.ip_address) for line in found] == [
        ("user.locked", None, "192.0.2.7"),
        ("user.username.updated", None, "192.0.2.7"),
        ("user.unlocked", "app", None),
        ("user.username.updated", "another", None),
        ("user.locked", "another", None),
        ("session.created", None, None),
        ("user.created", "app", None),
    ]
    assert [line.user_agent for line in found[2:]] == [None] * 5
    assert not [line for line in found if "admin" in str((line.data, line.by, line.ip_address))]


def test_of_another_account_in_the_same_browser_nothing_is_told(kit: Kit) -> None:
    happen(kit, EventName.SESSION_ENDED, actor_id=BEA, data={"status": "replaced"})
    (line,) = activity.rows(kit, ADA).lines
    assert (line.by, line.ip_address, line.user_agent) == (None, None, None)
    assert (
        activity_words.words_of(line, {}).title
        == "Signed out by another sign-in in the same browser"
    )


@on_each_database
def test_what_is_older_than_it_is_kept_is_not_shown(kit: Kit, clock: Clock) -> None:
    happen(kit, data={"n": 1})
    clock.tick(days=1)
    happen(kit, data={"n": 2})
    clock.tick(days=89)
    assert names(activity.rows(kit, ADA)) == [2]
    clock.tick(-1)
    assert names(activity.rows(kit, ADA)) == [2, 1]
    kit.config = replace(kit.config, event_lifetime=0)
    clock.tick(days=9999)
    assert names(activity.rows(kit, ADA)) == [2, 1]


def test_a_line_that_this_version_does_not_know_is_passed_over(kit: Kit) -> None:
    for n in range(SIZE + 1):
        happen(kit, data={"n": n})
        happen(kit, "passkey.created")
    first = activity.rows(kit, ADA)
    assert names(first) == list(range(SIZE, 0, -1))
    assert names(activity.rows(kit, ADA, first.earlier)) == [0]


@pytest.mark.parametrize("name", EventName)
@pytest.mark.parametrize("locale", ["en", "de"])
def test_every_event_has_words_or_a_reason_to_have_none(kit: Kit, name: str, locale: str) -> None:
    happen(kit, name)
    lines = activity.rows(kit, ADA).lines
    assert bool(lines) is (name not in LEFT_OUT)
    with use_locale(locale):
        words = [activity_words.words_of(line, {}) for line in lines]
    # Whatever was not done with success is something to look at, and little else.
    looked_at = {*ATTEMPTS, EventName.USER_LOCKED, EventName.USER_BANNED}
    for word in words:
        assert word.title
        assert word.warning is (name in looked_at)
