"""Who holds a user's lock is alone with that user, and reads what is true now."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait
from contextlib import AbstractContextManager
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from flask_userkit.models import User
from flask_userkit.services.kit import Kit
from flask_userkit.services.locks import LockedUser
from flask_userkit.services.locks import lock_user
from flask_userkit.services.locks import violates

pytestmark = pytest.mark.usefixtures("backend")
HOLD = 0.3
#: Who does not wait is done long before, and who waits is not, as long as LOCK_TIMEOUT is more.
PATIENCE = 4
T = t.TypeVar("T")


@pytest.fixture
def ada(userkit: UserKit[User]) -> str:
    return userkit.users.create_user(username="ada_1815").id


@contextmanager
def locked(kit: Kit, user_id: str, **changes: str | bool) -> Iterator[None]:
    """Hold a user's lock, and change something before it is given up."""
    with kit.database.transaction() as db:
        assert lock_user(db, user_id) is not None
        yield
        if changes:
            db.execute(update(User).where(User.id == user_id).values(**changes))


def lock(kit: Kit, user_id: str) -> LockedUser | None:
    with kit.database.transaction() as db:
        return lock_user(db, user_id)


def meanwhile(
    held: AbstractContextManager[None], work: Callable[[], T], *, hold: float = HOLD
) -> tuple[bool, T]:
    """Run work beside a transaction that is held; tell whether it waited, and what it gave.

    :param hold: how many seconds it is held for at most.
    """
    with ThreadPoolExecutor(1) as pool:
        with held:
            begun = pool.submit(work)
            waited = bool(wait([begun], hold).not_done)
        return waited, begun.result(10)


def test_a_second_locker_waits_and_sees_what_the_first_did(kit: Kit, ada: str) -> None:
    held = locked(kit, ada, password_digest="changed", banned=True)
    waited, found = meanwhile(held, lambda: lock(kit, ada))
    assert waited
    assert found == LockedUser(ada, "changed", True)


def test_who_read_before_the_lock_is_told_what_is_true_now(kit: Kit, ada: str) -> None:
    with Session(kit.database.engine) as db:
        stale = db.get_one(User, ada)
        db.commit()
        with kit.database.side() as connection:
            connection.execute(update(User).values(password_digest="changed"))
        found = lock_user(db, ada)
        assert found == LockedUser(ada, "changed", False)
        assert stale.id == ada


def test_there_is_no_lock_on_a_user_that_is_not_there(kit: Kit) -> None:
    assert lock(kit, "user_0") is None


@pytest.mark.parametrize("backend", ["postgresql", "mariadb"], indirect=True)
def test_another_user_is_not_waited_for(userkit: UserKit[User], kit: Kit, ada: str) -> None:
    bea = userkit.users.create_user(username="bea_1815").id
    waited, found = meanwhile(locked(kit, ada), lambda: lock(kit, bea), hold=PATIENCE)
    assert not waited
    assert found == LockedUser(bea, None, False)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_rows_that_point_at_a_locked_user_can_still_be_written(kit: Kit, ada: str) -> None:
    def refer() -> str:
        address = EmailAddress(id="idn_1", user_id=ada, created_at=kit.now())
        address.email_address = address.email_key = "ada@example.com"
        with kit.database.transaction() as db:
            db.add(address)
        return address.id

    assert meanwhile(locked(kit, ada), refer, hold=PATIENCE) == (False, "idn_1")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_sqlite_session_as_apps_have_it_is_locked_too(
    kit: Kit, ada: str, database_url: str
) -> None:
    engine = create_engine(database_url)

    @contextmanager
    def held() -> Iterator[None]:
        with Session(engine) as db:
            assert lock_user(db, ada) is not None
            yield
            db.commit()

    waited, found = meanwhile(held(), lambda: lock(kit, ada))
    assert waited
    assert found is not None
    engine.dispose()


def test_a_violation_names_its_column_whatever_the_value_says(
    userkit: UserKit[User], kit: Kit
) -> None:
    value = "userkit_user username_key"
    userkit.users.create_user(external_id=value)
    again = User(id="user_2", external_id=value, created_at=kit.now(), updated_at=kit.now())
    with kit.database.transaction() as db:
        db.add(again)
        with pytest.raises(IntegrityError) as caught:
            db.flush()
        db.rollback()
    assert violates(caught.value, "userkit_user", "external_id")
    assert not violates(caught.value, "userkit_user", "username_key")
