"""On the kit's own engine a call is one transaction, and calls join one that is open."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from flask_userkit import EventName
from flask_userkit import UserKit
from flask_userkit import signal
from flask_userkit.errors import UserKitError
from flask_userkit.models import Event
from flask_userkit.models import OutboxMessage
from flask_userkit.models import User
from flask_userkit.services import engines
from flask_userkit.services import outbox
from flask_userkit.services.kit import Kit
from flask_userkit.services.locks import lock_user
from tests.services.acts import sign_in
from tests.services.support import Mishap
from tests.services.support import count
from tests.services.support import everything
from tests.services.support import mishap
from tests.services.support import refused

pytestmark = pytest.mark.usefixtures("backend")
Kits = UserKit[User]


def test_a_call_is_committed_when_it_returns(userkit: Kits, kit: Kit, heard: list[str]) -> None:
    userkit.users.create_user(username="ada_1815")
    assert (count(kit, User), count(kit, Event)) == (1, 1)
    assert heard == ["user.created"]


def test_calls_join_the_transaction_that_is_open(userkit: Kits, kit: Kit, heard: list[str]) -> None:
    with userkit.transaction() as outer:
        ada = userkit.users.create_user(username="ada_1815")
        with userkit.transaction() as inner:
            assert inner is outer
            userkit.users.update_user(ada.id, first_name="Ada")
        assert userkit.users.get_user(ada.id).first_name == "Ada"
        assert userkit.users.get_user_list().total_count == 1
        assert count(kit, User) == 0
        assert heard == []
    assert count(kit, User) == 1
    assert heard == ["user.created", "user.updated"]


def test_an_exception_undoes_all_of_it(userkit: Kits, kit: Kit, heard: list[str]) -> None:
    before = everything(kit)
    with mishap(), userkit.transaction() as db:
        userkit.users.create_user(username="ada_1815")
        outbox.send_mail(db, "sign_up_notice", "ada@example.com", sign_in_url="")
        raise Mishap
    assert everything(kit) == before
    assert heard == []
    assert userkit.users.create_user(username="ada_1815").username == "ada_1815"


def test_mail_and_audit_are_rows_of_the_same_transaction(userkit: Kits, kit: Kit) -> None:
    with userkit.transaction() as db:
        userkit.users.create_user(username="ada_1815")
        outbox.send_mail(db, "sign_up_notice", "ada@example.com", sign_in_url="")
        assert (count(kit, Event), count(kit, OutboxMessage)) == (0, 0)
    assert (count(kit, Event), count(kit, OutboxMessage)) == (1, 1)


def test_a_receiver_sees_the_change_and_may_make_another(userkit: Kits, kit: Kit) -> None:
    seen = []

    def welcome(_sender: object, *, user_id: str, **_: object) -> None:
        seen.append(count(kit, User, User.id == user_id))
        userkit.users.update_user(user_id, first_name="Welcome")

    with signal(EventName.USER_CREATED).connected_to(welcome):
        with userkit.transaction():
            ada = userkit.users.create_user(username="ada_1815")
        bea = userkit.users.create_user(username="bea_1815")
    assert seen == [1, 1]
    for user in (ada, bea):
        assert userkit.users.get_user(user.id).first_name == "Welcome"


def test_a_receiver_that_fails_undoes_nothing_and_stops_nobody(
    userkit: Kits, kit: Kit, heard: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_sender: object, **_: object) -> None:
        raise Mishap

    with signal(EventName.USER_CREATED).connected_to(fail), userkit.transaction():
        ada = userkit.users.create_user(username="ada_1815")
        userkit.users.update_user(ada.id, first_name="Ada")
    assert count(kit, User) == 1
    assert "user.updated" in heard
    assert "Mishap" in caplog.text


def test_a_call_that_is_refused_leaves_nothing_for_the_rest_to_commit(
    userkit: Kits, kit: Kit, heard: list[str]
) -> None:
    userkit.users.create_user(email_address=["taken@example.com"])
    heard.clear()
    with userkit.transaction():
        with refused("form_identifier_exists", "email_address"):
            userkit.users.create_user(email_address=["new@example.com", "taken@example.com"])
        kept = userkit.users.create_user(email_address=["new@example.com"])
        with refused("form_identifier_exists", "username"):
            userkit.users.create_user(username="ada_1815")
            userkit.users.update_user(kept.id, first_name="Ada", username="ADA_1815")
    assert [user.username for user in userkit.users.get_user_list(order_by="created_at").data] == [
        None,
        None,
        "ada_1815",
    ]
    assert userkit.users.get_user(kept.id).first_name is None
    assert heard == ["user.created", "user.created"]


def test_what_a_savepoint_undid_is_not_told(userkit: Kits, kit: Kit, heard: list[str]) -> None:
    with userkit.transaction() as db:
        userkit.users.create_user(username="before")
        with mishap(), db.begin_nested():
            userkit.users.create_user(username="undone")
            with db.begin_nested():
                userkit.users.create_user(username="undone_inside")
            raise Mishap
        with db.begin_nested():
            ada = userkit.users.create_user(username="after")
            with mishap(), db.begin_nested():
                userkit.users.ban_user(ada.id)
                raise Mishap
    assert count(kit, User) == 2
    assert heard == ["user.created", "user.created"]


def test_a_failure_is_audited_after_its_rollback(userkit: Kits, kit: Kit, heard: list[str]) -> None:
    ada = userkit.users.create_user(username="ada_1815", password="a fine long password")
    heard.clear()
    before = everything(kit)
    with pytest.raises(UserKitError):
        sign_in(userkit, "ada_1815", "not the password")
    after = everything(kit)
    assert after.pop("userkit_event") == before.pop("userkit_event") + 1
    for counters in (before, after):
        counters.pop("userkit_limit_hit")
    assert after == before
    assert count(kit, Event, Event.name == "sign_in.failed", Event.user_id == ada.id) == 1
    assert heard == ["sign_in.failed"]


def test_a_transaction_of_one_thread_is_not_joined_by_another(kit: Kit) -> None:
    with kit.database.transaction() as db, ThreadPoolExecutor(1) as pool:
        assert kit.database.current() is db
        assert pool.submit(kit.database.current).result() is None
    assert kit.database.current() is None


def test_a_read_does_not_wait_for_a_writer(userkit: Kits, kit: Kit) -> None:
    ada = userkit.users.create_user(username="ada_1815")
    with kit.database.side() as connection:
        connection.execute(update(User).values(first_name="Held"))
        begun = time.monotonic()
        assert userkit.users.get_user(ada.id).first_name is None
        assert userkit.users.get_user_list().total_count == 1
        assert time.monotonic() - begun < engines.LOCK_TIMEOUT - 1


@pytest.mark.parametrize("backend", ["postgresql", "mariadb"], indirect=True)
def test_a_deadlock_is_broken_and_the_work_done_again(userkit: Kits, kit: Kit) -> None:
    ids = [userkit.users.create_user(username=name).id for name in ("ada_1815", "bea_1815")]
    meet = threading.Barrier(2)
    tries = []

    def work(first: str, second: str) -> None:
        def once() -> None:
            tries.append(first)
            with kit.database.transaction() as db:
                lock_user(db, first)
                if len(tries) <= 2:
                    meet.wait(10)
                lock_user(db, second)
                db.execute(update(User).where(User.id == second).values(first_name=first[-8:]))

        kit.database.retrying(once)

    threads = [threading.Thread(target=work, args=pair) for pair in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tries) == 3
    names = [userkit.users.get_user(user_id).first_name for user_id in ids]
    assert names == [ids[1][-8:], ids[0][-8:]]
