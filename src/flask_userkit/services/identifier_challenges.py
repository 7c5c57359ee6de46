"""What is sent to an identifier that a user claims."""

from __future__ import annotations

import datetime as dt
import typing as t
from functools import partial

from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..models import Verification
from ..security.addresses import parse_email_address
from . import email_links
from . import identifiers
from . import verification_refusals as refusals
from . import verifications
from .identifier_kinds import IdentifierKind
from .kit import kit_of


class Claim(t.NamedTuple):
    """An identifier that a user says is theirs."""

    id: str
    user_id: str
    value: str
    key: str


def send(db: Session, kind: IdentifierKind, claim: Claim, client_id: str) -> None:
    """Send a code or a link, in place of the one before; the caller holds the user's lock.

    The owner of a taken one gets a notice instead. One message is written and one is not,
    whichever way it goes: neither the time nor the rows tell that it is taken.

    :raises RateLimitError: ``verification_code_too_many_requests``, within half a minute.
    :raises VerificationError: ``verification_failed``: no attempts are left for now.
    """
    kit = kit_of(db)
    attempts = _replace(db, kind, claim)
    owner = identifiers.owner(db, kind, claim.key)
    if kind.by_link(kit.config):
        make: t.Any = email_links.create
    else:
        make = partial(verifications.create, kind=kind)
    make(
        db,
        purpose=kind.purpose,
        address=claim.value,
        client_id=client_id,
        user_id=claim.user_id,
        identifier_id=claim.id,
        real=owner is None,
        attempts=attempts,
    )
    # To the owner's own spelling: where another one leads to is for nobody to try out.
    kind.send(
        db,
        f"{kind.name}_notice",
        owner.value if owner else claim.value,
        user_id=owner.user_id if owner else claim.user_id,
        real=owner is not None,
        address=owner.value if owner else claim.value,
    )


def sent_lately(db: Session, kind: IdentifierKind, claim: Claim, client_id: str) -> bool:
    """Tell whether what works at a client is on its way, so that a form sent twice sends one."""
    waiting = _waiting(_sent(db, kind, claim))
    return (
        waiting is not None
        and email_links.is_good_at(client_id, waiting.strategy, waiting.client_id)
        and waiting.created_at > kit_of(db).now() - verifications.RESEND_AFTER
    )


class _Sent(t.NamedTuple):
    id: str
    address: str
    attempts: int
    created_at: dt.datetime
    expire_at: dt.datetime
    consumed_at: dt.datetime | None
    strategy: str
    client_id: str


def _sent(db: Session, kind: IdentifierKind, claim: Claim) -> list[_Sent]:
    """Return what was sent to one, newest first, also before it was removed."""
    statement = (
        select(
            Verification.id,
            Verification.address,
            Verification.attempts,
            Verification.created_at,
            Verification.expire_at,
            Verification.consumed_at,
            Verification.strategy,
            Verification.client_id,
        )
        .where(
            Verification.user_id == claim.user_id,
            Verification.purpose == kind.purpose.value,
            # What was sent before it was removed is told by its spelling.
            or_(kind.proves == claim.id, kind.proves.is_(None)),
            or_(Verification.expire_at > kit_of(db).now(), Verification.consumed_at.is_(None)),
        )
        .order_by(Verification.id.desc())
    )
    found = (_Sent(*row) for row in db.execute(statement))
    # By its key: another spelling of the same address must not bring new guesses.
    return [sent for sent in found if _key(sent.address) == claim.key]


def _key(address: str) -> str:
    parsed = parse_email_address(address)
    return parsed.key if parsed else address


def _waiting(sent: list[_Sent]) -> _Sent | None:
    return next((each for each in sent if each.consumed_at is None), None)


def _replace(db: Session, kind: IdentifierKind, claim: Claim) -> int:
    """Retire the code that waits, and return the attempts that are used up.

    New guesses come with time alone: not with another code, and not with it removed and
    added again.
    """
    now = kit_of(db).now()
    sent = _sent(db, kind, claim)
    counting = [each for each in sent if each.expire_at > now]
    attempts = max((each.attempts for each in counting), default=0)
    if attempts >= verifications.MAX_ATTEMPTS:
        raise refusals.failed(kind.purpose, counting[0].expire_at - now)
    waiting = _waiting(sent)
    if waiting is None:
        return attempts
    if waiting.expire_at <= now:
        db.execute(
            update(Verification)
            .where(Verification.id == waiting.id)
            .values(consumed_at=now)
            .execution_options(synchronize_session=False)
        )
        return attempts
    return max(attempts, verifications.replace(db, waiting.id))
