"""What the app changes about its users' email addresses."""

from __future__ import annotations

import typing as t

from sqlalchemy.orm import Session

from ..models import EmailAddress
from . import app_identifiers
from . import email_addresses
from .email_addresses import EMAIL_ADDRESS
from .user_rows import UNSET
from .user_rows import Unset


def get_email_address(db: Session, email_address_id: str) -> EmailAddress:
    """Return an address.

    :raises NotFoundError: ``resource_not_found``.
    """
    return t.cast(EmailAddress, app_identifiers.get(db, EMAIL_ADDRESS, email_address_id))


def create_email_address(
    db: Session, user_id: str, email_address: str, *, verified: bool = False, primary: bool = False
) -> EmailAddress:
    """Give a user an address; no mail is sent.

    :param verified: whether it counts as proven.
    :param primary: make it the primary one; the first that is verified becomes so anyway.
    :raises NotFoundError: ``resource_not_found``: there is no such user.
    :raises FormError: ``form_param_nil``, ``form_param_format_invalid``;
        ``form_identifier_exists``: the user has it, or it is verified and somebody else's;
        ``form_verification_needed``: primary, but not verified.
    """
    typed = email_addresses.typed(email_addresses.parse(email_address))
    created = app_identifiers.create(
        db, EMAIL_ADDRESS, user_id, typed, verified=verified, primary=primary
    )
    return get_email_address(db, created)


def update_email_address(
    db: Session,
    email_address_id: str,
    *,
    verified: bool | Unset = UNSET,
    primary: bool | Unset = UNSET,
) -> EmailAddress:
    """Change whether an address counts as proven, and whether it is the primary one.

    :param verified: False lets it sign nobody in any more, such as when its domain has changed
        hands; where it was the primary one, the oldest verified one takes its place.
    :raises NotFoundError: ``resource_not_found``.
    :raises FormError: ``form_identifier_exists``: somebody else has proven it;
        ``form_verification_needed``: primary, but not verified; ``form_param_value_invalid``:
        the primary one, where another has to take its place.
    """
    app_identifiers.update(db, EMAIL_ADDRESS, email_address_id, verified=verified, primary=primary)
    return get_email_address(db, email_address_id)


def delete_email_address(db: Session, email_address_id: str) -> None:
    """Remove an address, also the last one; where it was primary, the oldest takes its place.

    :raises NotFoundError: ``resource_not_found``.
    """
    app_identifiers.delete(db, EMAIL_ADDRESS, email_address_id)
