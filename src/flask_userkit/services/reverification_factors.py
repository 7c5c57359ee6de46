"""Ways to prove who one is, strongest first; each joins by one registration."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy import Row
from sqlalchemy import Select
from sqlalchemy import and_
from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from ..errors import AuthenticationError
from ..errors import ForbiddenError
from ..models import Client
from ..models import EmailAddress
from ..models import ExternalAccount
from ..models import PhoneNumber
from ..models import Session
from ..models import SessionStatus
from ..models import User
from ..translations import gettext as _
from .email_addresses import EMAIL_ADDRESS
from .identifier_kinds import IdentifierKind
from .kit import Kit
from .kit import kit_of
from .locks import LockedUser
from .locks import lock_user
from .phone_numbers import PHONE_NUMBER
from .reverification import Who


class Account(t.NamedTuple):
    """Whose proof is asked for: loaded once, by who asks and nothing that was sent."""

    user_id: str
    session_id: str
    client_id: str
    token_digest: bytes
    password_digest: str | None
    #: The primary address, and the primary number, if they are verified.
    email_address: str | None
    phone_number: str | None
    #: Those whose providers have people sign in again: provider, issuer and subject of each.
    external_accounts: frozenset[tuple[str, str, str]] = frozenset()

    @property
    def providers(self) -> list[str]:
        """The names of those providers."""
        return sorted({provider for provider, _issuer, _subject in self.external_accounts})


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
_NONE: t.Final[frozenset[tuple[str, str, str]]] = frozenset()


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
# Who reads the mailbox need not be who signs in there.
OAUTH = register(
    Factor("oauth", "first", 15, lambda _kit, account: bool(account.external_accounts))
)
EMAIL_CODE = register(
    Factor("email_code", "first", 10, lambda _kit, account: account.email_address is not None)
)
# A number can be taken over at its carrier, and each text message costs.
PHONE_CODE = register(
    Factor(
        "phone_code",
        "first",
        5,
        lambda kit, account: account.phone_number is not None and kit.config.phone_number != "off",
    )
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
            PhoneNumber.phone_number,
        )
        .select_from(Session)
        .join(Client, and_(Client.id == Session.client_id, Client.active_session_id == Session.id))
        .join(User, User.id == Session.user_id)
        .outerjoin(EmailAddress, _is_primary(EMAIL_ADDRESS))
        .outerjoin(PhoneNumber, _is_primary(PHONE_NUMBER))
        .where(
            Session.id == who.session_id,
            Session.user_id == who.user_id,
            Session.status == SessionStatus.ACTIVE.value,
        )
    )
    accounts = _external_accounts(kit, who.user_id)
    with kit.database.reading() as connection:
        row = connection.execute(statement).one_or_none()
        external_accounts = (
            _keys(connection.execute(accounts).all()) if accounts is not None else _NONE
        )
    if row is None:
        raise session_over()
    return Account(*row, external_accounts=external_accounts)


def require_strongest(kit: Kit, account: Account, factor: Factor) -> None:
    """Refuse a factor that is weaker than the account's best.

    :raises ForbiddenError: ``strategy_disabled``.
    """
    if strongest(kit, account) != factor:
        raise weaker()


def lock(db: DbSession, account: Account) -> LockedUser:
    """Lock a user whose account is still what it was when the proof was looked at.

    :raises AuthenticationError: ``authentication_invalid``: the user is gone or banned.
    :raises ForbiddenError: ``strategy_disabled``: the password, address or number has changed.
    """
    user = lock_user(db, account.user_id)
    if user is None or user.banned:
        raise session_over()
    address, number = (_primary(db, kind, user.id) for kind in (EMAIL_ADDRESS, PHONE_NUMBER))
    now = account._replace(
        password_digest=user.password_digest,
        email_address=address,
        phone_number=number,
        external_accounts=_locked_accounts(db, user.id),
    )
    if now != account:
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


def _external_accounts(kit: Kit, user_id: str) -> Select[*tuple[t.Any, ...]] | None:
    """Return the read of the accounts that count; None where no provider does."""
    names = [each.name for each in kit.connections.all() if each.reauthenticates]
    if not names:
        return None
    columns = (
        ExternalAccount.provider,
        ExternalAccount.issuer,
        ExternalAccount.provider_user_id,
    )
    return select(*columns).where(
        ExternalAccount.user_id == user_id, ExternalAccount.provider.in_(names)
    )


def _locked_accounts(db: DbSession, user_id: str) -> frozenset[tuple[str, str, str]]:
    statement = _external_accounts(kit_of(db), user_id)
    if statement is None:
        return frozenset()
    return _keys(db.execute(statement.with_for_update(read=True)).all())


def _keys(rows: Sequence[Row[*tuple[t.Any, ...]]]) -> frozenset[tuple[str, str, str]]:
    return frozenset((row[0], row[1], row[2]) for row in rows)


def _primary(db: DbSession, kind: IdentifierKind, user_id: str) -> str | None:
    statement = select(kind.value).join(User, _is_primary(kind)).where(User.id == user_id)
    return db.execute(statement.with_for_update(read=True)).scalar_one_or_none()


def _is_primary(kind: IdentifierKind) -> ColumnElement[bool]:
    return and_(
        kind.model.id == kind.pointer,
        kind.model.user_id == User.id,
        # A code to an address that somebody only claims would prove who reads that mailbox.
        kind.model.verified_key.is_not(None),
    )
