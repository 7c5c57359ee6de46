"""Ten wrong passwords lock an account for an hour, and never shut its owner out (B79, B80)."""

from __future__ import annotations

import typing as t
from functools import partial

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit import UserKitError
from flask_userkit.errors import ForbiddenError
from flask_userkit.models import Event
from flask_userkit.models import OutboxMessage
from flask_userkit.models import User
from flask_userkit.services import lockouts
from flask_userkit.services.kit import Caller
from flask_userkit.services.kit import Kit
from flask_userkit.services.limits import DEFAULTS
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import begin_reset
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.acts import reset
from tests.services.acts import sign_in
from tests.services.support import Mishap
from tests.services.support import everything
from tests.services.support import identified
from tests.services.support import mishap
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
ADA = "ada@example.com"
OTHER = "lovelace@example.com"
NOBODY = "nobody@example.com"
GENERIC = "form_password_or_identifier_incorrect"
PAUSED = "Too many attempts. Sign in with a code, reset your password, or try again in 60 minutes."
KEPT = ("sign_in:account", "sign_in:device", "notice:locked")

on_each_database = pytest.mark.usefixtures("backend")


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    others = dict.fromkeys(DEFAULTS.keys() - {*KEPT}, "100000/minute")
    return make_app(
        USERKIT_OUTBOX="worker", USERKIT_RATE_LIMITS=others, USERKIT_USERNAME="optional"
    )


@pytest.fixture
def password() -> str:
    return new_password()


@pytest.fixture
def ada(userkit: Kits, password: str) -> User:
    return userkit.users.create_user(
        email_address=[ADA, OTHER], username="ada_1815", password=password
    )


def guess(userkit: Kits, identifier: str, device: str = "") -> tuple[str, str]:
    """Try a wrong password, and return what is told."""
    with pytest.raises(UserKitError) as caught:
        sign_in(userkit, identifier, "not the password", device=device)
    return caught.value.code, caught.value.message


def guesses(userkit: Kits, identifier: str, times: int, device: str = "") -> list[str]:
    return [guess(userkit, identifier, device)[0] for _ in range(times)]


def names(kit: Kit) -> list[str]:
    return [row.name for row in rows(kit, Event)]


def told(post: Post) -> list[str]:
    return [mail.to for mail in post.all() if "wrong passwords" in mail.subject]


@on_each_database
def test_the_eleventh_guess_is_refused_for_known_and_unknown_alike(
    userkit: Kits, clock: Clock, ada: User
) -> None:
    for identifier in (ADA, NOBODY, "nobody"):
        assert guesses(userkit, identifier, 10) == [GENERIC] * 10
        assert guess(userkit, identifier) == ("user_locked", PAUSED)
        with pytest.raises(ForbiddenError) as caught:
            sign_in(userkit, identifier, "not the password")
        assert caught.value.retry_after == 3600


@on_each_database
def test_a_lock_tells_no_stranger_which_identifiers_belong_together(
    userkit: Kits, ada: User, password: str
) -> None:
    guesses(userkit, ADA, 11)
    for identifier in (OTHER, "ada_1815", NOBODY):
        assert guess(userkit, identifier)[0] == GENERIC
    # It is one lock all the same: by none of them a password signs in.
    for identifier in (OTHER, "ada_1815"):
        with refused("user_locked"):
            sign_in(userkit, identifier, password)


@on_each_database
def test_whose_id_is_typed_is_not_counted_for_it(userkit: Kits, ada: User, password: str) -> None:
    assert guesses(userkit, ada.id, 11) == [GENERIC] * 10 + ["user_locked"]
    assert sign_in(userkit, ADA, password).user_id == ada.id


@on_each_database
def test_the_tenth_locks_and_the_owner_hears_of_it_once_a_day(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, ada: User
) -> None:
    guesses(userkit, ADA, 9)
    assert userkit.users.get_user(ada.id).locked_until is None
    assert told(post) == []
    guesses(userkit, ADA, 3)
    locked = userkit.users.get_user(ada.id)
    assert locked.locked_until is not None
    assert (locked.locked_until - clock.now).total_seconds() == 3600
    assert lockouts.is_locked(kit, locked)
    assert names(kit).count("user.locked") == 1
    assert told(post) == [ADA]
    for hours in (2, 2, 19):
        clock.tick(hours=hours)
        assert not lockouts.is_locked(kit, userkit.users.get_user(ada.id))
        guesses(userkit, ADA, 10)
    assert names(kit).count("user.locked") == 4
    assert told(post) == [ADA]
    clock.tick(hours=2)
    guesses(userkit, ADA, 10)
    assert told(post) == [ADA, ADA]


