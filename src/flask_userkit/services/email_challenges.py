"""What is sent to an address that a user claims."""

from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..models import Verification
from . import email_addresses
from . import email_links
from . import outbox
from . import verification_refusals as refusals
from . import verifications
from .kit import kit_of
from .purposes import Purpose


class Claim(t.NamedTuple):
    """An address that a user says is theirs."""

    id: str
    user_id: str
    email_address: str
    email_key: str


def send(db: Session, claim: Claim, client_id: str) -> None:
    """Send a code or a link, in place of the one before; the caller holds the user's lock.

    The owner of a taken address gets a notice instead. One mail is written and one is not,
    whichever way it goes: neither the time nor the rows tell that it is taken.

    :raises RateLimitError: ``verification_code_too_many_requests``, within half a minute.
    :raises VerificationError: ``verification_failed``: no attempts are left for now.
    """
    kit = kit_of(db)
    attempts = _replace(db, claim)
    owner = email_addresses.owner(db, claim.email_key)
    make = email_links.create if kit.config.email_verification == "link" else verifications.create
    make(
        db,
        purpose=Purpose.EMAIL_ADDRESS,
        address=claim.email_address,
        client_id=client_id,
        user_id=claim.user_id,
        email_address_id=claim.id,
        real=owner is None,
        attempts=attempts,
    )
    # To the owner's own spelling: where another one leads to is for nobody to try out.
    outbox.send_mail(
        db,
        "email_address_notice",
        owner.email_address if owner else claim.email_address,
        user_id=owner.user_id if owner else claim.user_id,
        real=owner is not None,
        address=owner.email_address if owner else claim.email_address,
    )


def sent_lately(db: Session, claim: Claim, client_id: str) -> bool:
    """Tell whether what works at a client is on its way, so that a form sent twice sends one."""
    newest = _newest(db, claim)
    return (
        newest is not None
        and newest.consumed_at is None
        and email_links.is_good_at(client_id, newest.strategy, newest.client_id)
        and newest.created_at > kit_of(db).now() - verifications.RESEND_AFTER
    )


class _Newest(t.NamedTuple):
    id: str
    attempts: int
    created_at: dt.datetime
    expire_at: dt.datetime
    consumed_at: dt.datetime | None
    strategy: str
    client_id: str


def _newest(db: Session, claim: Claim) -> _Newest | None:
    statement = (
        select(
            Verification.id,
            Verification.attempts,
            Verification.created_at,
            Verification.expire_at,
            Verification.consumed_at,
            Verification.strategy,
            Verification.client_id,
        )
        .where(
            Verification.email_address_id == claim.id,
            Verification.purpose == Purpose.EMAIL_ADDRESS.value,
        )
        .order_by(Verification.id.desc())
        .limit(1)
    )
    row = db.execute(statement).one_or_none()
    return _Newest(*row) if row else None


def _replace(db: Session, claim: Claim) -> int:
    """Retire the newest code, and return the attempts that are used up."""
    now = kit_of(db).now()
    newest = _newest(db, claim)
    if newest is None or newest.consumed_at is not None:
        return 0
    if newest.expire_at <= now:
        # New guesses come with time alone, never with another code.
        db.execute(
            update(Verification)
            .where(Verification.id == newest.id)
            .values(consumed_at=now)
            .execution_options(synchronize_session=False)
        )
        return 0
    if newest.attempts >= verifications.MAX_ATTEMPTS:
        raise refusals.failed(Purpose.EMAIL_ADDRESS, newest.expire_at - now)
    return verifications.replace(db, newest.id)
