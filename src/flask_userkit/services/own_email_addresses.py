"""What people change about their email addresses."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import ForbiddenError
from ..events import EventName
from ..models import EmailAddress
from ..security.addresses import Address
from ..security.addresses import mailbox_of
from ..translations import gettext as _
from . import email_address_limits
from . import email_addresses
from . import email_challenges
from . import email_claims
from . import email_look_up
from . import events
from . import inventory
from . import notices
from . import reverification
from . import verifications
from .email_challenges import Claim
from .email_proofs import already_verified
from .email_proofs import complete
from .email_proofs import not_found
from .identity import Identity
from .kit import Kit
from .kit import kit_of
from .limits import caller_network
from .locks import lock_user
from .purposes import Purpose


def create_email_address(db: Session, identity: Identity, value: str) -> str:
    """Add an address, send what proves it, and return its id; an address that waits goes on.

    An address that somebody else has proven goes the same way: its owner gets a notice.

    :raises FormError: ``form_param_nil``, ``form_param_format_invalid``, or
        ``form_identifier_exists``: it is one's own already.
    :raises NotAllowedError: ``form_email_address_blocked``, ``not_allowed_access``.
    :raises ReverificationError: ``session_reverification_required``.
    :raises UserKitError: ``too_many_unverified_identifications``.
    :raises ForbiddenError: ``immutable_attribute_modification_not_allowed``: off or locked;
        ``email_address_quota_exceeded``: ``USERKIT_EMAIL_ADDRESS_LIMIT`` are there.
    :raises RateLimitError: ``too_many_requests``.
    :raises VerificationError: ``verification_failed``: no attempts are left for now.
    """
    kit = kit_of(db)
    _refuse_if(kit, "off", "locked")
    address = email_addresses.parse_own(kit, value)
    # Asked before anything is counted: what waits for a proof is sent twice.
    reverification.check(kit, identity)
    _hit(kit, identity, message_to=address.mailbox)
    reverification.require(db, identity)
    claim = _own_claim(db, identity.user_id, address)
    if claim is None:
        row = email_addresses.add_claim(db, identity.user_id, address)
        claim = Claim(row.id, row.user_id, row.email_address, row.email_key)
        events.emit(
            db, EventName.EMAIL_ADDRESS_CREATED, identity.user_id, email_address_id=claim.id
        )
    if not email_challenges.sent_lately(db, claim, identity.client_id):
        email_challenges.send(db, claim, identity.client_id)
    return claim.id


def prepare_verification(db: Session, identity: Identity, email_address_id: str) -> None:
    """Send another code or link; the guesses that are used up stay used up.

    :raises NotFoundError: ``resource_not_found``: there is none, or it is not one's own.
    :raises RateLimitError: too soon, or too many.
    :raises VerificationError: ``verification_already_verified``, ``verification_failed``.
    :raises ForbiddenError: ``immutable_attribute_modification_not_allowed``: off.
    """
    kit = kit_of(db)
    _refuse_if(kit, "off")
    found = email_look_up.find(kit, identity, email_address_id)
    if found.verified:
        raise already_verified()
    _hit(kit, identity, message_to=mailbox_of(found.claim.email_key))
    lock_user(db, identity.user_id)
    claim = email_look_up.locked(db, identity.user_id, found.claim.id)
    if claim.verified:
        raise already_verified()
    email_challenges.send(db, claim.claim, identity.client_id)


def attempt_verification(db: Session, identity: Identity, email_address_id: str, code: str) -> None:
    """Prove an address by the code that was sent to it, in the browser that asked for it.

    :raises NotFoundError: ``resource_not_found``: there is none, or it is not one's own.
    :raises FormError: ``form_code_incorrect``, ``form_param_format_invalid``.
    :raises VerificationError: ``verification_expired``, ``verification_failed``,
        ``verification_already_verified``.
    :raises UserKitError: ``identification_claimed``: somebody else proved it first.
    :raises ForbiddenError: ``immutable_attribute_modification_not_allowed``: off.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    _refuse_if(kit, "off")
    found = email_look_up.find(kit, identity, email_address_id)
    if found.verified:
        raise already_verified()
    proof = verifications.attempt(
        db,
        found.verification_id or "",
        purpose=Purpose.EMAIL_ADDRESS,
        client_id=identity.client_id,
        code=code,
        # Each address has its own guesses, and an account may have many addresses.
        account=identity.user_id,
    )
    complete(db, identity.user_id, found.claim.id, proof)


