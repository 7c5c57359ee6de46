"""A new password is looked up by five letters of its hash, and nobody waits long for that."""

from __future__ import annotations

import logging
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from flask_userkit import UserKit
from flask_userkit.delivery import breaches
from flask_userkit.delivery.breaches import BreachCheckError
from flask_userkit.delivery.breaches import PwnedPasswords
from flask_userkit.models import User
from flask_userkit.services.kit import Kit
from flask_userkit.services.limits import DEFAULTS
from tests.rig.certificates import make_certificate
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_password
from tests.rig.ports import free_port
from tests.rig.pwned import BAD_DAYS
from tests.rig.pwned import SLOW
from tests.rig.pwned import Mode
from tests.rig.pwned import Pwned
from tests.rig.pwned import sha1
from tests.services.acts import Post
from tests.services.acts import begin_reset
from tests.services.acts import begin_sign_up
from tests.services.acts import let_in
from tests.services.acts import reset
from tests.services.acts import sign_in
from tests.services.address_acts import who
from tests.services.password_acts import change
from tests.services.support import count
from tests.services.support import refused

Kits = UserKit[User]
STOLEN, OTHER = "correct horse caf\u00e9", "correct horse tea"
ADA = "ada@example.com"


@pytest.fixture
def pwned() -> Iterator[Pwned]:
    with Pwned([STOLEN]) as server:
        yield server


def ask(pwned: Pwned, password: str = STOLEN) -> bool:
    return PwnedPasswords(pwned.url, seconds=20).is_breached(password)


def test_a_stolen_one_is_found_and_another_is_not(pwned: Pwned) -> None:
    assert ask(pwned)
    assert ask(pwned, "correct horse cafe\u0301"), "however its letters are composed"
    assert not ask(pwned, OTHER)


def test_five_letters_of_a_hash_are_all_that_is_sent(pwned: Pwned) -> None:
    ask(pwned)
    (asked,) = pwned.asked
    assert asked.path == f"/range/{sha1(STOLEN)[:5]}"
    assert asked.headers["Add-Padding"] == "true"
    assert asked.headers["User-Agent"] == "flask-userkit"
    assert sha1(STOLEN)[5:] not in str(asked)


def test_a_row_that_counts_nothing_is_padding(pwned: Pwned) -> None:
    pwned.padding.add(sha1(OTHER))
    assert not ask(pwned, OTHER)


@pytest.mark.parametrize("mode", BAD_DAYS)
def test_of_a_bad_answer_nothing_is_known(pwned: Pwned, mode: Mode) -> None:
    pwned.mode = mode
    with pytest.raises(BreachCheckError) as caught:
        ask(pwned)
    assert sha1(STOLEN)[5:] not in str(caught.value)
    assert len(pwned.asked) == 1, "no redirect is followed"


@pytest.mark.parametrize("mode", SLOW)
def test_who_is_slow_is_hung_up_on(pwned: Pwned, mode: Mode) -> None:
    pwned.mode = mode
    checker = PwnedPasswords(pwned.url, seconds=0.3)
    with pytest.raises(BreachCheckError, match="too slow"):
        checker.is_breached(STOLEN)
    if mode != "silent":
        assert pwned.hung_up.wait(20)
    # Each look-up gives its place back.
    for _ in range(breaches.AT_ONCE):
        assert checker._slots.acquire(timeout=20)


def test_where_nobody_answers_nothing_is_known() -> None:
    with pytest.raises(BreachCheckError, match="ConnectionRefusedError"):
        PwnedPasswords(f"http://127.0.0.1:{free_port()}/", seconds=20).is_breached(STOLEN)


def test_a_certificate_of_somebody_else_is_refused(tmp_path: Path) -> None:
    with Pwned([STOLEN], make_certificate(tmp_path)) as pwned:
        with pytest.raises(BreachCheckError, match="SSLCertVerificationError"):
            ask(pwned)
        assert pwned.asked == []


def test_the_service_itself_is_asked_by_tls_for_a_second() -> None:
    assert breaches.URL == "https://api.pwnedpasswords.com/range/"
    assert breaches.SECONDS == 1


def test_more_than_some_at_once_are_not_looked_up(pwned: Pwned) -> None:
    checker = PwnedPasswords(pwned.url, seconds=20)
    for _ in range(breaches.AT_ONCE):
        checker._slots.acquire()
    with pytest.raises(BreachCheckError, match="too many"):
        checker.is_breached(STOLEN)
    assert pwned.asked == []


@pytest.fixture
def app(make_app: MakeApp, pwned: Pwned) -> Flask:
    limits = dict.fromkeys(DEFAULTS, "1000/minute")
    app = make_app(USERKIT_OUTBOX="worker", USERKIT_RATE_LIMITS=limits)
    kit: Kit = app.extensions["userkit.kit"]
    kit.breach_checker = PwnedPasswords(pwned.url, seconds=20)
    return app


