"""Too many wrong passwords for a phone number: its owner hears of it, and a stranger nothing."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import Event
from flask_userkit.models import OutboxMessage
from flask_userkit.models import User
from flask_userkit.services.kit import Kit
from flask_userkit.services.limits import DEFAULTS
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_password
from tests.rig.queries import count_queries
from tests.services.acts import Post
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.acts import sign_in
from tests.services.phone_apps import ADA
from tests.services.phone_apps import NO_LIMITS
from tests.services.phone_apps import NOBODY
from tests.services.phone_apps import open_app
from tests.services.phone_apps import shapes
from tests.services.support import everything
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
GENERIC = "form_password_or_identifier_incorrect"
EMAIL = "bea@example.com"
BEA = "+4915123456780"

on_each_database = pytest.mark.usefixtures("backend")


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    kept = {name: DEFAULTS[name] for name in ("sign_in:account", "notice:locked")}
    return open_app(make_app, USERKIT_RATE_LIMITS={**NO_LIMITS, **kept})


@pytest.fixture
def password() -> str:
    return new_password()


@pytest.fixture
def alone(userkit: Kits, password: str) -> User:
    return userkit.users.create_user(phone_number=[ADA], password=password)


def guess(userkit: Kits, identifier: str, times: int = 10) -> None:
    for _ in range(times):
        with refused(GENERIC):
            sign_in(userkit, identifier, "not the password")


@on_each_database
def test_the_tenth_locks_and_who_has_a_number_alone_is_told_by_text_once_a_day(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, alone: User, password: str
) -> None:
    guess(userkit, ADA, 9)
    assert post.all() == []
    guess(userkit, ADA, 1)
    (text,) = post.all()
    assert (text.to, text.code) == (ADA, None)
    assert "somebody typed wrong passwords for your account" in text.text
    with refused("user_locked"):
        sign_in(userkit, ADA, password)
    clock.tick(hours=2)
    guess(userkit, ADA)
    assert len(post.all()) == 1
    clock.tick(hours=23)
    guess(userkit, ADA)
    assert [text.to for text in post.all()] == [ADA, ADA]
    assert len(rows(kit, Event, Event.name == "user.locked")) == 3
    token = begin_sign_in(userkit, ADA)
    assert enter_sign_in_code(userkit, token, post.code(ADA)).user_id == alone.id


@on_each_database
def test_a_lock_asks_the_same_and_leaves_the_same_for_the_unknown(
    userkit: Kits, kit: Kit, post: Post, alone: User
) -> None:
    userkit.users.create_user(email_address=[EMAIL], phone_number=[BEA], password=new_password())
    guess(userkit, "+4915123456781")
    seen, kinds = [], []
    for number in (ADA, BEA, NOBODY, "+499001234567"):
        guess(userkit, number, 9)
        before, known = everything(kit), len(rows(kit, OutboxMessage))
        with count_queries() as asked:
            guess(userkit, number, 1)
        after = everything(kit)
        with refused("user_locked") as refusal:
            sign_in(userkit, number, "not the password")
        grown = {name: after[name] - before[name] for name in after if "limit" not in name}
        seen.append((grown, shapes(asked), refusal.message))
        kinds.append([row.kind for row in rows(kit, OutboxMessage)][known:])
    assert seen[1:] == [seen[0]] * 3
    # Who has an address is told there: a text message costs.
    assert kinds == [["sms", "decoy"], ["decoy", "email"], ["decoy", "decoy"], ["decoy", "decoy"]]
    assert {message.to for message in post.all()} == {ADA, EMAIL}


def test_where_notices_are_off_nobody_is_told(make_app: MakeApp) -> None:
    limits = {**NO_LIMITS, "sign_in:account": "2/hour"}
    app = open_app(make_app, USERKIT_RATE_LIMITS=limits, USERKIT_NOTICES=False)
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        userkit.users.create_user(phone_number=[ADA])
        guess(userkit, ADA, 2)
        assert [row.kind for row in rows(userkit.kit, OutboxMessage)] == ["decoy", "decoy"]
