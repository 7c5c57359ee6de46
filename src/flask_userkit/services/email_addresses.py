"""Email addresses: what they are, whose they are."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..errors import FormError
from ..models import EmailAddress
from ..models import User
from ..security.addresses import Address
from ..security.addresses import parse_email_address
from ..security.ids import new_id
from ..security.text import is_plain
from ..translations import gettext as _
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


def add_verified(db: Session, user_id: str, address: Address, *, primary: bool) -> EmailAddress:
    """Give a user an address that is proven to be theirs; the caller holds the user's lock.

    :raises FormError: ``form_identifier_exists``: it is somebody's, decided by a unique index.
    """
    now = kit_of(db).now()
    email = EmailAddress(
        id=new_id("idn"),
        user_id=user_id,
        email_address=address.address,
        email_key=address.key,
        verified_key=address.key,
        verified_at=now,
        created_at=now,
    )
    try:
        with savepoint(db):
            db.add(email)
            db.flush()
    except IntegrityError as error:
        if any(violates(error, "userkit_email_address", name) for name in UNIQUE):
            raise taken() from error
        raise
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
    result = db.connection().execute(
        update(User)
        .where(User.id == user_id, owned.exists())
        .values(primary_email_address_id=email_address_id, updated_at=kit_of(db).now())
    )
    return result.rowcount == 1


def require_primary(db: Session, user_id: str, email_address_id: str) -> None:
    """Point at a user's primary address.

    :raises FormError: ``form_verification_needed``: not theirs, or not verified.
    """
    if not is_plain(email_address_id) or not set_primary(db, user_id, email_address_id):
        raise FormError(
            _("The primary address is a verified one of the user's own."),
            code="form_verification_needed",
            param="primary_email_address_id",
        )


def taken() -> FormError:
    """Return the refusal of an address that has an owner."""
    return FormError(
        _("This email address has an account already."),
        code="form_identifier_exists",
        param="email_address",
    )
