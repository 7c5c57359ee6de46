"""Email addresses: what they are, and what is said of them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ..errors import ForbiddenError
from ..errors import FormError
from ..errors import NotAllowedError
from ..errors import NotFoundError
from ..errors import UserKitError
from ..errors import VerificationError
from ..events import EventName
from ..models import EmailAddress
from ..models import User
from ..models import Verification
from ..security.addresses import Address
from ..security.addresses import is_in_domains
from ..security.addresses import mailbox_of
from ..security.addresses import parse_email_address
from ..translations import gettext as _
from . import outbox
from .identifier_kinds import IdentifierKind
from .identifier_kinds import Typed
from .kit import Kit
from .limits import caller_network
from .purposes import Purpose


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


def typed(address: Address) -> Typed:
    """Return an address as one of the kinds of identifiers."""
    return Typed(address.address, address.key)


def limits(kit: Kit, key: str, account: str | None = None) -> dict[str, str]:
    """Return what a mail is counted under.

    The mailbox counts over all accounts: together they send it no more mail than one does.
    """
    del account
    return {"message:ip": caller_network(kit), "message:address": mailbox_of(key)}


def send(
    db: Session,
    template: str,
    to: str,
    *,
    user_id: str | None = None,
    real: bool = True,
    **context: str | int | None,
) -> None:
    """Write a mail to the outbox."""
    outbox.send_mail(db, template, to, user_id=user_id, real=real, **context)


EMAIL_ADDRESS = IdentifierKind(
    name="email_address",
    model=EmailAddress,
    columns=(
        EmailAddress.email_address,
        EmailAddress.email_key,
        User.primary_email_address_id,
        Verification.email_address_id,
    ),
    purpose=Purpose.EMAIL_ADDRESS,
    strategy="email_code",
    unique=("verified_key", "user_id_email_key", "user_id"),
    parse_own=lambda kit, value, _country: typed(parse_own(kit, value)),
    send=send,
    limits=limits,
    requirement=lambda config: config.email_address,
    maximum=lambda config: config.email_address_limit,
    display=str,
    by_link=lambda config: config.email_verification == "link",
    settle=lambda _db, _user_id: None,
    created=EventName.EMAIL_ADDRESS_CREATED,
    verified=EventName.EMAIL_ADDRESS_VERIFIED,
    updated=EventName.EMAIL_ADDRESS_UPDATED,
    deleted=EventName.EMAIL_ADDRESS_DELETED,
    not_found=lambda: NotFoundError(_("There is no such email address.")),
    taken=lambda: FormError(
        _("This email address has an account already."),
        code="form_identifier_exists",
        param="email_address",
    ),
    own_already=lambda: FormError(
        _("This is one of your addresses already."),
        code="form_identifier_exists",
        param="email_address",
    ),
    unverified_primary=lambda param: FormError(
        _("The primary address is a verified one of the user's own."),
        code="form_verification_needed",
        param=param,
    ),
    already_verified=lambda: VerificationError(
        _("This email address is confirmed already."), code="verification_already_verified"
    ),
    too_many_waiting=lambda: UserKitError(
        _("Several of your addresses wait to be confirmed. Confirm or remove one first."),
        code="too_many_unverified_identifications",
    ),
    quota_exceeded=lambda maximum: ForbiddenError(
        _("An account has up to %(maximum)s email addresses. Remove one first.", maximum=maximum),
        code="email_address_quota_exceeded",
    ),
)
