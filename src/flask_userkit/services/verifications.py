"""Codes sent to an address: made, attempted and used up, each once."""

from __future__ import annotations

import datetime as dt
import typing as t
from dataclasses import dataclass
from math import ceil

from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..errors import FormError
from ..errors import VerificationError
from ..models import Verification
from ..security.codes import new_code
from ..security.codes import normalize_code
from ..security.ids import new_id
from ..translations import gettext as _
from . import verification_refusals as refusals
from .email_addresses import EMAIL_ADDRESS
from .identifier_kinds import IdentifierKind
from .kit import Kit
from .kit import kit_of
from .limits import caller_network
from .purposes import Purpose

LIFETIME = dt.timedelta(minutes=10)
MAX_ATTEMPTS = 5
RESEND_AFTER = dt.timedelta(seconds=30)
NO_TIME = dt.timedelta()
_KEY = "verification code"


@dataclass(frozen=True, slots=True)
class Proof:
    """A code that was right; it counts once it is consumed in the transaction it allows."""

    verification_id: str
    address: str
    user_id: str | None
    #: The browser that asked for it.
    client_id: str


def create(
    db: Session,
    *,
    purpose: Purpose,
    address: str,
    client_id: str,
    user_id: str | None = None,
    kind: IdentifierKind = EMAIL_ADDRESS,
    identifier_id: str | None = None,
    real: bool = True,
    attempts: int = 0,
) -> Verification:
    """Make a code for an address or a phone number, and send it.

    :param kind: of what it is sent to.
    :param identifier_id: the one of a user that it proves, if it is one.
    :param real: False goes the same way and sends nothing, so that an unknown address looks
        like a known one; its code is right for nobody.
    :param attempts: what earlier codes of the same flow have used up: a new code must not
        bring new guesses.
    """
    kit = kit_of(db)
    now = kit.now()
    verification_id = new_id("ver")
    code = new_code()
    verification = Verification(
        id=verification_id,
        purpose=purpose.value,
        strategy=kind.strategy,
        client_id=client_id,
        user_id=user_id,
        **{kind.proves.key: identifier_id},
        address=address,
        code_digest=kit.keys.mac(_KEY, f"{verification_id}:{code}" if real else new_id("none")),
        attempts=attempts,
        expire_at=now + LIFETIME,
        created_at=now,
    )
    db.add(verification)
    db.flush()
    kind.send(
        db,
        "verification_code",
        address,
        user_id=user_id,
        real=real,
        code=code,
        purpose=purpose.value,
        minutes=LIFETIME.seconds // 60,
        ip_address=kit.caller().ip_address,
    )
    return verification


def attempt(
    db: Session,
    verification_id: str,
    *,
    purpose: Purpose,
    client_id: str,
    code: str,
    account: str | None = None,
) -> Proof:
    """Compare a code with the one that was sent.

    The attempt is reserved and committed before the comparison, so that of any number of
    guesses at once no more than the limit are looked at.

    :param account: the user whose guesses are counted together, whatever code they are at.
    :raises FormError: ``form_code_incorrect``, or ``form_param_format_invalid`` without an
        attempt being spent.
    :raises VerificationError: ``verification_expired``, ``verification_failed`` after too many
        attempts, ``verification_already_verified``.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    digits = normalize_code(code)
    if digits is None:
        raise FormError(
            _("Enter the 6 digits of the code."), code="form_param_format_invalid", param="code"
        )
    counted = {"verification:ip": caller_network(kit)}
    hit = kit.limits.hit(counted | ({"verification:account": account} if account else {}))
    row = _reserve(kit, verification_id, purpose, client_id)
    if not kit.keys.verify_mac(_KEY, f"{verification_id}:{digits}", row.code_digest):
        raise refusals.incorrect(
            purpose,
            row.expire_at - kit.now(),
            attempts=row.attempts,
            left=MAX_ATTEMPTS - row.attempts,
            user_id=row.user_id,
        )
    hit.forgive()
    return Proof(verification_id, row.address, row.user_id, client_id)


def forgive(kit: Kit, proof: Proof) -> None:
    """Give back the attempt of a code that was right, where what came with it is refused.

    No guess is won by it: who comes here knows the code.
    """
    with kit.database.side() as connection:
        connection.execute(
            update(Verification)
            .where(
                Verification.id == proof.verification_id,
                Verification.consumed_at.is_(None),
                Verification.attempts > 0,
            )
            .values(attempts=Verification.attempts - 1)
        )


def consume(db: Session, proof: Proof) -> None:
    """Use a proof up in this transaction: of fifty at once, one gets through.

    :raises VerificationError: ``verification_already_verified``.
    """
    result = db.connection().execute(
        update(Verification)
        .where(Verification.id == proof.verification_id, Verification.consumed_at.is_(None))
        .values(consumed_at=kit_of(db).now())
    )
    if result.rowcount != 1:
        raise refusals.used()


def replace(db: Session, verification_id: str) -> int:
    """Retire a code for a new one, and return the attempts that are used up.

    :raises RateLimitError: ``verification_code_too_many_requests``, within half a minute.
    :raises VerificationError: it was used, or has no attempts left.
    """
    now = kit_of(db).now()
    # Retired before it is read: a guess under way is then counted, or comes too late.
    retired = db.connection().execute(
        update(Verification)
        .where(
            Verification.id == verification_id,
            Verification.consumed_at.is_(None),
            Verification.created_at <= now - RESEND_AFTER,
        )
        .values(consumed_at=now)
    )
    row = db.execute(
        select(
            Verification.purpose,
            Verification.attempts,
            Verification.consumed_at,
            Verification.created_at,
            Verification.expire_at,
        ).where(Verification.id == verification_id)
    ).one()
    if row.attempts >= MAX_ATTEMPTS:
        raise refusals.failed(Purpose(row.purpose), row.expire_at - now)
    if retired.rowcount != 1:
        wait = row.created_at + RESEND_AFTER - now
        raise refusals.too_soon(ceil(wait.total_seconds())) if wait > NO_TIME else refusals.used()
    return int(row.attempts)


class _Reserved(t.NamedTuple):
    code_digest: bytes
    attempts: int
    address: str
    user_id: str | None
    expire_at: dt.datetime


def _reserve(kit: Kit, verification_id: str, purpose: Purpose, client_id: str) -> _Reserved:
    now = kit.now()
    # A code of another browser or another purpose is like none at all.
    mine = (
        Verification.id == verification_id,
        Verification.purpose == purpose.value,
        Verification.client_id == client_id,
    )
    with kit.database.side() as connection:
        reserved = connection.execute(
            update(Verification)
            .where(
                *mine,
                Verification.attempts < MAX_ATTEMPTS,
                Verification.consumed_at.is_(None),
                Verification.expire_at > now,
            )
            .values(attempts=Verification.attempts + 1)
        )
        row = connection.execute(
            select(
                Verification.code_digest,
                Verification.attempts,
                Verification.address,
                Verification.user_id,
                Verification.consumed_at,
                Verification.expire_at,
            ).where(*mine)
        ).one_or_none()
    if row is None or row.expire_at <= now:
        raise VerificationError(
            _("This code is too old. Ask for a new one."), code="verification_expired", param="code"
        )
    if reserved.rowcount != 1:
        if row.consumed_at is not None:
            raise refusals.used()
        raise refusals.failed(purpose, row.expire_at - now)
    return _Reserved(row.code_digest, row.attempts, row.address, row.user_id, row.expire_at)
