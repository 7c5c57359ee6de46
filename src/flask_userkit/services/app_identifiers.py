"""What the app changes about its users' email addresses and phone numbers.

Nothing holds it to what people keep.
"""

from __future__ import annotations

import typing as t

from sqlalchemy.orm import Session

from ..errors import FormError
from ..models import EmailAddress
from ..models import PhoneNumber
from ..security.text import is_plain
from ..translations import gettext as _
from . import events
from . import identifier_claims
from . import identifiers
from . import user_rows
from .identifier_kinds import IdentifierKind
from .identifier_kinds import Typed
from .user_rows import UNSET
from .user_rows import Unset


def get(db: Session, kind: IdentifierKind, id: str) -> EmailAddress | PhoneNumber:
    """Return one.

    :raises NotFoundError: ``resource_not_found``.
    """
    model: type[t.Any] = kind.model
    found = db.get(model, id, populate_existing=True) if is_plain(id) else None
    if found is None:
        raise kind.not_found()
    row: EmailAddress | PhoneNumber = found
    return row


def create(
    db: Session, kind: IdentifierKind, user_id: str, typed: Typed, *, verified: bool, primary: bool
) -> str:
    """Give a user one, and return its id; no message is sent.

    :raises NotFoundError: ``resource_not_found``: there is no such user.
    :raises FormError: ``form_identifier_exists``, ``form_verification_needed``.
    """
    if primary and not verified:
        raise kind.unverified_primary("primary")
    user_rows.lock_row(db, user_id)
    if verified:
        row = identifiers.add_verified(db, kind, user_id, typed, primary=primary)
        identifier_claims.ensure_primary(db, kind, user_id)
    else:
        row = identifiers.add_claim(db, kind, user_id, typed)
    events.emit(db, kind.created, user_id, **kind.id_data(row.id))
    if verified:
        events.emit(db, kind.verified, user_id, **kind.id_data(row.id))
    return row.id


def update(
    db: Session,
    kind: IdentifierKind,
    id: str,
    *,
    verified: bool | Unset = UNSET,
    primary: bool | Unset = UNSET,
) -> None:
    """Change whether one counts as proven, and whether it is the primary one.

    :raises NotFoundError: ``resource_not_found``.
    :raises FormError: ``form_identifier_exists``, ``form_verification_needed``,
        ``form_param_value_invalid``.
    """
    user_id = get(db, kind, id).user_id
    user_rows.lock_row(db, user_id)
    # Read again: before the lock it may have been removed.
    get(db, kind, id)
    data = kind.id_data(id)
    if verified is True and identifier_claims.verify(db, kind, user_id, id):
        events.emit(db, kind.verified, user_id, **data)
    if verified is False and identifier_claims.unverify(db, kind, user_id, id):
        events.emit(db, kind.updated, user_id, verified=False, **data)
    is_primary = getattr(user_rows.get_user(db, user_id), kind.pointer.key) == id
    if primary is True and not is_primary:
        identifiers.require_primary(db, kind, user_id, id, "primary")
        events.emit(db, kind.updated, user_id, primary=True, **data)
    if primary is False and is_primary:
        raise FormError(_("Make another one the primary one instead."), param="primary")


def delete(db: Session, kind: IdentifierKind, id: str) -> None:
    """Remove one, also the last; where it was primary, the oldest takes its place.

    :raises NotFoundError: ``resource_not_found``.
    """
    row = get(db, kind, id)
    user_id, verified = row.user_id, row.verified
    user_rows.lock_row(db, user_id)
    if not identifier_claims.remove(db, kind, user_id, id):
        raise kind.not_found()
    events.emit(db, kind.deleted, user_id, verified=verified, **kind.id_data(id))
