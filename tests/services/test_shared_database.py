"""In a database of the app's own a call flushes, and the app commits or not."""

from __future__ import annotations

import secrets
import time
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import flask_sqlalchemy
import pytest
from flask import Flask
from sqlalchemy import Table
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select

from flask_userkit import EventName
from flask_userkit import signal
from flask_userkit.models import Base
from flask_userkit.models import EmailAddress
from flask_userkit.models import Event
from flask_userkit.models import OutboxMessage
from flask_userkit.models import Session
from flask_userkit.models import SuspendedForm
from flask_userkit.models import User
from flask_userkit.services import engines
from flask_userkit.services import outbox
from flask_userkit.services import suspended_forms
from tests.rig.databases import Database
from tests.rig.people import new_address
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import let_in
from tests.services.acts import sign_in
from tests.services.address_acts import add
from tests.services.address_acts import verify
from tests.services.address_acts import who
from tests.services.shared_apps import COMBINATIONS
from tests.services.shared_apps import Book
from tests.services.shared_apps import SharedApp
from tests.services.shared_apps import make_shared_app
from tests.services.support import Mishap
from tests.services.support import listening
from tests.services.support import mishap
from tests.services.support import refused

pytestmark = pytest.mark.parametrize(("kind", "backend"), COMBINATIONS, indirect=["backend"])


@pytest.fixture
def shared(kind: str, database: Database, tmp_path: Path) -> Iterator[SharedApp]:
    """An app in whose context the test runs."""
    app = Flask("shared", instance_path=str(tmp_path))
    app.testing = True
    app.config.update(SECRET_KEY=secrets.token_urlsafe(32), USERKIT_PASSWORD_HASH="fast")
    app.config.update(USERKIT_OUTBOX="worker")
    shared = make_shared_app(kind, app, database.url)
    with app.app_context():
        t.cast(t.Any, Book.__table__).create(shared.db.engine, checkfirst=True)
        yield shared
        shared.session.rollback()
    shared.close()


def seen_outside(database: Database, model: type[Base] = User) -> int:
    with database.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(model)).scalar_one())


def test_a_call_is_committed_by_the_app(shared: SharedApp, database: Database) -> None:
    with listening(shared.userkit) as heard:
        ada = shared.userkit.users.create_user(email_address=["ada@example.com"])
        assert shared.session.get(User, ada.id) is ada
        assert (seen_outside(database), heard) == (0, [])
        shared.session.commit()
        assert (seen_outside(database), heard) == (1, ["user.created"])
        shared.session.commit()
        assert heard == ["user.created"]


def test_what_the_app_rolls_back_never_was(shared: SharedApp, database: Database) -> None:
    with listening(shared.userkit) as heard:
        with shared.userkit.transaction() as db:
            ada = shared.userkit.users.create_user(email_address=["ada@example.com"])
            shared.userkit.users.update_user(ada.id, first_name="Ada")
            outbox.send_mail(db, "sign_up_notice", "ada@example.com", sign_in_url="")
        assert db is shared.session
        shared.session.rollback()
        shared.session.commit()
        assert heard == []
    for model in (User, EmailAddress, Event, OutboxMessage):
        assert seen_outside(database, model) == 0
    assert shared.userkit.users.get_user_list().data == []


def test_rows_of_the_app_and_of_the_kit_are_one_transaction(
    shared: SharedApp, database: Database
) -> None:
    with mishap(), shared.userkit.transaction():
        shared.session.add(Book(title="Notes"))
        shared.userkit.users.create_user(username="ada_1815")
        raise Mishap
    shared.session.rollback()
    assert (seen_outside(database), seen_outside(database, Book)) == (0, 0)
    shared.session.add(Book(title="Notes"))
    shared.userkit.users.create_user(username="ada_1815")
    assert (seen_outside(database), seen_outside(database, Book)) == (0, 0)
    shared.session.commit()
    assert (seen_outside(database), seen_outside(database, Book)) == (1, 1)


def test_a_refused_call_leaves_the_work_of_the_app_alone(
    shared: SharedApp, database: Database
) -> None:
    shared.userkit.users.create_user(email_address=["taken@example.com"])
    shared.session.commit()
    with listening(shared.userkit) as heard:
        shared.session.add(Book(title="Notes"))
        with refused("form_identifier_exists", "email_address"):
            shared.userkit.users.create_user(email_address=["new@example.com", "taken@example.com"])
        shared.session.commit()
        assert heard == []
    assert (seen_outside(database), seen_outside(database, Book)) == (1, 1)


