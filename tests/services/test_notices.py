"""People hear of what was changed about their account, where they were reached before."""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import update

from flask_userkit import UserKit
from flask_userkit.models import EmailAddress
from flask_userkit.models import OutboxMessage
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.services import usernames
from flask_userkit.services.kit import Caller
from flask_userkit.services.kit import Kit
from flask_userkit.services.sessions import SignedIn
from flask_userkit.translations import use_locale
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_password
from tests.services.acts import Post
from tests.services.acts import let_in
from tests.services.support import Mishap
from tests.services.support import count
from tests.services.support import mishap
from tests.services.support import refused
from tests.services.support import rows

Kits = UserKit[User]
on_each_database = pytest.mark.usefixtures("backend")
ADA, OTHER = "ada@example.com", "lovelace@example.org"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
ACCOUNT = "https://shelf.example/me/"


@pytest.fixture
def settings() -> dict[str, t.Any]:
    return {}


@pytest.fixture
def app(make_app: MakeApp, settings: dict[str, t.Any]) -> Flask:
    return make_app(
        USERKIT_APP_NAME="Shelf",
        USERKIT_BASE_URL="https://shelf.example",
        USERKIT_OUTBOX="worker",
        USERKIT_URL_PREFIX="/me",
        USERKIT_USERNAME="optional",
        **settings,
    )


@pytest.fixture
def ada(userkit: Kits) -> User:
    return userkit.users.create_user(email_address=[ADA, OTHER], username="ada_1815")


@contextmanager
def asked(app: Flask, user_agent: str = FIREFOX) -> Iterator[None]:
    """Ask from a browser, as a person does."""
    with app.test_request_context(
        "/",
        method="POST",
        headers={"User-Agent": user_agent, "Host": "evil.example"},
        environ_base={"REMOTE_ADDR": "192.0.2.7"},
    ):
        yield


def rename(userkit: Kits, user_id: str, username: str | None = "countess") -> None:
    known = rows(userkit.kit, Session, Session.user_id == user_id)
    who = SignedIn(user_id, known[-1].id, "", "") if known else let_in(userkit, user_id)
    with userkit.transaction() as db:
        usernames.update_username(db, who, username)


def told(post: Post) -> list[tuple[str, str]]:
    return sorted((mail.to, mail.subject) for mail in post.all())


def to_both(title: str) -> list[tuple[str, str]]:
    return sorted((address, f"Shelf: {title}") for address in (ADA, OTHER))


@on_each_database
def test_a_notice_says_what_when_from_where_and_what_to_do(
    app: Flask, userkit: Kits, post: Post, ada: User, clock: Clock
) -> None:
    clock.now = dt.datetime(2026, 11, 22, 8, 16, 5, tzinfo=dt.UTC)
    with asked(app):
        rename(userkit, ada.id)
    assert told(post) == to_both("Your username was changed")
    for mail in post.all():
        text = mail.text.replace("\u202f", " ")
        assert "Your account has a new username." in text
        assert "When: November 22, 2026, 8:16:05 AM UTC\n" in text
        assert "Browser: Firefox on Linux\nIP address: 192.0.2.7\n" in text
        assert f"Look at it now:\n\n{ACCOUNT}\n\n" in text
        assert "evil" not in mail.text + mail.html
        assert f'href="{ACCOUNT}"' in mail.html
        for words in ("Your account has a new username.", "Firefox on Linux", "192.0.2.7", "UTC"):
            assert words in mail.html


def remove_name(userkit: Kits, user_id: str) -> None:
    rename(userkit, user_id, None)


def change_password(userkit: Kits, user_id: str) -> None:
    userkit.users.update_user(user_id, password=new_password(), notify=True)


def delete(userkit: Kits, user_id: str) -> None:
    userkit.users.delete_user(user_id, notify=True)


CHANGES = {
    "username changed": (rename, "Your username was changed", "a new username"),
    "username removed": (remove_name, "Your username was removed", "with a username any more"),
    "password changed": (change_password, "Your password was changed", "a new password"),
    "account deleted": (delete, "Your account was deleted", "Your account is gone"),
}
each_change = pytest.mark.parametrize("change", CHANGES)


@on_each_database
@each_change
def test_each_change_is_told_once_to_every_address_that_was_proven(
    app: Flask, userkit: Kits, post: Post, ada: User, change: str
) -> None:
    make, title, words = CHANGES[change]
    with asked(app):
        make(userkit, ada.id)
    assert told(post) == to_both(title)
    for mail in post.all():
        assert words in mail.text
        assert words in mail.html
        assert "Was it not you?" in mail.text
        assert "Was it not you?" in mail.html
        # Nobody signs in to an account that is gone.
        assert (ACCOUNT in mail.text) is (ACCOUNT in mail.html) is (change != "account deleted")


@on_each_database
@each_change
def test_a_change_that_is_rolled_back_is_not_told(
    userkit: Kits, kit: Kit, ada: User, change: str
) -> None:
    let_in(userkit, ada.id)
    with mishap(), userkit.transaction():
        CHANGES[change][0](userkit, ada.id)
        raise Mishap
    assert count(kit, OutboxMessage) == 0


