"""Ways to prove who one is, strongest first; each joins by one registration."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy import and_
from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from ..errors import AuthenticationError
from ..errors import ForbiddenError
from ..models import Client
from ..models import EmailAddress
from ..models import Session
from ..models import SessionStatus
from ..models import User
from ..translations import gettext as _
from .kit import Kit
from .locks import LockedUser
from .locks import lock_user
from .reverification import Who


class Account(t.NamedTuple):
    """Whose proof is asked for: loaded once, by who asks and nothing that was sent."""

    user_id: str
    session_id: str
    client_id: str
    token_digest: bytes
    password_digest: str | None
    #: The primary address, if it is verified.
    email_address: str | None


@dataclass(frozen=True, slots=True)
class Factor:
    """One way to prove who one is.

    :param strategy: its name, as in the audit trail.
    :param level: whether it is a first or a second factor.
    :param strength: the strongest that an account has is the one that counts.
    :param is_available: whether an account has it.
    """

    strategy: str
    level: t.Literal["first", "second"]
    strength: int
    is_available: Callable[[Kit, Account], bool]


FACTORS: list[Factor] = []


def register(factor: Factor) -> Factor:
    """Let a way to prove who one is count."""
    FACTORS.append(factor)
    FACTORS.sort(key=lambda each: -each.strength)
    return factor


PASSWORD = register(
    Factor(
        "password",
        "first",
        20,
        lambda kit, account: account.password_digest is not None and kit.config.password != "off",
    )
)
EMAIL_CODE = register(
    Factor("email_code", "first", 10, lambda _kit, account: account.email_address is not None)
)


def strongest(kit: Kit, account: Account) -> Factor | None:
    """Return the factor by which an account proves itself, or None if it has none."""
    return next((each for each in FACTORS if each.is_available(kit, account)), None)


def load(kit: Kit, who: Who) -> Account:
    """Return the account of who asks.

    :raises AuthenticationError: ``authentication_invalid``: the session is over.
    """
    statement = (
        select(
            Session.user_id,
            Session.id,
            Session.client_id,
            Client.token_digest,
            User.password_digest,
            EmailAddress.email_address,
        )
        .select_from(Session)
        .join(Client, and_(Client.id == Session.client_id, Client.active_session_id == Session.id))
        .join(User, User.id == Session.user_id)
        .outerjoin(EmailAddress, _is_primary())
        .where(
            Session.id == who.session_id,
            Session.user_id == who.user_id,
            Session.status == SessionStatus.ACTIVE.value,
        )
    )
    with kit.database.reading() as connection:
        row = connection.execute(statement).one_or_none()
    if row is None:
        raise session_over()
    return Account(*row)


def require_strongest(kit: Kit, account: Account, factor: Factor) -> None:
    """Refuse a factor that is weaker than the account's best.

    :raises ForbiddenError: ``strategy_disabled``.
    """
    if strongest(kit, account) != factor:
        raise weaker()


def lock(db: DbSession, account: Account) -> LockedUser:
    """Lock a user whose account is still what it was when the proof was looked at.

    :raises AuthenticationError: ``authentication_invalid``: the user is gone or banned.
    :raises ForbiddenError: ``strategy_disabled``: the password or the address has changed.
    """
    user = lock_user(db, account.user_id)
    if user is None or user.banned:
        raise session_over()
    statement = (
        select(EmailAddress.email_address)
        .join(User, _is_primary())
        .where(User.id == account.user_id)
        .with_for_update(read=True)
    )
    address = db.execute(statement).scalar_one_or_none()
    if (user.password_digest, address) != (account.password_digest, account.email_address):
        raise weaker()
    return user


def session_over() -> AuthenticationError:
    """Return the refusal of somebody who is not signed in any more."""
    return AuthenticationError(_("Sign in to go on."))


def weaker() -> ForbiddenError:
    """Return the refusal of a factor that is not, or no longer, the account's best."""
    return ForbiddenError(
        _("How you confirm that it is you has changed. Try again."), code="strategy_disabled"
    )


def _is_primary() -> ColumnElement[bool]:
    return and_(
        EmailAddress.id == User.primary_email_address_id,
        EmailAddress.user_id == User.id,
        # A code to an address that somebody only claims would prove who reads that mailbox.
        EmailAddress.verified_key.is_not(None),
    )
