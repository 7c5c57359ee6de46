"""Phone numbers: what they are, and what is said of them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from ..errors import ForbiddenError
from ..errors import FormError
from ..errors import NotAllowedError
from ..errors import NotFoundError
from ..errors import UserKitError
from ..errors import VerificationError
from ..events import EventName
from ..models import PhoneNumber
from ..models import User
from ..models import Verification
from ..security import phone_numbers as numbers
from ..translations import gettext as _
from . import outbox
from . import second_factor_numbers
from . import sms_limits
from .identifier_kinds import IdentifierKind
from .identifier_kinds import Typed
from .kit import Kit
from .kit import kit_of
from .purposes import Purpose


def parse(value: str, country: str | None = None, param: str = "phone_number") -> str:
    """Return the number that a text is, in E.164.

    :param country: whose numbers are written without a plus sign.
    :raises FormError: ``form_param_nil`` or ``form_param_format_invalid``.
    """
    return _parse(value, country, param).number


def parse_own(
    kit: Kit, value: str, country: str | None = None, param: str = "phone_number"
) -> Typed:
    """Return the number that a person wants to use; the app itself may give out any.

    :raises FormError: as of ``parse``.
    :raises NotAllowedError: ``unsupported_country_code``, or ``not_allowed_access`` for a number
        that takes no text messages or makes its callers pay.
    """
    found = _parse(value, country, param)
    allowed = kit.config.phone_number_countries
    if allowed is not None and not numbers.is_in_countries(found.number, allowed):
        raise NotAllowedError(
            _("Numbers of this country cannot be used here."),
            code="unsupported_country_code",
            param=param,
        )
    if not numbers.is_reachable(found.number):
        raise NotAllowedError(
            _("This number takes no text messages. Use that of a mobile phone."), param=param
        )
    return typed(found.number)


def typed(number: str) -> Typed:
    """Return a number as one of the kinds of identifiers."""
    return Typed(number, number)


def send(
    db: Session,
    template: str,
    to: str,
    *,
    user_id: str | None = None,
    real: bool = True,
    **context: str | int | None,
) -> None:
    """Write a text message to the outbox; one with a code is of no use once that is too old."""
    minutes = context.get("minutes")
    expire_at = None
    if isinstance(minutes, int):
        expire_at = kit_of(db).now() + dt.timedelta(minutes=minutes)
    outbox.send_sms(db, template, to, user_id=user_id, real=real, expire_at=expire_at, **context)


PHONE_NUMBER = IdentifierKind(
    name="phone_number",
    model=PhoneNumber,
    columns=(
        PhoneNumber.phone_number,
        PhoneNumber.phone_number,
        User.primary_phone_number_id,
        Verification.phone_number_id,
    ),
    purpose=Purpose.PHONE_NUMBER,
    strategy="phone_code",
    unique=("verified_key", "user_id_phone_number", "user_id"),
    parse_own=parse_own,
    send=send,
    limits=sms_limits.keys,
    requirement=lambda config: config.phone_number,
    maximum=lambda config: config.phone_number_limit,
    display=numbers.format_phone_number,
    by_link=lambda config: False,
    settle=second_factor_numbers.settle,
    created=EventName.PHONE_NUMBER_CREATED,
    verified=EventName.PHONE_NUMBER_VERIFIED,
    updated=EventName.PHONE_NUMBER_UPDATED,
    deleted=EventName.PHONE_NUMBER_DELETED,
    not_found=lambda: NotFoundError(_("There is no such phone number.")),
    taken=lambda: FormError(
        _("This phone number has an account already."),
        code="form_identifier_exists",
        param="phone_number",
    ),
    own_already=lambda: FormError(
        _("This is one of your phone numbers already."),
        code="form_identifier_exists",
        param="phone_number",
    ),
    unverified_primary=lambda param: FormError(
        _("The primary phone number is a verified one of the user's own."),
        code="form_verification_needed",
        param=param,
    ),
    already_verified=lambda: VerificationError(
        _("This phone number is confirmed already."), code="verification_already_verified"
    ),
    too_many_waiting=lambda: UserKitError(
        _("Several of your phone numbers wait to be confirmed. Confirm or remove one first."),
        code="too_many_unverified_identifications",
    ),
    quota_exceeded=lambda maximum: ForbiddenError(
        _("An account has up to %(maximum)s phone numbers. Remove one first.", maximum=maximum),
        code="phone_number_quota_exceeded",
    ),
)


def _parse(value: str, country: str | None, param: str) -> numbers.Number:
    if not value.strip():
        raise FormError(_("Enter a phone number."), code="form_param_nil", param=param)
    found = numbers.parse_phone_number(value, country)
    if found is None:
        raise FormError(
            _("This is not a phone number. Choose the country, or begin with a plus sign."),
            code="form_param_format_invalid",
            param=param,
        )
    return found