def test_a_receiver_may_use_the_session_of_the_app(shared: SharedApp, database: Database) -> None:
    def give_book(_sender: object, *, user_id: str, **_: object) -> None:
        assert shared.session.get(User, user_id) is not None
        shared.session.add(Book(title="Welcome", owner_id=user_id))
        shared.session.commit()

    with signal(EventName.USER_CREATED).connected_to(give_book):
        shared.userkit.users.create_user(username="ada_1815")
        assert seen_outside(database, Book) == 0
        shared.session.commit()
    assert seen_outside(database, Book) == 1
    assert shared.userkit.users.get_user_list().total_count == 1


def test_signals_of_a_savepoint_that_is_undone_are_not_sent(shared: SharedApp) -> None:
    with listening(shared.userkit) as heard:
        shared.session.add(Book(title="Notes"))
        shared.session.flush()
        with mishap(), shared.session.begin_nested():
            shared.userkit.users.create_user(username="undone")
            raise Mishap
        with shared.session.begin_nested():
            shared.userkit.users.create_user(username="kept")
        assert heard == []
        shared.session.commit()
        assert heard == ["user.created"]
    assert [user.username for user in shared.userkit.users.get_user_list().data] == ["kept"]


def test_tables_of_the_app_relate_to_users(shared: SharedApp, database: Database) -> None:
    ada = shared.userkit.users.create_user(username="ada_1815")
    book = Book(title="Notes", owner=ada)
    shared.session.add(book)
    shared.session.commit()
    assert shared.session.scalars(select(Book).join(Book.owner)).one().owner is ada
    books, users = Book.__table__, User.__table__
    assert isinstance(books, Table)
    assert isinstance(users, Table)
    assert books.metadata is users.metadata
    if isinstance(shared.db, flask_sqlalchemy.SQLAlchemy):
        assert shared.db.metadata is Base.metadata
    assert seen_outside(database, Book) == 1


def test_a_deleted_user_leaves_no_row_in_any_database(
    shared: SharedApp, database: Database
) -> None:
    ada = shared.userkit.users.create_user(email_address=["ada@example.com"])
    shared.session.commit()
    who = let_in(shared.userkit, ada.id)
    shared.session.commit()
    with shared.userkit.transaction() as db:
        suspended_forms.suspend(db, who, "rename", [("username", "countess")])
    shared.session.commit()
    assert seen_outside(database, SuspendedForm) == 1
    shared.userkit.users.delete_user(ada.id)
    shared.session.commit()
    for model in (User, EmailAddress, Session, SuspendedForm):
        assert seen_outside(database, model) == 0
    shared.userkit.users.create_user(email_address=["ada@example.com"])


def test_a_side_transaction_inside_one_of_the_app_is_refused_at_once(shared: SharedApp) -> None:
    database = shared.userkit.kit.database
    begun = time.monotonic()
    with shared.userkit.transaction() as db:
        db.execute(insert(Book).values(title="Notes"))
        with pytest.raises(RuntimeError, match="inside a transaction"), database.side():
            pass
    assert time.monotonic() - begun < engines.LOCK_TIMEOUT - 1
    shared.session.commit()
    with database.side() as connection:
        connection.execute(insert(Book).values(title="Beside"))


R = t.TypeVar("R")


def elsewhere(shared: SharedApp, work: Callable[[], R]) -> R:
    """Do something in another request, and commit it."""

    def run() -> R:
        with shared.app.app_context():
            done = work()
            shared.session.commit()
            return done

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def test_a_session_that_began_after_the_app_first_read_is_ended_too(
    shared: SharedApp, database: Database
) -> None:
    first, second = new_password(), new_password()
    ada = shared.userkit.users.create_user(username="ada_1815", password=first)
    shared.session.commit()
    assert shared.session.scalars(select(Book)).all() == []

    elsewhere(shared, lambda: sign_in(shared.userkit, "ada_1815", first))
    shared.userkit.users.update_user(ada.id, password=second)
    shared.session.commit()
    with database.connect() as connection:
        assert connection.scalars(select(Session.status)).all() == ["revoked"]


def test_a_claim_that_was_made_after_the_app_first_read_takes_nothing(shared: SharedApp) -> None:
    userkit, victim = shared.userkit, new_address()
    user = userkit.users.create_user(username="eve_1815")
    shared.session.commit()
    eve = elsewhere(shared, lambda: let_in(userkit, user.id))
    identity = elsewhere(shared, lambda: who(userkit, eve.token))
    assert shared.session.scalars(select(Book)).all() == []
    claim = elsewhere(shared, lambda: add(userkit, identity, victim))
    code = elsewhere(shared, lambda: Post(userkit.kit).code(victim))
    owner = userkit.users.create_user(email_address=[victim])
    shared.session.commit()
    elsewhere(shared, lambda: userkit.users.delete_user(owner.id))
    with refused("form_code_incorrect", "code"):
        elsewhere(shared, lambda: verify(userkit, identity, claim, code))
