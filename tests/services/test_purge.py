"""What is over is deleted after its time, and nothing that anybody may still need."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy import text

from flask_userkit import UserKit
from flask_userkit.models import Client
from flask_userkit.models import DataExport
from flask_userkit.models import DataExportChunk
from flask_userkit.models import Event
from flask_userkit.models import LimitHit
from flask_userkit.models import OutboxMessage
from flask_userkit.models import Session
from flask_userkit.models import SignIn
from flask_userkit.models import SignUp
from flask_userkit.models import SuspendedForm
from flask_userkit.models import User
from flask_userkit.models import Verification
from flask_userkit.security.ids import new_id
from flask_userkit.services import purge
from flask_userkit.services import sessions
from flask_userkit.services import suspended_forms
from flask_userkit.services.identity import identify
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.services.acts import Post
from tests.services.acts import begin_sign_in
from tests.services.acts import begin_sign_up
from tests.services.acts import enter_sign_in_code
from tests.services.acts import enter_sign_up_code
from tests.services.acts import let_in
from tests.services.acts import sign_in
from tests.services.acts import sign_up
from tests.services.address_acts import somebody
from tests.services.export_acts import ask
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import identified

Kits = UserKit[User]
pytestmark = pytest.mark.usefixtures("backend")
DAY = dt.timedelta(days=1)


def purged(kit: Kit) -> dict[str, int]:
    """Purge, and return the kinds that some were deleted of."""
    return {name: deleted for name, deleted in purge.purge(kit) if deleted}


def suspend(userkit: Kits, kit: Kit, post: Post) -> None:
    who = sign_up(userkit, post).signed_in
    with userkit.transaction() as db:
        suspended_forms.suspend(db, who, "rename", [])


def sign_out(userkit: Kits, kit: Kit, post: Post) -> None:
    who = sign_up(userkit, post).signed_in
    with userkit.transaction() as db:
        sessions.end(db, who.session_id, who.user_id)


def begin_both(userkit: Kits, kit: Kit, post: Post) -> None:
    begin_sign_in(userkit, sign_up(userkit, post).address)
    begin_sign_up(userkit, "new@example.com")


SHORT = dt.timedelta(minutes=10) + DAY
KEPT: list[tuple[type[t.Any], dt.timedelta]] = [
    (SuspendedForm, SHORT),
    (SignIn, SHORT),
    (SignUp, SHORT),
    (Verification, SHORT),
    (OutboxMessage, 30 * DAY),
    (Session, 30 * DAY),
    (Event, 90 * DAY),
]
#: Those that nobody has ended are over a week later.
LEFT: dict[t.Any, int] = {Session: 2}


def test_each_kind_is_deleted_at_its_time_and_not_before(
    userkit: Kits, kit: Kit, post: Post, clock: Clock
) -> None:
    begun = clock()
    for act in (suspend, sign_out, begin_both):
        act(userkit, kit, post)
    # Verifications and such go with the browser that they belong to, if not before.
    post.all()
    there = {model: count(kit, model) for model, _kept in KEPT}
    assert all(there.values()), there
    for kept in sorted({kept for _model, kept in KEPT}):
        models = [model for model, each in KEPT if each == kept]
        clock.now = begun + kept - dt.timedelta(seconds=1)
        purged(kit)
        assert [count(kit, model) for model in models] == [there[model] for model in models]
        clock.tick(1)
        purged(kit)
        assert [count(kit, model) for model in models] == [LEFT.get(model, 0) for model in models]


def test_after_a_year_the_people_are_left_and_nothing_else(
    userkit: Kits, kit: Kit, post: Post, clock: Clock
) -> None:
    for _ in range(2):
        suspend(userkit, kit, post)
        sign_out(userkit, kit, post)
        begin_both(userkit, kit, post)
        ask(userkit, somebody(userkit, post))
    post.all()
    wanted = {"userkit_user": 8, "userkit_email_address": 8}
    assert {name: rows for name, rows in everything(kit).items() if name in wanted} == wanted
    clock.tick(days=365)
    assert set(purged(kit)) == {kind.name for kind in purge.KINDS}
    assert {name: rows for name, rows in everything(kit).items() if rows} == wanted
    assert purged(kit) == {}


def test_what_is_in_use_goes_on(userkit: Kits, kit: Kit, post: Post, clock: Clock) -> None:
    ada = sign_up(userkit, post)
    clock.tick(days=6)
    begun, waiting = begin_sign_in(userkit, ada.address), begin_sign_up(userkit, "new@example.com")
    code = post.code(ada.address)
    purged(kit)
    assert identified(kit, ada.signed_in.token) == ada.signed_in.user_id
    assert enter_sign_in_code(userkit, begun, code).user_id == ada.signed_in.user_id
    assert enter_sign_up_code(userkit, waiting, post.code("new@example.com")).session_id


def test_a_browser_that_comes_back_to_its_old_sign_in_page_begins_anew(
    userkit: Kits, kit: Kit, post: Post, clock: Clock
) -> None:
    ada = sign_up(userkit, post)
    token = begin_sign_in(userkit, ada.address)
    clock.tick(days=31)
    purged(kit)
    clock.tick(days=31)
    purged(kit)
    assert count(kit, Client) == 0
    again = begin_sign_in(userkit, ada.address, token)
    assert again != token
    assert enter_sign_in_code(userkit, again, post.code(ada.address)).user_id


def test_a_browser_is_kept_while_one_of_its_sessions_is(
    make_app: MakeApp, clock: Clock, app: Flask
) -> None:
    other = make_app(USERKIT_OUTBOX="worker", USERKIT_SESSION_LIFETIME=90 * 86400)
    with other.app_context():
        userkit: Kits = other.extensions["userkit"]
        userkit.clock = clock
        kit = userkit.kit
        who = let_in(userkit, userkit.users.create_user(username="ada_1815").id)
        clock.tick(days=89)
        purged(kit)
        assert identified(kit, who.token) == who.user_id
        clock.tick(days=1)
        assert identify(kit, who.token) is None
        clock.tick(days=29)
        purged(kit)
        assert count(kit, Session) == count(kit, Client) == 1
        clock.tick(days=1)
        assert purged(kit)["ended sessions"] == 1
        assert count(kit, Client) == 0


def test_events_are_kept_as_long_as_the_app_says(make_app: MakeApp, clock: Clock) -> None:
    for lifetime, left in ((3600, 0), (0, 1)):
        app = make_app(USERKIT_OUTBOX="worker", USERKIT_EVENT_LIFETIME=lifetime)
        with app.app_context():
            userkit: Kits = app.extensions["userkit"]
            userkit.clock = clock
            userkit.users.create_user(username=f"ada_{lifetime}")
            clock.tick(days=4000)
            purged(userkit.kit)
            assert count(userkit.kit, Event) == left


def fill(kit: Kit, number: int, days: int) -> None:
    """Make counters whose windows were over so many days ago."""
    rows = [
        {
            "key": new_id("key").encode()[-32:],
            "hits": 1,
            "expire_at": kit.now() - days * DAY,
        }
        for _ in range(number)
    ]
    with kit.database.side() as connection:
        connection.execute(insert(LimitHit), rows)


def watched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Write down of each batch how many were found and how many deleted."""
    batches: list[tuple[int, int]] = []
    work = purge._delete

    def delete(*given: t.Any) -> tuple[int, int]:
        batch = work(*given)
        batches.append(batch)
        return batch

    monkeypatch.setattr(purge, "_delete", delete)
    return batches


