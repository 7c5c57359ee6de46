"""Email addresses: what they are, whose they are."""

from __future__ import annotations

import typing as t

from sqlalchemy import ColumnElement
from sqlalchemy import ScalarSelect
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..errors import FormError
from ..errors import NotAllowedError
from ..models import EmailAddress
from ..models import User
from ..security.addresses import Address
from ..security.addresses import is_in_domains
from ..security.addresses import parse_email_address
from ..security.ids import new_id
from ..security.text import is_plain
from ..translations import gettext as _
from . import address_codes
from .kit import Kit
from .kit import kit_of
from .locks import savepoint
from .locks import violates

#: What the indexes are on that tell an address twice.
UNIQUE = ("verified_key", "user_id_email_key", "user_id")


def parse(value: str, param: str = "email_address") -> Address:
    """Return the address that a text is.

    :raises FormError: ``form_param_nil`` or ``form_param_format_invalid``.
    """
    if not value.strip():
        raise FormError(_("Enter an email address."), code="form_param_nil", param=param)
    address = parse_email_address(value)
    if address is None:
        raise FormError(
            _("This is not an email address. It looks like name@example.com."),
            code="form_param_format_invalid",
            param=param,
        )
    return address


def parse_own(kit: Kit, value: str, param: str = "email_address") -> Address:
    """Return the address that a person wants to use; the app itself may give out any.

    :raises FormError: as of ``parse``.
    :raises NotAllowedError: ``form_email_address_blocked``, or ``not_allowed_access`` for a
        subaddress.
    """
    address = parse(value, param)
    if is_in_domains(address, kit.config.email_blocked_domains or ()):
        raise NotAllowedError(
            _("Addresses of this domain cannot be used here. Use another one."),
            code="form_email_address_blocked",
            param=param,
        )
    if address.is_subaddress and not kit.config.email_subaddresses:
        raise NotAllowedError(
            _("Addresses with a plus sign cannot be used here. Leave out what follows it."),
            param=param,
        )
    return address


def add_claim(db: Session, user_id: str, address: Address) -> EmailAddress:
    """Give a user an address that is not proven; it blocks nobody. The caller holds their lock.

    :raises FormError: ``form_identifier_exists``: the user has it already.
    """
    return _insert(db, user_id, address, verified_key=None, verified_at=None)


def add_verified(db: Session, user_id: str, address: Address, *, primary: bool) -> EmailAddress:
    """Give a user an address that is proven to be theirs; the caller holds the user's lock.

    :raises FormError: ``form_identifier_exists``: it is somebody's, decided by a unique index.
    """
    now = kit_of(db).now()
    email = _insert(db, user_id, address, verified_key=address.key, verified_at=now)
    address_codes.void_claims(db, address.key)
    if primary:
        set_primary(db, user_id, email.id)
    return email


def set_primary(db: Session, user_id: str, email_address_id: str) -> bool:
    """Point at a user's primary address, if it is theirs and verified; one statement decides."""
    owned = select(EmailAddress.id).where(
        EmailAddress.id == email_address_id,
        EmailAddress.user_id == user_id,
        EmailAddress.verified_key.is_not(None),
    )
    return point(db, user_id, owned.exists(), email_address_id) == 1


def point(
    db: Session, user_id: str, condition: ColumnElement[bool], primary: str | ScalarSelect[t.Any]
) -> int:
    """Set the pointer to a user's primary address where a condition holds, and count that."""
    result = db.connection().execute(
        update(User)
        .where(User.id == user_id, condition)
        .values(primary_email_address_id=primary, updated_at=kit_of(db).now())
    )
    read_anew(db, user_id)
    return result.rowcount


def read_anew(db: Session, user_id: str) -> None:
    """Let what a session holds of a user's addresses be read again when it is next looked at."""
    held = db.identity_map.get(db.identity_key(User, user_id))
    if held is not None:
        db.expire(held, ["primary_email_address_id", "updated_at", "email_addresses"])


def require_primary(
    db: Session, user_id: str, email_address_id: str, param: str = "primary_email_address_id"
) -> None:
    """Point at a user's primary address.

    :raises FormError: ``form_verification_needed``: not theirs, or not verified.
    """
    if not is_plain(email_address_id) or not set_primary(db, user_id, email_address_id):
        raise unverified_primary(param)


class Owner(t.NamedTuple):
    """Whose an address is, and how they spell it."""

    user_id: str
    email_address: str


def owner(db: Session, key: str) -> Owner | None:
    """Return who has proven an address, or None."""
    statement = select(EmailAddress.user_id, EmailAddress.email_address)
    row = db.execute(statement.where(EmailAddress.verified_key == key)).one_or_none()
    return Owner(*row) if row else None


def taken() -> FormError:
    """Return the refusal of an address that has an owner."""
    return FormError(
        _("This email address has an account already."),
        code="form_identifier_exists",
        param="email_address",
    )


def own_already() -> FormError:
    """Return the refusal of an address that is one's own."""
    return FormError(
        _("This is one of your addresses already."),
        code="form_identifier_exists",
        param="email_address",
    )


def unverified_primary(param: str) -> FormError:
    """Return the refusal of a primary address that is not proven."""
    return FormError(
        _("The primary address is a verified one of the user's own."),
        code="form_verification_needed",
        param=param,
    )


def _insert(db: Session, user_id: str, address: Address, **values: t.Any) -> EmailAddress:
    email = EmailAddress(
        id=new_id("idn"),
        user_id=user_id,
        email_address=address.address,
        email_key=address.key,
        created_at=kit_of(db).now(),
        **values,
    )
    try:
        with savepoint(db):
            db.add(email)
            db.flush()
    except IntegrityError as error:
        if any(violates(error, "userkit_email_address", name) for name in UNIQUE):
            raise taken() from error
        raise
    read_anew(db, user_id)
    return email
