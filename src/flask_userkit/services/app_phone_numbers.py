"""What the app changes about its users' phone numbers."""

from __future__ import annotations

import typing as t

from sqlalchemy.orm import Session

from ..models import PhoneNumber
from . import app_identifiers
from . import phone_numbers
from . import second_factor_numbers
from .phone_numbers import PHONE_NUMBER
from .user_rows import UNSET
from .user_rows import Unset


def get_phone_number(db: Session, phone_number_id: str) -> PhoneNumber:
    """Return a number.

    :raises NotFoundError: ``resource_not_found``.
    """
    return t.cast(PhoneNumber, app_identifiers.get(db, PHONE_NUMBER, phone_number_id))


def create_phone_number(
    db: Session, user_id: str, phone_number: str, *, verified: bool = False, primary: bool = False
) -> PhoneNumber:
    """Give a user a number; no message is sent.

    :param phone_number: with a plus sign and the code of its country.
    :param verified: whether it counts as proven.
    :param primary: make it the primary one; the first that is verified becomes so anyway.
    :raises NotFoundError: ``resource_not_found``: there is no such user.
    :raises FormError: ``form_param_nil``, ``form_param_format_invalid``;
        ``form_identifier_exists``: the user has it, or it is verified and somebody else's;
        ``form_verification_needed``: primary, but not verified.
    """
    typed = phone_numbers.typed(phone_numbers.parse(phone_number))
    created = app_identifiers.create(
        db, PHONE_NUMBER, user_id, typed, verified=verified, primary=primary
    )
    return get_phone_number(db, created)


def update_phone_number(
    db: Session,
    phone_number_id: str,
    *,
    verified: bool | Unset = UNSET,
    primary: bool | Unset = UNSET,
    reserved_for_second_factor: bool | Unset = UNSET,
) -> PhoneNumber:
    """Change whether a number counts as proven, is the primary one, or a second factor.

    :param verified: False lets it sign nobody in any more; where it was the primary one, the
        oldest verified one takes its place.
    :param reserved_for_second_factor: keeps a verified number for the second factor; the first
        such becomes the default.
    :raises NotFoundError: ``resource_not_found``.
    :raises FormError: ``form_identifier_exists``: somebody else has proven it;
        ``form_verification_needed``: primary or reserved, but not verified;
        ``form_param_value_invalid``: the primary one, where another has to take its place.
    """
    app_identifiers.update(db, PHONE_NUMBER, phone_number_id, verified=verified, primary=primary)
    if not isinstance(reserved_for_second_factor, Unset):
        user_id = get_phone_number(db, phone_number_id).user_id
        reserved = reserved_for_second_factor
        if not second_factor_numbers.reserve(db, user_id, phone_number_id, reserved=reserved):
            raise PHONE_NUMBER.unverified_primary("reserved_for_second_factor")
    return get_phone_number(db, phone_number_id)


def delete_phone_number(db: Session, phone_number_id: str) -> None:
    """Remove a number, also the last one; where it was primary, the oldest takes its place.

    :raises NotFoundError: ``resource_not_found``.
    """
    app_identifiers.delete(db, PHONE_NUMBER, phone_number_id)