def test_it_deletes_a_batch_at_a_time_and_says_how_many(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "BATCH", 7)
    monkeypatch.setattr(purge, "SQLITE_BATCH", 7)
    fill(kit, 30, days=2)
    fill(kit, 3, days=0)
    batches = watched(monkeypatch)
    assert purged(kit) == {"counters of limits": 30}
    assert [found for found in batches if found[1]] == [(7, 7)] * 4 + [(2, 2)]
    assert count(kit, LimitHit) == 3


def test_of_exports_which_are_long_only_a_few_go_at_once(
    userkit: Kits, kit: Kit, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with userkit.transaction() as db:
        for number in range(45):
            user = userkit.users.create_user(username=f"reader_{number}")
            values = {"id": f"exp_{number}", "user_id": user.id, "status": "ready", "size": 1}
            times = {"created_at": clock.now, "expire_at": clock.now}
            db.execute(insert(DataExport).values(**values, **times))
            chunk = {"export_id": values["id"], "number": 0, "content": b"1"}
            db.execute(insert(DataExportChunk).values(chunk))
    batches = watched(monkeypatch)
    assert purged(kit) == {"data exports": 45}
    assert [found for found, _deleted in batches if found] == [20, 20, 5]
    assert count(kit, DataExportChunk) == 0


# SQLite locks no rows: there the purge waits for its turn.
@pytest.mark.parametrize("backend", ["postgresql", "mariadb"], indirect=True)
def test_a_row_that_somebody_holds_is_passed_by(kit: Kit) -> None:
    fill(kit, 5, days=2)
    with kit.database.engine.connect() as holder, holder.begin():
        holder.execute(text("SELECT hits FROM userkit_limit_hit LIMIT 1 FOR UPDATE"))
        assert purged(kit) == {"counters of limits": 4}
    assert purged(kit) == {"counters of limits": 1}


def plan(kit: Kit, kind: purge.Kind) -> str:
    """Return how the database finds what is over."""
    engine = kit.database.engine
    statement = purge.over(kind, kit.now(), 500).compile(
        engine, compile_kwargs={"literal_binds": True}
    )
    how = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # Its tables are empty here, and it would read those whole.
            connection.execute(text("SET enable_seqscan = off"))
        rows = connection.execute(text(how + str(statement))).all()
        if engine.dialect.name == "postgresql":
            connection.execute(text("RESET enable_seqscan"))
    return "\n".join(str(tuple(row)) for row in rows)


def test_what_is_over_is_found_by_an_index(kit: Kit) -> None:
    for kind in purge.KINDS:
        found = plan(kit, kind)
        # Of MariaDB the first line is the table itself: it reads what is empty as it likes.
        whole = {"sqlite": "SCAN", "postgresql": "Seq Scan"}.get(kit.database.engine.dialect.name)
        assert whole is None or whole not in found, found


@pytest.mark.parametrize("again", [False, True])
def test_who_signs_in_meanwhile_is_not_in_its_way(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, again: bool
) -> None:
    ada = sign_up(userkit, post)
    clock.tick(days=31)
    steps = purge.purge(kit)
    who = sign_in(userkit, ada.address, ada.password)
    for _name, _deleted in steps:
        if again:
            who = sign_in(userkit, ada.address, ada.password, who.token)
        assert identified(kit, who.token) == ada.signed_in.user_id
