"""What changes once an identifier is proven to be a user's."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import AuthenticationError
from ..errors import FormError
from ..errors import UserKitError
from ..translations import gettext as _
from . import events
from . import identifier_claims
from . import notices
from . import sessions
from . import verifications
from .identifier_kinds import IdentifierKind
from .locks import lock_user
from .verifications import Proof


def complete(db: Session, kind: IdentifierKind, user_id: str, id: str, proof: Proof) -> None:
    """Make a claim the user's own, and use its proof up.

    :raises AuthenticationError: ``authentication_invalid``: the session that asked for the proof
        is over, or the user is banned.
    :raises NotFoundError: ``resource_not_found``: it was removed meanwhile.
    :raises UserKitError: ``identification_claimed``: somebody else proved it first.
    :raises VerificationError: ``verification_already_verified``.
    """
    user = lock_user(db, user_id)
    if user is None:
        raise kind.not_found()
    # Locked first. What a thief asked for in a session that was taken from them would otherwise
    # be their way back in: a link is opened in any browser, signed in or not.
    if not sessions.is_signed_in(db, user, proof.client_id):
        raise AuthenticationError(_("Sign in to go on."))
    tell = notices.before(db, user_id, kind.display(proof.address))
    # The unique key comes first: of two who prove one identifier the second waits here, and holds
    # nothing that the first one needs.
    try:
        changed = identifier_claims.verify(db, kind, user_id, id)
    except FormError as error:
        raise UserKitError(error.message, code="identification_claimed") from error
    if not changed:
        raise kind.already_verified() if _exists(db, kind, id) else kind.not_found()
    verifications.consume(db, proof)
    # Whoever opens a link need not be signed in; it was sent to one who was.
    events.emit(db, kind.verified, user_id, tell, actor_id=user_id, **kind.id_data(id))


def _exists(db: Session, kind: IdentifierKind, id: str) -> bool:
    statement = select(kind.model.id).where(kind.model.id == id)
    return db.execute(statement.with_for_update(read=True)).first() is not None
