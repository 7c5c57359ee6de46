"""What the app changes about its users' email addresses; nothing holds it to what people keep."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ..errors import FormError
from ..events import EventName
from ..models import EmailAddress
from ..security.text import is_plain
from ..translations import gettext as _
from . import email_addresses
from . import email_claims
from . import events
from . import users
from .email_proofs import not_found
from .users import UNSET
from .users import Unset


def get_email_address(db: Session, email_address_id: str) -> EmailAddress:
    """Return an address.

    :raises NotFoundError: ``resource_not_found``.
    """
    found = None
    if is_plain(email_address_id):
        found = db.get(EmailAddress, email_address_id, populate_existing=True)
    if found is None:
        raise not_found()
    return found


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
    address = email_addresses.parse(email_address)
    if primary and not verified:
        raise email_addresses.unverified_primary("primary")
    users.lock_row(db, user_id)
    if verified:
        email = email_addresses.add_verified(db, user_id, address, primary=primary)
        email_claims.ensure_primary(db, user_id)
    else:
        email = email_addresses.add_claim(db, user_id, address)
    data = {"email_address_id": email.id}
    events.emit(db, EventName.EMAIL_ADDRESS_CREATED, user_id, **data)
    if verified:
        events.emit(db, EventName.EMAIL_ADDRESS_VERIFIED, user_id, **data)
    return get_email_address(db, email.id)


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
    user_id = get_email_address(db, email_address_id).user_id
    users.lock_row(db, user_id)
    # Read again: before the lock it may have been removed.
    email = get_email_address(db, email_address_id)
    data = {"email_address_id": email.id}
    if verified is True and email_claims.verify(db, user_id, email.id):
        events.emit(db, EventName.EMAIL_ADDRESS_VERIFIED, user_id, **data)
    if verified is False and email_claims.unverify(db, user_id, email.id):
        events.emit(db, EventName.EMAIL_ADDRESS_UPDATED, user_id, verified=False, **data)
    is_primary = users.get_user(db, user_id).primary_email_address_id == email.id
    if primary is True and not is_primary:
        email_addresses.require_primary(db, user_id, email.id, "primary")
        events.emit(db, EventName.EMAIL_ADDRESS_UPDATED, user_id, primary=True, **data)
    if primary is False and is_primary:
        raise FormError(_("Make another address the primary one instead."), param="primary")
    return get_email_address(db, email.id)


def delete_email_address(db: Session, email_address_id: str) -> None:
    """Remove an address, also the last one; where it was primary, the oldest takes its place.

    :raises NotFoundError: ``resource_not_found``.
    """
    email = get_email_address(db, email_address_id)
    user_id, verified = email.user_id, email.verified
    users.lock_row(db, user_id)
    if not email_claims.remove(db, user_id, email_address_id):
        raise not_found()
    events.emit(
        db,
        EventName.EMAIL_ADDRESS_DELETED,
        user_id,
        email_address_id=email_address_id,
        verified=verified,
    )
