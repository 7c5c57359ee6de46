"""What changes once an address is proven to be a user's."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import AuthenticationError
from ..errors import FormError
from ..errors import NotFoundError
from ..errors import UserKitError
from ..errors import VerificationError
from ..events import EventName
from ..models import EmailAddress
from ..translations import gettext as _
from . import email_claims
from . import events
from . import notices
from . import sessions
from . import verifications
from .locks import lock_user
from .verifications import Proof


def complete(db: Session, user_id: str, email_address_id: str, proof: Proof) -> None:
    """Make a claim the user's own, and use its proof up.

    :raises AuthenticationError: ``authentication_invalid``: the session that asked for the proof
        is over, or the user is banned.
    :raises NotFoundError: ``resource_not_found``: it was removed meanwhile.
    :raises UserKitError: ``identification_claimed``: somebody else proved it first.
    :raises VerificationError: ``verification_already_verified``.
    """
    user = lock_user(db, user_id)
    if user is None:
        raise not_found()
    # Locked first. What a thief asked for in a session that was taken from them would otherwise
    # be their way back in: a link is opened in any browser, signed in or not.
    if not sessions.is_signed_in(db, user, proof.client_id):
        raise AuthenticationError(_("Sign in to go on."))
    tell = notices.before(db, user_id, email_address_id)
    # The unique key comes first: of two who prove one address the second waits here, and holds
    # nothing that the first one needs.
    try:
        changed = email_claims.verify(db, user_id, email_address_id)
    except FormError as error:
        raise UserKitError(error.message, code="identification_claimed") from error
    if not changed:
        raise already_verified() if _exists(db, email_address_id) else not_found()
    verifications.consume(db, proof)
    events.emit(
        db,
        EventName.EMAIL_ADDRESS_VERIFIED,
        user_id,
        tell,
        email_address_id=email_address_id,
    )


def not_found() -> NotFoundError:
    """Return the refusal of an address that is not there, or not one's own: told alike."""
    return NotFoundError(_("There is no such email address."))


def already_verified() -> VerificationError:
    """Return the refusal of a proof that is not needed."""
    return VerificationError(
        _("This email address is confirmed already."), code="verification_already_verified"
    )


def _exists(db: Session, email_address_id: str) -> bool:
    statement = select(EmailAddress.id).where(EmailAddress.id == email_address_id)
    return db.execute(statement.with_for_update(read=True)).first() is not None
