"""Whom an identifier means: read in one place, and known and unknown looked up in the same time."""

from __future__ import annotations

import typing as t

from sqlalchemy import null
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import FormError
from ..models import EmailAddress
from ..models import PhoneNumber
from ..models import User
from ..models import Verification
from ..security.addresses import parse_email_address
from ..security.phone_numbers import parse_phone_number
from ..security.text import is_plain
from ..security.usernames import username_key
from ..translations import gettext as _
from . import verifications
from .email_addresses import EMAIL_ADDRESS
from .identifier_kinds import IdentifierKind
from .kit import Kit
from .locks import LockedUser
from .locks import lock_user
from .phone_numbers import PHONE_NUMBER
from .purposes import Purpose

MAX_IDENTIFIER = 254


class Named(t.NamedTuple):
    """What an identifier names.

    :param kind: of what a code goes to; by username it goes to the primary address.
    :param key: what all spellings of it have in common.
    :param is_username: whether it is neither an address nor a number.
    """

    kind: IdentifierKind
    key: str
    is_username: bool = False


class Found(t.NamedTuple):
    """Somebody whom an identifier means."""

    user_id: str
    password_digest: str | None
    #: The address that was named, or the primary one.
    email_address: str | None
    #: The number that was named.
    phone_number: str | None
    device_key: str | None

    @property
    def receiver(self) -> str | None:
        """Where a code goes."""
        return self.phone_number or self.email_address


def clean_identifier(kit: Kit, value: str, country: str | None = None) -> str:
    """Return what was typed as an identifier, a phone number in E.164.

    :param country: whose phone numbers are written without a plus sign.
    :raises FormError: ``form_param_nil`` or ``form_param_format_invalid``.
    """
    value = value.strip()
    by_number = kit.config.phone_number != "off"
    if not value:
        message = (
            _("Enter your email address, phone number or username.")
            if by_number
            else _("Enter your email address or username.")
        )
        raise FormError(message, code="form_param_nil", param="identifier")
    if by_number and "@" not in value:
        # First, since what is copied from an address book has marks of direction around it.
        number = parse_phone_number(value, country)
        if number is not None:
            return number.number
    # A number from when accounts had some signs nobody in any more.
    was_number = not by_number and kind_of(value) is PHONE_NUMBER
    if len(value) > MAX_IDENTIFIER or not is_plain(value) or was_number:
        message = (
            _("This is not an email address, phone number or username.")
            if by_number
            else _("This is not an email address or username.")
        )
        raise FormError(message, code="form_param_format_invalid", param="identifier")
    return value


def read(identifier: str) -> Named:
    """Return what an identifier names, once it is clean."""
    address = parse_email_address(identifier)
    if address is not None:
        return Named(EMAIL_ADDRESS, address.key)
    if kind_of(identifier) is PHONE_NUMBER:
        return Named(PHONE_NUMBER, identifier)
    return Named(EMAIL_ADDRESS, username_key(identifier), is_username=True)


def kind_of(address: str) -> IdentifierKind:
    """Return what a code was sent to: a number has a plus sign and no @; no username has either."""
    return PHONE_NUMBER if address.startswith("+") and "@" not in address else EMAIL_ADDRESS


def typed_key(identifier: str) -> str:
    """Return what guesses at an account are counted by, whether it is there or not.

    By what was typed, and not by whose it is: one that is paused with another would tell that
    both belong to one account, and so that it has one.
    """
    return f"typed {read(identifier).key}"


def find(kit: Kit, identifier: str) -> Found | None:
    """Return whom an identifier means, before the transaction begins."""
    named = read(identifier)
    statement = select(User.id, User.password_digest, EmailAddress.email_address)
    if named.kind is PHONE_NUMBER:
        statement = (
            statement.add_columns(PhoneNumber.phone_number, User.device_key)
            .join(PhoneNumber, PhoneNumber.user_id == User.id)
            .outerjoin(EmailAddress, EmailAddress.id == User.primary_email_address_id)
            .where(PhoneNumber.verified_key == named.key)
        )
    elif named.is_username:
        statement = (
            statement.add_columns(null(), User.device_key)
            .outerjoin(EmailAddress, EmailAddress.id == User.primary_email_address_id)
            .where(User.username_key == named.key)
        )
    else:
        statement = (
            statement.add_columns(null(), User.device_key)
            .join(EmailAddress, EmailAddress.user_id == User.id)
            .where(EmailAddress.verified_key == named.key)
        )
    with kit.database.reading() as connection:
        row = connection.execute(statement).one_or_none()
    return Found._make(row) if row else None


def locked(db: Session, found: Found | None) -> LockedUser | None:
    """Lock whom an identifier means, and return what is true of them now."""
    # Locked, since the user may be deleted meanwhile; the unknown are looked for as well, in
    # the same time.
    return lock_user(db, found.user_id if found else "")


def is_theirs(db: Session, user_id: str, address: str) -> bool:
    """Tell whether a user has proven an address or a number; the caller holds their lock."""
    named = read(address)
    # A code may have been made as its address was being given up: it would let in whoever reads
    # that mailbox now. A locking read: in an app's own transaction MariaDB would show what was
    # there at its start.
    model = named.kind.model
    statement = select(model.id).where(model.verified_key == named.key, model.user_id == user_id)
    return db.execute(statement.with_for_update(read=True)).first() is not None


def send_code(
    db: Session,
    purpose: Purpose,
    identifier: str,
    client_id: str,
    found: Found | None,
    *,
    attempts: int = 0,
) -> Verification:
    """Send a code to whom an identifier means; nobody is sent one in the same way."""
    receiver = found.receiver if found else None
    return verifications.create(
        db,
        kind=read(identifier).kind,
        purpose=purpose,
        address=receiver or identifier,
        client_id=client_id,
        user_id=found.user_id if found else None,
        real=receiver is not None,
        attempts=attempts,
    )
