"""What people change about their email addresses and phone numbers."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import ForbiddenError
from ..translations import gettext as _
from . import events
from . import identifier_challenges
from . import identifier_claims
from . import identifier_limits
from . import identifier_look_up
from . import identifiers
from . import inventory
from . import notices
from . import reverification
from . import verifications
from .identifier_challenges import Claim
from .identifier_kinds import IdentifierKind
from .identifier_kinds import Typed
from .identifier_proofs import complete
from .identity import Identity
from .kit import Kit
from .kit import kit_of
from .locks import lock_user


def create(
    db: Session, kind: IdentifierKind, identity: Identity, value: str, country: str | None = None
) -> str:
    """Add one, send what proves it, and return its id; one that waits goes on.

    One that somebody else has proven goes the same way: its owner gets a notice.

    :param country: whose phone numbers are written without a plus sign.
    :raises FormError: ``form_param_nil``, ``form_param_format_invalid``, or
        ``form_identifier_exists``: it is one's own already.
    :raises NotAllowedError: ``form_email_address_blocked``, ``unsupported_country_code``,
        ``not_allowed_access``.
    :raises ReverificationError: ``session_reverification_required``.
    :raises UserKitError: ``too_many_unverified_identifications``.
    :raises ForbiddenError: ``immutable_attribute_modification_not_allowed``: off or locked;
        ``email_address_quota_exceeded``, ``phone_number_quota_exceeded``: as many as an account
        may have are there.
    :raises RateLimitError: ``too_many_requests``.
    :raises VerificationError: ``verification_failed``: no attempts are left for now.
    """
    kit = kit_of(db)
    refuse_if(kit, kind, "off", "locked")
    typed = kind.parse_own(kit, value, country)
    # Asked before anything is counted: what waits for a proof is sent twice.
    reverification.check(kit, identity)
    _hit(kit, kind, identity, message_to=typed.key)
    reverification.require(db, identity)
    claim = _own_claim(db, kind, identity.user_id, typed)
    if claim is None:
        row = identifiers.add_claim(db, kind, identity.user_id, typed)
        claim = Claim(row.id, identity.user_id, typed.value, typed.key)
        events.emit(db, kind.created, identity.user_id, **kind.id_data(claim.id))
    if not identifier_challenges.sent_lately(db, kind, claim, identity.client_id):
        identifier_challenges.send(db, kind, claim, identity.client_id)
    return claim.id


def prepare_verification(db: Session, kind: IdentifierKind, identity: Identity, id: str) -> None:
    """Send another code or link; the guesses that are used up stay used up.

    :raises NotFoundError: ``resource_not_found``: there is none, or it is not one's own.
    :raises RateLimitError: too soon, or too many.
    :raises VerificationError: ``verification_already_verified``, ``verification_failed``.
    :raises ForbiddenError: ``immutable_attribute_modification_not_allowed``: off.
    """
    kit = kit_of(db)
    refuse_if(kit, kind, "off")
    found = identifier_look_up.find(kit, kind, identity, id)
    if found.verified:
        raise kind.already_verified()
    _hit(kit, kind, identity, message_to=found.claim.key)
    lock_user(db, identity.user_id)
    now = identifier_look_up.locked(db, kind, identity.user_id, found.claim.id)
    if now.verified:
        raise kind.already_verified()
    identifier_challenges.send(db, kind, now.claim, identity.client_id)


def attempt_verification(
    db: Session, kind: IdentifierKind, identity: Identity, id: str, code: str
) -> None:
    """Prove one by the code that was sent to it, in the browser that asked for it.

    :raises NotFoundError: ``resource_not_found``: there is none, or it is not one's own.
    :raises FormError: ``form_code_incorrect``, ``form_param_format_invalid``.
    :raises VerificationError: ``verification_expired``, ``verification_failed``,
        ``verification_already_verified``.
    :raises UserKitError: ``identification_claimed``: somebody else proved it first.
    :raises ForbiddenError: ``immutable_attribute_modification_not_allowed``: off.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    refuse_if(kit, kind, "off")
    found = identifier_look_up.find(kit, kind, identity, id)
    if found.verified:
        raise kind.already_verified()
    proof = verifications.attempt(
        db,
        found.verification_id or "",
        purpose=kind.purpose,
        client_id=identity.client_id,
        code=code,
        # Each has its own guesses, and an account may have many.
        account=identity.user_id,
    )
    complete(db, kind, identity.user_id, found.claim.id, proof)