def test_the_mail_says_what_to_do(userkit: Kits, kit: Kit, post: Post, ada: User) -> None:
    kit.caller = lambda: Caller(ip_address="203.0.113.7")
    guesses(userkit, ADA, 10)
    (mail,) = [mail for mail in post.all() if "wrong passwords" in mail.subject]
    for words in (
        "203.0.113.7",
        "For 60 minutes, your password works only on devices where you have signed in before.",
        "/account/sign-in",
        "/account/password-reset",
    ):
        assert words in mail.text
    assert mail.code is None


@on_each_database
def test_a_lock_costs_the_same_rows_for_the_unknown(userkit: Kits, kit: Kit, ada: User) -> None:
    userkit.users.create_user(username="no_address", password=new_password())
    grown = []
    for identifier in (ADA, NOBODY, "no_address"):
        before = everything(kit)
        guesses(userkit, identifier, 12)
        after = everything(kit)
        # Only the first of them makes the counter of this network.
        grown.append({name: after[name] - before[name] for name in after if "limit" not in name})
    assert grown[0] == grown[1] == grown[2]
    kinds = [row.kind for row in rows(kit, OutboxMessage)]
    assert kinds == ["email", "decoy", "decoy"]


@on_each_database
def test_the_right_password_is_told_what_a_banned_one_is_told(
    userkit: Kits, kit: Kit, ada: User, password: str
) -> None:
    other = new_password()
    bea = userkit.users.create_user(email_address=["bea@example.com"], password=other)
    userkit.users.ban_user(bea.id)
    userkit.users.lock_user(ada.id)
    answers = []
    for identifier, right in ((ADA, password), ("bea@example.com", other)):
        with pytest.raises(ForbiddenError) as caught:
            sign_in(userkit, identifier, right)
        error = caught.value
        answers.append((error.message, error.status, error.param, error.retry_after))
    assert answers[0] == answers[1]
    assert answers[0][0] == "This account cannot sign in."
    assert guess(userkit, ADA)[0] == GENERIC, "only the right password is told of it"


@on_each_database
def test_a_known_device_is_neither_stopped_by_the_lock_nor_counted_with_strangers(
    userkit: Kits, kit: Kit, ada: User, password: str
) -> None:
    device = sign_in(userkit, ADA, password).device
    guesses(userkit, ADA, 12)
    with refused("user_locked"):
        sign_in(userkit, ADA, password)
    signed_in = sign_in(userkit, ADA, password, device=device)
    assert identified(kit, signed_in.token) == ada.id
    assert lockouts.is_locked(kit, userkit.users.get_user(ada.id))


def test_a_known_device_guesses_no_more_often_than_a_device_may(
    userkit: Kits, kit: Kit, ada: User, password: str
) -> None:
    device = sign_in(userkit, ADA, password).device
    told = guesses(userkit, ADA, 12, device)
    assert told == [GENERIC] * 10 + ["too_many_requests"] * 2
    assert not lockouts.is_locked(kit, userkit.users.get_user(ada.id))
    assert sign_in(userkit, ADA, password).user_id == ada.id, "elsewhere the owner gets in"


def test_the_device_of_another_is_none(userkit: Kits, ada: User) -> None:
    other = new_password()
    userkit.users.create_user(email_address=["eve@example.com"], password=other)
    device = sign_in(userkit, "eve@example.com", other).device
    assert guesses(userkit, ADA, 11, device) == [GENERIC] * 10 + ["user_locked"]


@on_each_database
def test_a_code_signs_in_all_the_same(userkit: Kits, kit: Kit, post: Post, ada: User) -> None:
    guesses(userkit, ADA, 12)
    token = begin_sign_in(userkit, ADA)
    signed_in = enter_sign_in_code(userkit, token, post.code(ADA))
    assert identified(kit, signed_in.token) == ada.id


