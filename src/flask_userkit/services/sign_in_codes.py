"""The code that signs in or resets a password, for known and unknown alike."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..errors import ForbiddenError
from ..models import SignIn
from ..security.ids import new_id
from ..translations import gettext as _
from . import clients
from . import pending
from . import sign_in_look_up as look_up
from . import verifications
from .kit import Kit
from .kit import kit_of
from .phone_numbers import PHONE_NUMBER
from .purposes import Purpose
from .sign_in_look_up import Found

LIFETIME = dt.timedelta(minutes=10)


def prepare(
    db: Session,
    token: str | None,
    purpose: Purpose,
    *,
    identifier: str,
    return_to: str | None,
    country: str | None,
) -> str:
    """Begin an attempt by a code, and return the client's token.

    Known and unknown identifiers go the same way and leave the same rows.

    :param country: whose phone numbers are written without a plus sign.
    :raises FormError: nothing, or nonsense, was typed.
    :raises ForbiddenError: ``strategy_disabled``: such codes do not sign in.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    identifier = look_up.clean_identifier(kit, identifier, country)
    if purpose is Purpose.SIGN_IN:
        _refuse_if_off(kit, identifier)
    _count(kit, identifier)
    found = _receiver(db, purpose, look_up.find(kit, identifier))
    client, token = clients.ensure(db, token)
    db.execute(delete(SignIn).where(SignIn.client_id == client.id))
    verification = look_up.send_code(db, purpose, identifier, client.id, found)
    now = kit.now()
    sign_in = SignIn(
        id=new_id("sia"),
        client_id=client.id,
        user_id=found.user_id if found else None,
        identifier=identifier,
        verification_id=verification.id,
        return_to=return_to,
        expire_at=now + LIFETIME,
        created_at=now,
    )
    db.add(sign_in)
    db.flush()
    return token


def deliver(db: Session, token: str | None, purpose: Purpose) -> None:
    """Send another code; the guesses that are used up stay used up.

    :raises RateLimitError: too soon, or too many.
    :raises VerificationError: there is no attempt to go on with.
    """
    kit = kit_of(db)
    waiting = pending.require(kit, token, purpose)
    _count(kit, waiting.address)
    found = _receiver(db, purpose, look_up.find(kit, waiting.address))
    attempts = verifications.replace(db, waiting.verification_id)
    verification = look_up.send_code(
        db, purpose, waiting.address, waiting.client_id, found, attempts=attempts
    )
    db.execute(
        update(SignIn)
        .where(SignIn.id == waiting.id)
        .values(
            user_id=found.user_id if found else None,
            verification_id=verification.id,
            expire_at=kit.now() + LIFETIME,
        )
    )


def _count(kit: Kit, identifier: str) -> None:
    named = look_up.read(identifier)
    kit.limits.hit(named.kind.limits(kit, named.key, None))


def _refuse_if_off(kit: Kit, identifier: str) -> None:
    by_number = look_up.read(identifier).kind is PHONE_NUMBER
    on = kit.config.phone_code_sign_in if by_number else kit.config.email_code_sign_in
    if not on:
        raise ForbiddenError(_("Codes are off here. Use your password."), code="strategy_disabled")


def _receiver(db: Session, purpose: Purpose, found: Found | None) -> Found | None:
    """Return who gets the code; somebody who is banned has no password to set."""
    user = look_up.locked(db, found)
    banned = user is not None and user.banned and purpose is Purpose.PASSWORD_RESET
    return None if user is None or banned else found