@pytest.fixture
def userkit(app: Flask) -> Iterator[Kits]:
    with app.app_context():
        yield t.cast("Kits", app.extensions["userkit"])


class Paths:
    """Each way to set a password."""

    def __init__(self, userkit: Kits) -> None:
        self.userkit, self.post = userkit, Post(userkit.kit)

    def ada(self) -> User:
        found = self.userkit.users.get_user_list(email_address=[ADA])
        return found.data[0] if found.data else self.userkit.users.create_user(email_address=[ADA])

    def sign_up(self, password: str) -> object:
        return begin_sign_up(self.userkit, "bea@example.com", password=password)

    def change(self, password: str) -> object:
        token = let_in(self.userkit, self.ada().id).token
        return change(self.userkit, who(self.userkit, token), password)

    def reset(self, password: str) -> object:
        self.ada()
        token = begin_reset(self.userkit, ADA)
        return reset(self.userkit, token, self.post.code(ADA), password)

    def create(self, password: str) -> object:
        return self.userkit.users.create_user(username="grace", password=password)

    def update(self, password: str) -> object:
        return self.userkit.users.update_user(self.ada().id, password=password)


PATHS = ["sign_up", "change", "reset", "create", "update"]


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("path", PATHS)
def test_every_path_refuses_a_stolen_one_and_no_transaction_waits_for_the_answer(
    userkit: Kits, pwned: Pwned, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    kit = userkit.kit
    set_password = getattr(Paths(userkit), path)
    set_password(OTHER)
    open_now: list[int] = []
    begun = 0

    def watch(change: int) -> t.Callable[..., None]:
        def seen(*_: object) -> None:
            nonlocal begun
            begun += change

        return seen

    checker = kit.breach_checker
    assert checker is not None
    is_breached = checker.is_breached

    class Watching:
        def is_breached(self, password: str) -> bool:
            open_now.append(begun)
            return is_breached(password)

    listeners = [("begin", watch(1)), ("commit", watch(-1)), ("rollback", watch(-1))]
    for name, listener in listeners:
        event.listen(kit.database.engine, name, listener)
    kit.breach_checker = Watching()
    asked = len(pwned.asked)
    users = count(kit, User)
    param = "new_password" if path == "change" else "password"
    with refused("form_password_pwned", param):
        set_password(STOLEN)
    for name, listener in listeners:
        event.remove(kit.database.engine, name, listener)
    assert (len(pwned.asked), open_now) == (asked + 1, [0])
    assert count(kit, User) == users


@pytest.mark.parametrize("path", PATHS)
def test_without_an_answer_the_password_is_taken_and_the_log_says_so(
    userkit: Kits, pwned: Pwned, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    pwned.mode = "500"
    with caplog.at_level(logging.WARNING, "flask_userkit.passwords"):
        getattr(Paths(userkit), path)(STOLEN)
    assert [record.getMessage() for record in caplog.records] == [
        "A password was not looked up in breaches: answered 500"
    ]


def test_what_the_app_takes_unseen_is_not_looked_up(userkit: Kits, pwned: Pwned) -> None:
    user = userkit.users.create_user(
        email_address=[ADA], password=STOLEN, skip_password_checks=True
    )
    userkit.users.update_user(user.id, password=STOLEN, skip_password_checks=True)
    with userkit.transaction():
        userkit.users.get_user(user.id)
        userkit.users.update_user(user.id, password=STOLEN)
    assert sign_in(userkit, ADA, STOLEN).user_id == user.id
    assert pwned.asked == []


def test_what_is_refused_anyway_is_not_looked_up(userkit: Kits, pwned: Pwned) -> None:
    with refused("form_password_not_strong_enough", "password"):
        Paths(userkit).create("password123")
    assert pwned.asked == []


def test_a_list_of_the_app_s_own_that_fails_refuses_nobody(
    userkit: Kits, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def is_breached(self, password: str) -> bool:
            raise RuntimeError(f"no {password}")

    userkit.kit.breach_checker = Broken()
    password = new_password()
    Paths(userkit).create(password)
    assert "RuntimeError" in caplog.text
    assert password not in caplog.text


def test_nothing_is_looked_up_by_default(make_app: MakeApp) -> None:
    def checker(**settings: t.Any) -> object:
        app = make_app(**settings)
        kit: Kit = app.extensions["userkit.kit"]
        return kit.breach_checker

    assert checker() is None
    assert isinstance(checker(USERKIT_PASSWORD_BREACH_CHECK=True), PwnedPasswords)