@on_each_database
def test_a_reset_unlocks_and_ends_the_known_devices(
    userkit: Kits, kit: Kit, post: Post, heard: list[str], ada: User, password: str
) -> None:
    stolen = sign_in(userkit, ADA, password).device
    guesses(userkit, ADA, 12)
    new = new_password()
    heard.clear()
    token = begin_reset(userkit, ADA)
    reset(userkit, token, post.code(ADA), new)
    assert heard[-3:] == ["user.password.reset", "user.unlocked", "session.created"]
    assert not lockouts.is_locked(kit, userkit.users.get_user(ada.id))
    assert sign_in(userkit, ADA, new).user_id == ada.id
    assert guesses(userkit, ADA, 11, stolen) == [GENERIC] * 10 + ["user_locked"]


def test_a_lock_and_its_counter_pass_with_time(
    userkit: Kits, clock: Clock, ada: User, password: str
) -> None:
    guesses(userkit, ADA, 12)
    clock.tick(3599)
    with refused("user_locked"):
        sign_in(userkit, ADA, password)
    clock.tick(1)
    assert sign_in(userkit, ADA, password).user_id == ada.id


@on_each_database
def test_an_app_locks_and_unlocks(
    userkit: Kits, kit: Kit, clock: Clock, heard: list[str], ada: User, password: str
) -> None:
    locked = userkit.users.lock_user(ada.id)
    assert lockouts.is_locked(kit, locked)
    with refused("user_locked"):
        sign_in(userkit, ADA, password)
    guesses(userkit, ADA, 12)
    heard.clear()
    unlocked = userkit.users.unlock_user(ada.id)
    assert unlocked.locked_until is None
    assert heard == ["user.unlocked"]
    assert sign_in(userkit, ADA, password).user_id == ada.id
    assert guesses(userkit, ADA, 10) == [GENERIC] * 10, "the counter begins anew"


def test_what_is_undone_unlocks_nobody(userkit: Kits, kit: Kit, ada: User) -> None:
    guesses(userkit, ADA, 12)
    with mishap(), userkit.transaction():
        userkit.users.unlock_user(ada.id)
        raise Mishap
    assert lockouts.is_locked(kit, userkit.users.get_user(ada.id))
    assert guess(userkit, ADA)[0] == "user_locked"


@pytest.mark.parametrize("act", ["lock_user", "unlock_user"])
@pytest.mark.parametrize("user_id", ["user_none", "", "\0"])
def test_nobody_is_locked_where_there_is_nobody(userkit: Kits, act: str, user_id: str) -> None:
    with refused("resource_not_found"):
        t.cast(t.Any, getattr(userkit.users, act))(user_id)


def test_where_notices_are_off_the_owner_is_not_told(make_app: MakeApp) -> None:
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_NOTICES=False)
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        userkit.users.create_user(email_address=[ADA], password=new_password())
        guesses(userkit, ADA, 10)
        assert [row.kind for row in rows(userkit.kit, OutboxMessage)] == ["decoy"]


def test_where_codes_sign_nobody_in_none_is_offered(make_app: MakeApp) -> None:
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_EMAIL_CODE_SIGN_IN=False)
    with app.app_context():
        userkit: Kits = app.extensions["userkit"]
        guesses(userkit, NOBODY, 10)
        assert guess(userkit, NOBODY)[1] == (
            "Too many attempts. Reset your password, or try again in 60 minutes."
        )


def test_a_thousand_guesses_from_fifty_networks_shut_nobody_out(
    userkit: Kits, kit: Kit, clock: Clock, post: Post, ada: User, password: str
) -> None:
    inside = sign_in(userkit, ADA, password)
    seen: set[str] = set()
    for number in range(1000):
        kit.caller = partial(Caller, ip_address=f"198.51.100.{number % 50}")
        seen.add(guess(userkit, ADA)[0])
        clock.tick(3)
    assert seen == {GENERIC, "user_locked"}
    assert told(post) == [ADA]
    assert names(kit).count("sign_in.failed") <= 10
    kit.caller = lambda: Caller(ip_address="192.0.2.1")
    assert identified(kit, inside.token) == ada.id, "the live session"
    assert sign_in(userkit, ADA, password, device=inside.device).user_id == ada.id
    token = begin_sign_in(userkit, ADA)
    assert enter_sign_in_code(userkit, token, post.code(ADA)).user_id == ada.id
    token = begin_reset(userkit, ADA)
    new = new_password()
    assert reset(userkit, token, post.code(ADA), new).user_id == ada.id
    clock.tick(hours=1)
    assert sign_in(userkit, ADA, new).user_id == ada.id
