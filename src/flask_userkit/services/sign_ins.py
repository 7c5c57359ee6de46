"""Sign-in: by password at once, or by a code over two requests; known and unknown alike."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..errors import FormError
from ..events import EventDraft
from ..events import EventName
from ..models import SignIn
from ..models import User
from ..translations import gettext as _
from . import clients
from . import known_devices
from . import lockouts
from . import passwords
from . import pending
from . import sessions
from . import sign_in_codes
from . import sign_in_look_up as look_up
from . import sign_in_notices
from . import verifications
from .kit import Kit
from .kit import kit_of
from .locks import lock_user
from .phone_numbers import PHONE_NUMBER
from .purposes import Purpose
from .sessions import SignedIn
from .sign_in_look_up import Found


def attempt_password(
    db: Session,
    token: str | None,
    *,
    identifier: str,
    password: str,
    device: str = "",
    country: str | None = None,
) -> SignedIn:
    """Sign in by an identifier and a password.

    :param token: the client's token, if it has one.
    :param device: the browser's cookie of known devices, if it has one.
    :param country: whose phone numbers are written without a plus sign.
    :raises FormError: ``form_password_or_identifier_incorrect``: one answer for a wrong
        password and an unknown identifier, after the same work.
    :raises ForbiddenError: ``user_locked``, after too many that were wrong; ``user_banned`` and
        ``user_locked``, told alike and only to someone who gave the right password.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    identifier = look_up.clean_identifier(kit, identifier, country)
    if not password:
        raise FormError(_("Enter your password."), code="form_param_nil", param="password")
    found = look_up.find(kit, identifier)
    digest = found.password_digest if found else None
    key = found.device_key if found else None
    known = known_devices.find(kit, device, found.user_id if found else None, key)
    hit = lockouts.count(kit, found, identifier, known)
    if not passwords.verify(kit, digest, password) or found is None or digest is None:
        lockouts.failed(kit, found, identifier, hit)
        raise _incorrect(found, identifier)
    hit.forgive()
    tell = sign_in_notices.may_tell(kit, found.user_id, device)
    sessions.prepare(kit)
    better = passwords.hash_password(kit, password) if kit.passwords.needs_rehash(digest) else None
    user = lock_user(db, found.user_id)
    if user is None or user.password_digest != digest:
        # Changed or deleted since it was read: what was proven is no longer the password.
        raise _incorrect(found, identifier)
    known = known_devices.find(kit, device, user.id, user.device_key)
    if known is None and lockouts.is_locked(kit, user):
        raise sessions.cannot_sign_in(user.id, "password", code="user_locked")
    if better is not None:
        db.execute(update(User).where(User.id == found.user_id).values(password_digest=better))
    client, _token = clients.ensure(db, token)
    return sessions.create(db, client, user, "password", device, tell=tell)


def prepare_code(
    db: Session,
    token: str | None,
    *,
    identifier: str,
    return_to: str | None,
    country: str | None = None,
) -> str:
    """Begin a sign-in by a code, and return the client's token.

    :param country: whose phone numbers are written without a plus sign.
    :raises FormError: nothing, or nonsense, was typed.
    :raises ForbiddenError: ``strategy_disabled``: such codes do not sign in.
    :raises RateLimitError: ``too_many_requests``.
    """
    return sign_in_codes.prepare(
        db,
        token,
        Purpose.SIGN_IN,
        identifier=identifier,
        return_to=return_to,
        country=country,
    )


def pending_attempt(kit: Kit, token: str | None) -> pending.Pending | None:
    """Return the unfinished sign-in of a client, or None."""
    return pending.find(kit, token, Purpose.SIGN_IN)


def attempt_code(
    db: Session, token: str | None, code: str, *, device: str = ""
) -> tuple[SignedIn, str | None]:
    """Sign in by the code, and return what that leaves and where to go.

    :param device: the browser's cookie of known devices, if it has one.
    :raises FormError: ``form_code_incorrect``.
    :raises VerificationError: ``verification_expired``, also where the address is no longer the
        user's; ``verification_failed`` and the like.
    """
    kit = kit_of(db)
    sessions.prepare(kit)
    sign_in = pending.require(kit, token, Purpose.SIGN_IN)
    proof = verifications.attempt(
        db,
        sign_in.verification_id,
        purpose=Purpose.SIGN_IN,
        client_id=sign_in.client_id,
        code=code,
    )
    assert proof.user_id is not None
    # Not earlier: who has no right code would use up what its owner is told.
    tell = sign_in_notices.may_tell(kit, proof.user_id, device)
    user = lock_user(db, proof.user_id)
    if user is None or not look_up.is_theirs(db, user.id, proof.address):
        raise pending.expired()
    verifications.consume(db, proof)
    client, _token = clients.ensure(db, token)
    db.execute(delete(SignIn).where(SignIn.client_id == client.id))
    strategy = look_up.kind_of(proof.address).strategy
    signed_in = sessions.create(db, client, user, strategy, device, tell=tell)
    return signed_in, sign_in.return_to


def deliver_code(db: Session, token: str | None) -> None:
    """Send another code; the guesses that are used up stay used up.

    :raises RateLimitError: too soon, or too many.
    :raises VerificationError: there is no sign-in to go on with.
    """
    sign_in_codes.deliver(db, token, Purpose.SIGN_IN)


def _incorrect(found: Found | None, identifier: str) -> FormError:
    message = (
        _("That phone number and password do not go together.")
        if look_up.read(identifier).kind is PHONE_NUMBER
        else _("That email address or username and password do not go together.")
    )
    return FormError(message, code="form_password_or_identifier_incorrect").audited(
        EventDraft(
            EventName.SIGN_IN_FAILED, found.user_id if found else None, {"strategy": "password"}
        )
    )