@on_each_database
def test_what_the_app_does_is_told_if_it_says_so(userkit: Kits, post: Post, ada: User) -> None:
    userkit.users.update_user(ada.id, username="by_the_app", password=new_password())
    userkit.users.ban_user(ada.id)
    userkit.users.unban_user(ada.id)
    assert told(post) == []
    userkit.users.update_user(ada.id, username="by_the_app_2", notify=True)
    assert told(post) == to_both("Your username was changed")
    # There was no browser, so none is named.
    for mail in post.all():
        assert "Browser" not in mail.text + mail.html
        assert "IP address" not in mail.text + mail.html
    userkit.users.delete_user(ada.id)
    assert len(told(post)) == 2


def test_a_refusal_and_a_change_of_names_are_not_told(userkit: Kits, kit: Kit, ada: User) -> None:
    userkit.users.create_user(email_address=["eve@example.com"], username="countess")
    with refused("form_identifier_exists", "username"):
        rename(userkit, ada.id, "countess")
    userkit.users.update_user(ada.id, first_name="Augusta", notify=True)
    assert count(kit, OutboxMessage) == 0


def test_an_address_that_is_not_proven_hears_nothing(
    userkit: Kits, kit: Kit, post: Post, ada: User
) -> None:
    with userkit.transaction() as db:
        db.execute(
            update(EmailAddress)
            .where(EmailAddress.email_address == OTHER)
            .values(verified_key=None, verified_at=None)
        )
    rename(userkit, ada.id)
    assert told(post) == [(ADA, "Shelf: Your username was changed")]


def test_an_address_of_somebody_else_hears_nothing(userkit: Kits, post: Post, ada: User) -> None:
    eve = userkit.users.create_user(email_address=["eve@example.com"], username="eve_1")
    rename(userkit, eve.id, "eve_2")
    assert told(post) == [("eve@example.com", "Shelf: Your username was changed")]


def test_a_notice_that_waits_is_not_taken_back_with_the_account(
    userkit: Kits, post: Post, ada: User
) -> None:
    rename(userkit, ada.id)
    userkit.users.delete_user(ada.id)
    assert told(post) == to_both("Your username was changed")


def test_where_an_administrator_sits_is_not_told(
    userkit: Kits, kit: Kit, post: Post, ada: User
) -> None:
    kit.caller = lambda: Caller("192.0.2.99", FIREFOX, "req_1", "user_admin", "sess_1")
    rename(userkit, ada.id)
    assert told(post) == to_both("Your username was changed")
    kit.caller = lambda: Caller("192.0.2.7", FIREFOX, "req_2", ada.id, "sess_2")
    rename(userkit, ada.id, "countess_2")
    told_from = [mail.text.partition("IP address: ")[2].partition("\n")[0] for mail in post.all()]
    assert sorted(told_from) == ["", "", "192.0.2.7", "192.0.2.7"]
    assert all("192.0.2.99" not in mail.text + mail.html for mail in post.all())


def test_a_notice_is_in_the_language_of_who_made_the_change(
    app: Flask, userkit: Kits, post: Post, ada: User, clock: Clock
) -> None:
    clock.now = dt.datetime(2026, 11, 22, 8, 16, 5, tzinfo=dt.UTC)
    with asked(app), use_locale("de"):
        rename(userkit, ada.id)
    assert told(post) == to_both("Dein Benutzername wurde geändert")
    for mail in post.all():
        assert "Wann: 22. November 2026, 08:16:05 UTC\n" in mail.text
        assert "Browser: Firefox unter Linux\n" in mail.text


@pytest.mark.parametrize("settings", [{"USERKIT_NOTICES": False}])
@pytest.mark.usefixtures("settings")
def test_an_app_can_do_without(userkit: Kits, kit: Kit, ada: User) -> None:
    rename(userkit, ada.id)
    assert count(kit, OutboxMessage) == 0


HOSTILE = [
    "Call 0800 555 now bot/1.0",
    "www.evil.example-bot/1.0",
    "<img src=x onerror=alert(1)> Firefox/128.0",
    "{{ 7*7 }} {% include 'x' %} %(app)s %s {0}",
    "Firefox/1\u2028Bcc: eve@evil.example",
    "https://evil.example/?token=x",
]


@pytest.mark.parametrize("user_agent", HOSTILE)
def test_a_hostile_browser_writes_nothing(
    app: Flask, userkit: Kits, post: Post, ada: User, user_agent: str
) -> None:
    with asked(app, user_agent.encode().decode("latin-1")):
        rename(userkit, ada.id)
    assert told(post) == to_both("Your username was changed")
    for mail in post.all():
        assert mail.links == [ACCOUNT]
        for words in ("0800", "evil", "onerror", "7*7", "49", "include", "Bcc"):
            assert words not in mail.text.partition("When:")[2].partition("\n")[2]
            assert words not in mail.html.partition("Browser:")[2]
