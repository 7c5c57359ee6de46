"""What people do at the services: sign up, sign in, read their mail.

It is light to import, since processes of a race begin with it.
"""

from __future__ import annotations

import secrets
import typing as t
from collections.abc import Callable
from functools import wraps

from flask_userkit import UserKit
from flask_userkit.delivery.mailbox import Mailbox
from flask_userkit.delivery.mailbox import MailboxMessage
from flask_userkit.models import User
from flask_userkit.services import clients
from flask_userkit.services import password_resets
from flask_userkit.services import reverification_attempts
from flask_userkit.services import sessions
from flask_userkit.services import sign_ins
from flask_userkit.services import sign_ups
from flask_userkit.services.applications import Application
from flask_userkit.services.kit import Kit
from flask_userkit.services.locks import lock_user
from flask_userkit.services.reverification import Who
from flask_userkit.services.sessions import SignedIn
from tests.rig.recorder import record
from tests.rig.recorder import record_mail
from tests.services.deliveries import deliver_all

#: For whom a password does not matter.
PASSWORD = f"{secrets.token_urlsafe(9)} correct horse"
record("password", PASSWORD)


P = t.ParamSpec("P")
R = t.TypeVar("R")
Act = Callable[t.Concatenate[UserKit[User], P], R]


def retried(act: Act[P, R]) -> Act[P, R]:
    """Do an act again where the database broke a deadlock by ending it, as the routes do."""

    @wraps(act)
    def again(userkit: UserKit[User], /, *args: P.args, **kwargs: P.kwargs) -> R:
        return userkit.kit.database.retrying(lambda: act(userkit, *args, **kwargs))

    return again


class Post:
    """Delivers what is in the outbox when it is asked to."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def all(self) -> list[MailboxMessage]:
        """Return every mail that was sent so far, newest first."""
        deliver_all(self._kit)
        sender = self._kit.email_sender
        assert isinstance(sender, Mailbox)
        for message in sender.messages():
            record_mail(message.text)
        return sender.messages()

    def code(self, to: str) -> str:
        """Return the newest code that was sent to an address."""
        return next(mail.code for mail in self.all() if mail.to == to and mail.code)


class Signed(t.NamedTuple):
    """Somebody who has signed up, and what their browser holds."""

    address: str
    password: str
    signed_in: SignedIn


@retried
def begin_sign_up(
    userkit: UserKit[User], /, address: str, token: str | None = None, **more: str | None
) -> str:
    """Ask for a code to sign up, and return the browser's token.

    :param address: an email address, or a phone number in its place.
    """
    name = "email_address" if "@" in address or address[:1] != "+" else "phone_number"
    typed: dict[str, t.Any] = {"password": PASSWORD, name: address, **more}
    application = Application(**typed)
    with userkit.transaction() as db:
        token = sign_ups.create(db, token, application, return_to=None)
    record("token", token)
    return token


@retried
def begin_sign_in(
    userkit: UserKit[User],
    identifier: str,
    token: str | None = None,
    country: str | None = None,
) -> str:
    """Ask for a code to sign in, and return the browser's token."""
    with userkit.transaction() as db:
        token = sign_ins.prepare_code(
            db, token, identifier=identifier, return_to=None, country=country
        )
    record("token", token)
    return token


@retried
def enter_sign_up_code(userkit: UserKit[User], token: str | None, code: str) -> SignedIn:
    """Type the code of a sign-up."""
    with userkit.transaction() as db:
        signed_in, _ = sign_ups.attempt_code(db, token, code)
    assert signed_in is not None
    record("token", signed_in.token)
    return signed_in


@retried
def enter_first_code(userkit: UserKit[User], token: str | None, code: str) -> None:
    """Type the code of a sign-up that goes on with another."""
    with userkit.transaction() as db:
        signed_in, _ = sign_ups.attempt_code(db, token, code)
    assert signed_in is None


@retried
def resend_sign_up_code(userkit: UserKit[User], token: str | None) -> None:
    """Ask for another code to sign up."""
    with userkit.transaction() as db:
        sign_ups.deliver_code(db, token)


@retried
def resend_sign_in_code(userkit: UserKit[User], token: str | None) -> None:
    """Ask for another code to sign in."""
    with userkit.transaction() as db:
        sign_ins.deliver_code(db, token)


@retried
def enter_sign_in_code(userkit: UserKit[User], token: str | None, code: str) -> SignedIn:
    """Type the code of a sign-in."""
    with userkit.transaction() as db:
        signed_in, _ = sign_ins.attempt_code(db, token, code)
    record("token", signed_in.token)
    return signed_in


def sign_up(userkit: UserKit[User], post: Post, address: str | None = None, **more: str) -> Signed:
    """Sign somebody up with a code, from a browser of their own."""
    address = address or f"person.{secrets.token_hex(6)}@example.com"
    password = f"{secrets.token_urlsafe(9)} correct horse"
    record("password", password)
    token = begin_sign_up(userkit, address, password=password, **more)
    return Signed(address, password, enter_sign_up_code(userkit, token, post.code(address)))


@retried
def sign_in(
    userkit: UserKit[User],
    identifier: str,
    password: str,
    token: str | None = None,
    device: str = "",
    country: str | None = None,
) -> SignedIn:
    """Sign in by password."""
    with userkit.transaction() as db:
        signed_in = sign_ins.attempt_password(
            db, token, identifier=identifier, password=password, device=device, country=country
        )
    record("token", signed_in.token, signed_in.device)
    return signed_in


@retried
def let_in(userkit: UserKit[User], user_id: str) -> SignedIn:
    """Give a user a session in a browser of their own, however they sign in."""
    with userkit.transaction() as db:
        client, _ = clients.ensure(db, None)
        user = lock_user(db, user_id)
        assert user is not None
        signed_in = sessions.create(db, client, user, "password")
    record("token", signed_in.token)
    return signed_in


@retried
def reverify(userkit: UserKit[User], who: Who, password: str) -> str:
    """Prove oneself by password, and return the browser's new token."""
    with userkit.transaction() as db:
        token = reverification_attempts.attempt_password(db, who, password)
    record("token", token)
    return token


@retried
def ask_to_reverify(userkit: UserKit[User], who: Who) -> None:
    """Ask for a code to prove oneself with."""
    with userkit.transaction() as db:
        reverification_attempts.prepare_code(db, who)


@retried
def reverify_by_code(userkit: UserKit[User], who: Who, code: str) -> str:
    """Prove oneself by code, and return the browser's new token."""
    with userkit.transaction() as db:
        token = reverification_attempts.attempt_code(db, who, code)
    record("token", token)
    return token


@retried
def begin_reset(userkit: UserKit[User], identifier: str, token: str | None = None) -> str:
    """Ask for a code to set a new password with, and return the browser's token."""
    with userkit.transaction() as db:
        token = password_resets.prepare(db, token, identifier=identifier, return_to=None)
    record("token", token)
    return token


@retried
def reset(
    userkit: UserKit[User], token: str | None, code: str, password: str, device: str = ""
) -> SignedIn:
    """Type the code of a reset, and a new password."""
    with userkit.transaction() as db:
        signed_in, _ = password_resets.attempt(
            db, token, code=code, password=password, device=device
        )
    record("token", signed_in.token, signed_in.device)
    return signed_in
