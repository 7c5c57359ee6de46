"""A code to sign in is worth what its address is worth when it is typed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy.orm import Session as DbSession

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.services import sign_in_look_up
from flask_userkit.services.kit import Kit
from flask_userkit.services.locks import LockedUser
from flask_userkit.services.locks import lock_user
from tests.services.acts import Post
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.acts import let_in
from tests.services.address_acts import remove
from tests.services.address_acts import who
from tests.services.support import count
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
Change = Callable[[Kits, EmailAddress], object]
pytestmark = pytest.mark.usefixtures("backend")
OLD, OWN = "Old@bücher.example", "ada@example.com"


@pytest.fixture
def ada(userkit: Kits) -> User:
    """Somebody whose older mailbox is the primary one."""
    return userkit.users.create_user(email_address=[OLD, OWN], username="ada_1815")


def row_of(kit: Kit, address: str) -> EmailAddress:
    (row,) = rows(kit, EmailAddress, EmailAddress.email_address == address)
    assert isinstance(row, EmailAddress)
    return row


def change_before_the_lock(
    monkeypatch: pytest.MonkeyPatch, app: Flask, userkit: Kits, change: Change, row: EmailAddress
) -> None:
    """Change an address once a sign-in has read it, before it locks the user."""

    def elsewhere() -> None:
        with app.app_context():
            change(userkit, row)

    def lock_later(db: DbSession, user_id: str) -> LockedUser | None:
        monkeypatch.undo()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(elsewhere).result()
        return lock_user(db, user_id)

    monkeypatch.setattr(sign_in_look_up, "lock_user", lock_later)


def remove_ones_own(userkit: Kits, row: EmailAddress) -> None:
    remove(userkit, who(userkit, let_in(userkit, row.user_id).token), row.id)


def remove_by_app(userkit: Kits, row: EmailAddress) -> None:
    userkit.email_addresses.delete(row.id)


def unverify(userkit: Kits, row: EmailAddress) -> None:
    userkit.email_addresses.update(row.id, verified=False)


def hand_over(userkit: Kits, row: EmailAddress) -> None:
    userkit.email_addresses.delete(row.id)
    userkit.users.create_user(email_address=[row.email_address])


@pytest.mark.parametrize("change", [remove_ones_own, remove_by_app, unverify, hand_over])
@pytest.mark.parametrize("identifier", [OLD, "ada_1815"], ids=["address", "username"])
def test_a_code_to_an_address_that_was_lost_meanwhile_signs_nobody_in(
    userkit: Kits,
    kit: Kit,
    app: Flask,
    post: Post,
    ada: User,
    monkeypatch: pytest.MonkeyPatch,
    change: Change,
    identifier: str,
) -> None:
    change_before_the_lock(monkeypatch, app, userkit, change, row_of(kit, OLD))
    token = begin_sign_in(userkit, identifier)
    known = count(kit, Session)
    with refused("verification_expired") as refusal:
        enter_sign_in_code(userkit, token, post.code(OLD))
    assert refusal.message == "This took too long. Start again."
    assert count(kit, Session) == known
    token = begin_sign_in(userkit, OWN)
    assert enter_sign_in_code(userkit, token, post.code(OWN)).user_id == ada.id


def test_a_code_to_an_address_that_stays_signs_in_whatever_becomes_of_another(
    userkit: Kits, kit: Kit, app: Flask, post: Post, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_before_the_lock(monkeypatch, app, userkit, remove_by_app, row_of(kit, OWN))
    token = begin_sign_in(userkit, OLD)
    assert enter_sign_in_code(userkit, token, post.code(OLD)).user_id == ada.id
    assert count(kit, EmailAddress) == 1