def set_primary(db: Session, identity: Identity, email_address_id: str) -> None:
    """Make an address of one's own the primary one.

    :raises NotFoundError: ``resource_not_found``: there is none, or it is not one's own.
    :raises FormError: ``form_verification_needed``.
    :raises ReverificationError: ``session_reverification_required``.
    :raises ForbiddenError: ``immutable_attribute_modification_not_allowed``: off.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    _refuse_if(kit, "off")
    # Asked before anything is counted: what waits for a proof is sent twice.
    reverification.check(kit, identity)
    _hit(kit, identity)
    reverification.require(db, identity)
    found = email_look_up.locked(db, identity.user_id, email_address_id)
    if found.primary:
        return
    tell = notices.before(db, identity.user_id, found.claim.id)
    email_addresses.require_primary(db, identity.user_id, found.claim.id, "email_address_id")
    events.emit(
        db,
        EventName.EMAIL_ADDRESS_UPDATED,
        identity.user_id,
        tell,
        email_address_id=found.claim.id,
        primary=True,
    )


def remove_email_address(db: Session, identity: Identity, email_address_id: str) -> None:
    """Remove an address of one's own; the oldest other one takes the place of the primary.

    :raises NotFoundError: ``resource_not_found``: there is none, or it is not one's own.
    :raises UserKitError: ``last_required_identification_deletion_failed``,
        ``identification_deletion_failed``.
    :raises ReverificationError: ``session_reverification_required``.
    :raises ForbiddenError: ``immutable_attribute_modification_not_allowed``: off or locked.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    _refuse_if(kit, "off", "locked")
    # Asked before anything is counted: what waits for a proof is sent twice.
    reverification.check(kit, identity)
    _hit(kit, identity)
    reverification.require(db, identity)
    found = email_look_up.locked(db, identity.user_id, email_address_id)
    if found.verified:
        inventory.require_removable(db, identity.user_id, "email_address", found.claim.id)
    tell = notices.before(db, identity.user_id, found.claim.id)
    if not email_claims.remove(db, identity.user_id, found.claim.id):
        raise not_found()
    events.emit(
        db,
        EventName.EMAIL_ADDRESS_DELETED,
        identity.user_id,
        tell,
        email_address_id=found.claim.id,
        verified=found.verified,
    )


def _own_claim(db: Session, user_id: str, address: Address) -> Claim | None:
    """Return the claim that a user has of an address already, or None where one may be made."""
    columns = (
        EmailAddress.id,
        EmailAddress.email_address,
        EmailAddress.email_key,
        EmailAddress.verified_key,
    )
    statement = select(*columns).where(EmailAddress.user_id == user_id)
    rows = db.execute(statement.with_for_update(read=True)).all()
    for row in rows:
        if row.email_key == address.key:
            if row.verified_key is not None:
                raise email_addresses.own_already()
            return Claim(row.id, user_id, row.email_address, row.email_key)
    waiting = sum(row.verified_key is None for row in rows)
    config = kit_of(db).config
    refused = email_address_limits.refusal(config, addresses=len(rows), unverified=waiting)
    if refused is not None:
        raise refused
    return None


def _hit(kit: Kit, identity: Identity, *, message_to: str | None = None) -> None:
    purposes = {"email_address:account": identity.user_id}
    if message_to is not None:
        # The mailbox counts over all accounts: together they send it no more mail than one does.
        purposes |= {"message:ip": caller_network(kit), "message:address": message_to}
    kit.limits.hit(purposes)


def _refuse_if(kit: Kit, *settings: str) -> None:
    if kit.config.email_address in settings:
        raise immutable()


def immutable() -> ForbiddenError:
    """Return the refusal of what the app alone changes."""
    return ForbiddenError(
        _("This cannot be changed here."),
        code="immutable_attribute_modification_not_allowed",
        param="email_address",
    )
