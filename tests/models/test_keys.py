"""Keys are compared byte by byte, and the unique ones are unique, on each database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from flask_userkit.models import EmailAddress
from flask_userkit.models import User
from flask_userkit.security.ids import new_id
from flask_userkit.services.engines import create_kit_engine

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
ALIKE = [
    "a",
    "A",
    "á",
    "a\u0301",
    "ª",
    "\uff41",
    "ss",
    "ß",
    "\u017fs",
    "i",
    "\u0131",
    "I",
    "İ",
    "😀",
    "😃",
]


@pytest.fixture
def db(database_url: str) -> Iterator[Session]:
    engine = create_kit_engine(database_url)
    with Session(engine) as db:
        yield db
    engine.dispose()


def add_user(db: Session, **values: str | None) -> User:
    user = User(id=new_id("user"), created_at=NOW, updated_at=NOW, **values)
    db.add(user)
    db.flush()
    return user


def add_address(db: Session, user: User, key: str, *, verified: bool) -> EmailAddress:
    address = EmailAddress(
        id=new_id("idn"),
        user_id=user.id,
        email_address=key,
        email_key=key,
        verified_key=key if verified else None,
        verified_at=NOW if verified else None,
        created_at=NOW,
    )
    db.add(address)
    db.flush()
    return address


@pytest.mark.usefixtures("backend")
def test_an_address_has_one_owner(db: Session) -> None:
    add_address(db, add_user(db), "ada@example.com", verified=True)
    with pytest.raises(IntegrityError):
        add_address(db, add_user(db), "ada@example.com", verified=True)


@pytest.mark.usefixtures("backend")
def test_any_number_may_claim_an_address_and_its_owner_still_verifies_it(db: Session) -> None:
    for _ in range(3):
        add_address(db, add_user(db), "ada@example.com", verified=False)
    add_address(db, add_user(db), "ada@example.com", verified=True)


@pytest.mark.usefixtures("backend")
def test_a_user_has_an_address_once(db: Session) -> None:
    user = add_user(db)
    add_address(db, user, "ada@example.com", verified=False)
    with pytest.raises(IntegrityError):
        add_address(db, user, "ada@example.com", verified=False)


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("column", ["username_key", "external_id"])
def test_a_key_is_unique_and_many_users_have_none(db: Session, column: str) -> None:
    for value in ("one", "two", None, None, None):
        add_user(db, **{column: value})
    with pytest.raises(IntegrityError):
        add_user(db, **{column: "two"})


@pytest.mark.usefixtures("backend")
def test_keys_that_look_alike_are_different_keys(db: Session) -> None:
    owner = add_user(db)
    addresses = {key: add_address(db, owner, key, verified=True).id for key in ALIKE}
    for key, address_id in addresses.items():
        for column in (EmailAddress.verified_key, EmailAddress.email_key):
            assert db.scalars(select(EmailAddress.id).where(column == key)).all() == [address_id]


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("column", ["username_key", "external_id"])
def test_users_are_told_apart_by_every_byte_of_a_key(db: Session, column: str) -> None:
    for value in [*ALIKE, "a ", " a", "a\u00a0"]:
        add_user(db, **{column: value})
    found = select(User).where(getattr(User, column) == "a ")
    assert [getattr(user, column) for user in db.scalars(found)] == ["a "]


@pytest.mark.usefixtures("backend")
def test_names_hold_any_script(db: Session) -> None:
    name = "Ңғұ 李 مريم \U0001f468\u200d\U0001f469\u200d\U0001f467 'a\"<b>"
    user = add_user(db, first_name=name)
    db.expire_all()
    assert db.get_one(User, user.id).first_name == name
