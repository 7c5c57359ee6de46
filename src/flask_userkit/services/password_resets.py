"""A password that was forgotten: set anew by a code, which puts everybody else out."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import FormError
from ..events import EventName
from ..models import PhoneNumber
from ..models import SignIn
from . import clients
from . import external_accounts
from . import notices
from . import password_changes
from . import passwords
from . import pending
from . import sessions
from . import sign_in_codes
from . import sign_in_look_up as look_up
from . import verifications
from .kit import Kit
from .kit import kit_of
from .locks import LockedUser
from .locks import lock_user
from .password_changes import Before
from .password_changes import refuse_if_changed
from .password_changes import refuse_if_off
from .phone_numbers import PHONE_NUMBER
from .purposes import Purpose
from .sessions import SignedIn
from .verifications import Proof


def prepare(
    db: Session,
    token: str | None,
    *,
    identifier: str,
    return_to: str | None,
    country: str | None = None,
) -> str:
    """Send a code to whoever has forgotten a password, and return the client's token.

    Known and unknown identifiers go the same way and leave the same rows.

    :raises FormError: nothing, or nonsense, was typed.
    :raises ForbiddenError: ``password_disabled``.
    :raises RateLimitError: ``too_many_requests``.
    """
    refuse_if_off(kit_of(db))
    return sign_in_codes.prepare(
        db,
        token,
        Purpose.PASSWORD_RESET,
        identifier=identifier,
        return_to=return_to,
        country=country,
    )


def pending_attempt(kit: Kit, token: str | None) -> pending.Pending | None:
    """Return the unfinished reset of a client, or None."""
    return pending.find(kit, token, Purpose.PASSWORD_RESET)


def deliver(db: Session, token: str | None) -> None:
    """Send another code; the guesses that are used up stay used up.

    :raises ForbiddenError: ``password_disabled``.
    :raises RateLimitError: too soon, or too many.
    :raises VerificationError: there is no reset to go on with.
    """
    refuse_if_off(kit_of(db))
    sign_in_codes.deliver(db, token, Purpose.PASSWORD_RESET)


def attempt(
    db: Session, token: str | None, *, code: str, password: str, device: str = ""
) -> tuple[SignedIn, str | None]:
    """Set a new password by the code, sign in, and return what that leaves and where to go.

    Whatever else was open or under way for this user ends.

    :param device: the browser's cookie of known devices, if it has one.
    :raises FormError: ``form_code_incorrect``, or one of ``form_password_…``.
    :raises ForbiddenError: ``password_disabled``; ``user_banned``, to someone with the right code.
    :raises VerificationError: ``verification_expired``, also where the address is no longer the
        user's; ``password_changed``: it was set by another meanwhile; ``verification_failed``
        and the like.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    refuse_if_off(kit)
    waiting = pending.require(kit, token, Purpose.PASSWORD_RESET)
    # Without the words of the person: those would tell who it is before the code proves that.
    passwords.check(kit, password)
    proof = verifications.attempt(
        db,
        waiting.verification_id,
        purpose=Purpose.PASSWORD_RESET,
        client_id=waiting.client_id,
        code=code,
        # Apart from what the owner types in a session, which a stranger must not use up.
        account=f"password_reset {look_up.typed_key(waiting.address)}",
    )
    before = password_changes.look_at(kit, proof.user_id or "")
    if before is None:
        raise pending.expired()
    try:
        passwords.check(kit, password, before.words)
        passwords.check_breaches(kit, password)
    except FormError:
        # Or a few passwords that are refused would use a right code up. Counted nevertheless,
        # since each is looked up.
        kit.limits.hit({"password:account": f"password_reset {proof.user_id}"})
        verifications.forgive(kit, proof)
        raise
    digest = passwords.hash_password(kit, password)
    sessions.prepare(kit)
    user = _lock(db, proof, before)
    verifications.consume(db, proof)
    client, _token = clients.ensure(db, token)
    db.execute(delete(SignIn).where(SignIn.client_id == client.id))
    user = _reset(db, user, digest)
    strategy = f"reset_password_{look_up.kind_of(proof.address).strategy}"
    return sessions.create(db, client, user, strategy, device), waiting.return_to


def _lock(db: Session, proof: Proof, before: Before) -> LockedUser:
    """Lock the user, and see that what was proven is still true."""
    user = lock_user(db, proof.user_id or "")
    if user is None or not look_up.is_theirs(db, user.id, proof.address):
        raise pending.expired()
    if user.banned:
        raise sessions.cannot_sign_in(
            user.id, look_up.kind_of(proof.address).strategy, code="user_banned"
        )
    refuse_if_changed(user, before)
    return user


def _reset(db: Session, user: LockedUser, digest: str) -> LockedUser:
    """Write the password, and put everybody out; the caller has the lock."""
    tell = notices.before(db, user.id)
    # One that was planted shows among them.
    ways = [*tell.addresses, *_numbers(db, user.id), *external_accounts.names(db, user.id)]
    named = tell._replace(about=", ".join(ways))
    return password_changes.write(db, user, digest, EventName.PASSWORD_RESET, named)


def _numbers(db: Session, user_id: str) -> list[str]:
    """Return the proven numbers as one reads them; the caller has the lock."""
    statement = select(PhoneNumber.phone_number).where(
        PhoneNumber.user_id == user_id, PhoneNumber.verified_key.is_not(None)
    )
    rows = db.scalars(statement.order_by(PhoneNumber.id).with_for_update(read=True))
    return [PHONE_NUMBER.display(number) for number in rows]