def set_primary(db: Session, kind: IdentifierKind, identity: Identity, id: str) -> None:
    """Make one of one's own the primary one.

    :raises NotFoundError: ``resource_not_found``: there is none, or it is not one's own.
    :raises FormError: ``form_verification_needed``.
    :raises ReverificationError: ``session_reverification_required``.
    :raises ForbiddenError: ``immutable_attribute_modification_not_allowed``: off.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    refuse_if(kit, kind, "off")
    # Asked before anything is counted: what waits for a proof is sent twice.
    reverification.check(kit, identity)
    _hit(kit, kind, identity)
    reverification.require(db, identity)
    found = identifier_look_up.locked(db, kind, identity.user_id, id)
    if found.primary:
        return
    tell = notices.before(db, identity.user_id, kind.display(found.claim.value))
    identifiers.require_primary(db, kind, identity.user_id, found.claim.id, f"{kind.name}_id")
    data = kind.id_data(found.claim.id)
    events.emit(db, kind.updated, identity.user_id, tell, **data, primary=True)


def remove(db: Session, kind: IdentifierKind, identity: Identity, id: str) -> None:
    """Remove one of one's own; the oldest other one takes the place of the primary.

    :raises NotFoundError: ``resource_not_found``: there is none, or it is not one's own.
    :raises UserKitError: ``last_required_identification_deletion_failed``,
        ``identification_deletion_failed``.
    :raises ReverificationError: ``session_reverification_required``.
    :raises ForbiddenError: ``immutable_attribute_modification_not_allowed``: off or locked.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    refuse_if(kit, kind, "off", "locked")
    # Asked before anything is counted: what waits for a proof is sent twice.
    reverification.check(kit, identity)
    _hit(kit, kind, identity)
    reverification.require(db, identity)
    found = identifier_look_up.locked(db, kind, identity.user_id, id)
    if found.verified:
        inventory.require_removable(db, identity.user_id, kind.name, found.claim.id)
    tell = notices.before(db, identity.user_id, kind.display(found.claim.value))
    if not identifier_claims.remove(db, kind, identity.user_id, found.claim.id):
        raise kind.not_found()
    data = kind.id_data(found.claim.id)
    events.emit(db, kind.deleted, identity.user_id, tell, **data, verified=found.verified)


def refuse_if(kit: Kit, kind: IdentifierKind, *requirements: str) -> None:
    """Refuse what the app alone changes, or what it has switched off.

    :raises ForbiddenError: ``immutable_attribute_modification_not_allowed``.
    """
    if kind.requirement(kit.config) in requirements:
        raise ForbiddenError(
            _("This cannot be changed here."),
            code="immutable_attribute_modification_not_allowed",
            param=kind.name,
        )


def _own_claim(db: Session, kind: IdentifierKind, user_id: str, typed: Typed) -> Claim | None:
    """Return the claim that a user has of it already, or None where one may be made."""
    columns = (
        kind.model.id,
        kind.value.label("value"),
        kind.key.label("key"),
        kind.model.verified_key,
    )
    statement = select(*columns).where(kind.model.user_id == user_id)
    rows = db.execute(statement.with_for_update(read=True)).all()
    for row in rows:
        if row.key == typed.key:
            if row.verified_key is not None:
                raise kind.own_already()
            return Claim(row.id, user_id, row.value, row.key)
    waiting = sum(row.verified_key is None for row in rows)
    config = kit_of(db).config
    refused = identifier_limits.refusal(config, kind, there=len(rows), unverified=waiting)
    if refused is not None:
        raise refused
    return None


def _hit(
    kit: Kit, kind: IdentifierKind, identity: Identity, *, message_to: str | None = None
) -> None:
    purposes = {f"{kind.name}:account": identity.user_id}
    if message_to is not None:
        purposes |= kind.limits(kit, message_to, identity.user_id)
    kit.limits.hit(purposes)
