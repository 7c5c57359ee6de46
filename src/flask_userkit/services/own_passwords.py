"""What people change about their password."""

from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..events import EventName
from ..models import User
from . import inventory
from . import known_devices
from . import notices
from . import password_changes
from . import passwords
from . import reverification_factors as factors
from .clients import renew
from .clients import renewed_elsewhere
from .kit import Kit
from .kit import kit_of
from .locks import LockedUser
from .password_changes import refuse_if_off
from .prepared import PreparedRead
from .reverification import Who
from .reverification import check
from .reverification import require
from .reverification_factors import Account
from .sessions import SignedIn

#: The field of a new password.
PARAM = "new_password"
_STATE = PreparedRead(
    select(User.password_digest.is_not(None), User.password_updated_at).where(
        User.id == bindparam("user_id")
    )
)


class PasswordState(t.NamedTuple):
    """What somebody is shown of their password.

    :param updated_at: when it was set; None where that is not known.
    """

    enabled: bool
    updated_at: dt.datetime | None


def read(kit: Kit, user_id: str) -> PasswordState:
    """Return whether somebody has a password, and since when."""
    with kit.database.reading() as connection:
        row = _STATE.first(connection, {"user_id": user_id})
    return PasswordState(bool(row and row[0]), row[1] if row else None)


def update_password(
    db: Session,
    who: Who,
    *,
    new_password: str,
    sign_out_of_other_sessions: bool = True,
    device: str = "",
) -> SignedIn:
    """Set or change one's own password, and return what this browser is to keep.

    What was sent before is worth nothing after it, and so is this browser's token.

    :param device: the browser's cookie of known devices, if it has one.
    :raises FormError: one of ``form_password_…``.
    :raises ForbiddenError: ``password_disabled``.
    :raises ReverificationError: ``session_reverification_required``.
    :raises AuthenticationError: ``authentication_invalid``: the session is over.
    :raises VerificationError: ``password_changed``: it was set by another meanwhile;
        ``session_exists``: another request of this browser has a new token.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    account = _allowed(kit, who)
    before = password_changes.look_at(kit, who.user_id)
    if before is None:
        raise factors.session_over()
    passwords.check(kit, new_password, before.words, param=PARAM)
    passwords.check_breaches(kit, new_password, param=PARAM)
    digest = passwords.hash_password(kit, new_password)
    user = require(db, who)
    password_changes.refuse_if_changed(user, before)
    happened = EventName.PASSWORD_CHANGED if before.digest else EventName.PASSWORD_CREATED
    return _write(db, account, user, digest, happened, sign_out_of_other_sessions, device)


def remove_password(
    db: Session, who: Who, *, sign_out_of_other_sessions: bool = True, device: str = ""
) -> SignedIn | None:
    """Remove one's own password, and return what this browser is to keep; None: there was none.

    :param device: the browser's cookie of known devices, if it has one.
    :raises UserKitError: ``password_required``: people have one here, or nothing else is left to
        sign in with.
    :raises ForbiddenError: ``password_disabled``.
    :raises ReverificationError: ``session_reverification_required``.
    :raises AuthenticationError: ``authentication_invalid``: the session is over.
    :raises VerificationError: ``session_exists``: another request of this browser has a new token.
    :raises RateLimitError: ``too_many_requests``.
    """
    account = _allowed(kit_of(db), who)
    # It locks the user, so that the last address does not go while the password does.
    user = require(db, who)
    if user.password_digest is None:
        return None
    inventory.require_removable(db, who.user_id, "password", "password")
    happened = EventName.PASSWORD_REMOVED
    return _write(db, account, user, None, happened, sign_out_of_other_sessions, device)


def _allowed(kit: Kit, who: Who) -> factors.Account:
    """Return the account of who may change its password, and count that they do."""
    refuse_if_off(kit)
    check(kit, who)
    # Each change is told by mail, or by a text message that costs.
    kit.limits.hit({"password:account": who.user_id})
    return factors.load(kit, who)


def _write(
    db: Session,
    account: Account,
    user: LockedUser,
    digest: str | None,
    happened: EventName,
    sign_out_of_other_sessions: bool,
    device: str,
) -> SignedIn:
    kit = kit_of(db)
    user = password_changes.write(
        db,
        user,
        digest,
        happened,
        notices.before(db, user.id),
        revoke=sign_out_of_other_sessions,
        except_session_id=account.session_id,
    )
    token = renew(db, account.client_id, account.token_digest)
    if token is None:
        raise renewed_elsewhere()
    device = known_devices.add(kit, device, user.id, user.device_key)
    return SignedIn(user.id, account.session_id, token, device)
