"""People are told of a sign-in in a browser that is not known, and of no other."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask

from flask_userkit import UserKit
from flask_userkit.models import OutboxMessage
from flask_userkit.models import User
from flask_userkit.services import sign_ins
from flask_userkit.services.kit import Kit
from flask_userkit.services.sessions import SignedIn
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import begin_reset
from tests.services.acts import begin_sign_in
from tests.services.acts import enter_sign_in_code
from tests.services.acts import reset
from tests.services.acts import sign_in
from tests.services.acts import sign_up
from tests.services.support import count
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
ADA, OTHER, NUMBER = "ada@example.com", "lovelace@example.org", "+4915123456789"
TITLE = "New sign-in to your account"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
RESET = "https://shelf.example/account/password-reset"


@pytest.fixture
def settings() -> dict[str, t.Any]:
    return {}


@pytest.fixture
def app(make_app: MakeApp, settings: dict[str, t.Any]) -> Flask:
    return make_app(
        USERKIT_APP_NAME="Shelf",
        USERKIT_BASE_URL="https://shelf.example",
        USERKIT_OUTBOX="worker",
        USERKIT_PHONE_NUMBER="optional",
        **settings,
    )


@pytest.fixture
def password() -> str:
    return new_password()


@pytest.fixture
def ada(userkit: Kits, password: str) -> SignedIn:
    """Somebody who has signed in once, in a browser of their own."""
    userkit.users.create_user(email_address=[ADA, OTHER], password=password)
    return sign_in(userkit, ADA, password)


def told(post: Post) -> list[str]:
    """Return who was told of a sign-in, so far."""
    return sorted(mail.to for mail in post.all() if mail.subject.endswith(TITLE))


@on_each_database
def test_each_address_is_told_what_when_where_and_what_to_do(
    app: Flask, userkit: Kits, post: Post, ada: SignedIn, password: str
) -> None:
    assert told(post) == [], "the first sign-in is nothing to be told of"
    with app.test_request_context(
        "/",
        method="POST",
        headers={"User-Agent": FIREFOX},
        environ_base={"REMOTE_ADDR": "192.0.2.7"},
    ):
        sign_in(userkit, ADA, password)
    assert told(post) == sorted([ADA, OTHER])
    for mail in post.all():
        assert "in a browser that is not known." in mail.text
        assert "Browser: Firefox on Linux\nIP address: 192.0.2.7\n" in mail.text
        assert "UTC\n" in mail.text
        assert f"which signs everybody else out:\n\n{RESET}\n" in mail.text
        assert f'href="{RESET}"' in mail.html
        assert mail.links == [RESET]


@on_each_database
def test_a_browser_that_is_known_is_told_of_to_nobody(
    userkit: Kits, post: Post, ada: SignedIn, password: str
) -> None:
    again = sign_in(userkit, ADA, password, device=ada.device)
    token = begin_sign_in(userkit, ADA)
    code = post.code(ADA)
    with userkit.transaction() as db:
        sign_ins.attempt_code(db, token, code, device=again.device)
    assert told(post) == []
    enter_sign_in_code(userkit, begin_sign_in(userkit, ADA), post.code(ADA))
    assert told(post) == sorted([ADA, OTHER])


@on_each_database
def test_with_another_password_a_browser_is_not_known(
    userkit: Kits, post: Post, ada: SignedIn, password: str
) -> None:
    userkit.users.update_user(ada.user_id, password=(new := new_password()))
    sign_in(userkit, ADA, new, device=ada.device)
    assert told(post) == sorted([ADA, OTHER])


@on_each_database
def test_what_has_a_mail_of_its_own_is_told_once(userkit: Kits, post: Post, ada: SignedIn) -> None:
    sign_up(userkit, post)
    reset(userkit, begin_reset(userkit, ADA), post.code(ADA), new_password())
    assert told(post) == []
    assert [mail.to for mail in post.all() if "was reset" in mail.subject] != []


def test_who_does_not_get_in_is_told_of_to_nobody(
    userkit: Kits, kit: Kit, ada: SignedIn, password: str
) -> None:
    with refused("form_password_or_identifier_incorrect"):
        sign_in(userkit, ADA, "wrong")
    userkit.users.lock_user(ada.user_id)
    with refused("user_locked"):
        sign_in(userkit, ADA, password)
    userkit.users.unlock_user(ada.user_id)
    userkit.users.ban_user(ada.user_id)
    with refused("user_banned"):
        sign_in(userkit, ADA, password)
    assert rows(kit, OutboxMessage) == []


@on_each_database
def test_a_number_alone_gets_a_text(userkit: Kits, post: Post, password: str) -> None:
    userkit.users.create_user(phone_number=[NUMBER], password=password)
    for _ in range(2):
        sign_in(userkit, NUMBER, password)
    (text,) = post.all()
    assert (text.to, text.kind) == (NUMBER, "sms")
    assert TITLE in text.text


@pytest.mark.parametrize("settings", [{"USERKIT_NOTICES": False}])
@pytest.mark.usefixtures("settings")
def test_an_app_can_do_without(userkit: Kits, kit: Kit, ada: SignedIn, password: str) -> None:
    sign_in(userkit, ADA, password)
    assert rows(kit, OutboxMessage) == []


@on_each_database
def test_a_program_with_the_password_fills_no_mailbox(
    userkit: Kits, kit: Kit, post: Post, clock: Clock, ada: SignedIn, password: str
) -> None:
    userkit.users.lock_user(ada.user_id)
    for _ in range(9):
        with refused("user_locked"):
            sign_in(userkit, ADA, password)
        sign_in(userkit, ADA, password, device=ada.device)
    userkit.users.unlock_user(ada.user_id)
    sign_in(userkit, ADA, password)
    enter_sign_in_code(userkit, begin_sign_in(userkit, ADA), post.code(ADA))
    for _ in range(10):
        sign_in(userkit, ADA, password)
    written = count(kit, OutboxMessage)
    enter_sign_in_code(userkit, begin_sign_in(userkit, ADA), post.code(ADA))
    assert told(post) == sorted([ADA] * 10 + [OTHER] * 10)
    assert (written, count(kit, OutboxMessage)) == (21, 22), "of the codes' mails there are two"
    clock.tick(days=1)
    sign_in(userkit, ADA, password)
    assert len(told(post)) == 22
