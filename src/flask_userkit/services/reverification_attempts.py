"""Reverification by password, or by a code to what the user has proven to be theirs."""

from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import ColumnElement
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session as DbSession

from ..errors import FormError
from ..errors import UserKitError
from ..events import EventDraft
from ..events import EventName
from ..models import Session
from ..models import SessionStatus
from ..models import Verification
from ..translations import gettext as _
from . import clients
from . import events
from . import passwords
from . import pending
from . import reverification_factors as factors
from . import verification_refusals as refusals
from . import verifications
from .email_addresses import EMAIL_ADDRESS
from .identifier_kinds import IdentifierKind
from .kit import Kit
from .kit import kit_of
from .limits import Hit
from .limits import caller_network
from .phone_numbers import PHONE_NUMBER
from .purposes import Purpose
from .reverification import Who
from .reverification_factors import EMAIL_CODE
from .reverification_factors import OAUTH
from .reverification_factors import PASSWORD
from .reverification_factors import PHONE_CODE
from .reverification_factors import Account
from .reverification_factors import Factor
from .verifications import MAX_ATTEMPTS
from .verifications import RESEND_AFTER

#: What a code of each of these factors goes to.
_CODES: t.Final = {EMAIL_CODE: EMAIL_ADDRESS, PHONE_CODE: PHONE_NUMBER}
BY_CODE: t.Final = frozenset(factor.strategy for factor in _CODES)


class Offer(t.NamedTuple):
    """How somebody is to confirm that it is them.

    :param strategy: their strongest factor; None if there is none.
    :param address: where a code goes, as one reads it.
    :param sent_at: when the code that counts was sent, if one was.
    :param providers: the names of those that prove it, where a provider does.
    :param exhausted: whether it has no attempts left, and so no other is sent until it is too old.
    """

    strategy: str | None
    address: str | None
    sent_at: dt.datetime | None
    exhausted: bool = False
    providers: t.Sequence[str] = ()

    def resend_in(self, now: dt.datetime) -> int:
        """Return the seconds until another code may be asked for."""
        if self.sent_at is None:
            return 0
        return max(0, -int((now - self.sent_at - RESEND_AFTER) // dt.timedelta(seconds=1)))


def offer(kit: Kit, who: Who) -> Offer:
    """Return how somebody is to confirm that it is them.

    :raises AuthenticationError: ``authentication_invalid``: the session is over.
    """
    account = factors.load(kit, who)
    factor = factors.strongest(kit, account)
    if factor is None:
        return Offer(None, None, None)
    if factor not in _CODES:
        offered = account.providers if factor == OAUTH else ()
        return Offer(factor.strategy, account.email_address, None, providers=offered)
    kind, value = _goes_to(account, factor)
    address = kind.display(value)
    with kit.database.reading() as connection:
        sent = connection.execute(_sent(account)).first()
    if sent is None or sent.consumed_at is not None or sent.expire_at <= kit.now():
        return Offer(factor.strategy, address, None)
    exhausted = sent.attempts >= MAX_ATTEMPTS
    return Offer(factor.strategy, address, sent.created_at, exhausted)


def attempt_password(db: DbSession, who: Who, password: str) -> str:
    """Prove oneself by password, and return the browser's new token.

    :raises FormError: ``form_password_incorrect``.
    :raises ForbiddenError: ``strategy_disabled``: this is not the strongest factor.
    :raises AuthenticationError: ``authentication_invalid``: the session is over.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    if not password:
        raise FormError(_("Enter your password."), code="form_param_nil", param="password")
    account = factors.load(kit, who)
    factors.require_strongest(kit, account, PASSWORD)
    counted = hit(kit, account)
    if not passwords.verify(kit, account.password_digest, password):
        error = FormError(
            _("That password is not right."), code="form_password_incorrect", param="password"
        )
        raise _failed(error, account, PASSWORD)
    counted.forgive()
    factors.lock(db, account)
    return prove(db, account, PASSWORD.strategy)


def prepare_code(db: DbSession, who: Who) -> None:
    """Send a code to the primary address or number; the guesses used up stay used up.

    :raises ForbiddenError: ``strategy_disabled``: this is not the strongest factor.
    :raises AuthenticationError: ``authentication_invalid``: the session is over.
    :raises RateLimitError: too soon, or too many.
    :raises VerificationError: ``verification_failed``: no attempts are left for now.
    """
    kit = kit_of(db)
    account = factors.load(kit, who)
    kind, address = _goes_to(account, _code_factor(kit, account))
    if kind is PHONE_NUMBER:
        counted = kind.limits(kit, address, account.user_id)
        # Not under the number, which strangers use up: the text goes to nobody but its owner.
        del counted["sms:number"]
        kit.limits.hit(counted)
    else:
        # Not under the address, which strangers use up: the mail goes to nobody but its owner.
        kit.limits.hit({"message:ip": caller_network(kit), "message:account": account.user_id})
    factors.lock(db, account)
    verifications.create(
        db,
        kind=kind,
        purpose=Purpose.REVERIFICATION,
        address=address,
        client_id=account.client_id,
        user_id=account.user_id,
        attempts=_retire(db, account),
    )


def attempt_code(db: DbSession, who: Who, code: str) -> str:
    """Prove oneself by the code, and return the browser's new token.

    :raises FormError: ``form_code_incorrect`` or ``form_param_format_invalid``.
    :raises VerificationError: ``verification_expired``, ``verification_failed`` and the like.
    :raises ForbiddenError: ``strategy_disabled``: this is not the strongest factor.
    :raises AuthenticationError: ``authentication_invalid``: the session is over.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    account = factors.load(kit, who)
    factor = _code_factor(kit, account)
    _kind, address = _goes_to(account, factor)
    with kit.database.reading() as connection:
        sent = connection.execute(_sent(account)).first()
    if sent is None:
        raise pending.expired()
    counted = hit(kit, account)
    try:
        proof = verifications.attempt(
            db, sent.id, purpose=Purpose.REVERIFICATION, client_id=account.client_id, code=code
        )
    except FormError as error:
        if error.code == "form_code_incorrect":
            raise _failed(error, account, factor) from error
        raise
    counted.forgive()
    factors.lock(db, account)
    if (proof.user_id, proof.address) != (account.user_id, address):
        raise factors.weaker()
    verifications.consume(db, proof)
    return prove(db, account, factor.strategy)


def hit(kit: Kit, account: Account) -> Hit:
    """Count an attempt, whichever way it goes.

    :raises RateLimitError: ``too_many_requests``.
    """
    return kit.limits.hit(
        {"reverification:ip": caller_network(kit), "reverification:account": account.user_id}
    )


def prove(db: DbSession, account: Account, strategy: str) -> str:
    """Write down that somebody has proven themselves, and return the browser's new token.

    :param strategy: by which way, as the audit trail names it.
    :raises AuthenticationError: ``authentication_invalid``: the session is over.
    :raises VerificationError: ``session_exists``: another request of this browser came first.
    """
    now = kit_of(db).now()
    proven = db.connection().execute(
        update(Session)
        # An active session alone: a proof on its way must not go to one that was revoked.
        .where(*_mine(account), Session.status == SessionStatus.ACTIVE.value)
        .values(first_factor_verified_at=now)
    )
    if proven.rowcount != 1:
        raise factors.session_over()
    token = clients.renew(db, account.client_id, account.token_digest)
    if token is None:
        raise clients.renewed_elsewhere()
    events.emit(
        db,
        EventName.SESSION_REVERIFIED,
        account.user_id,
        session_id=account.session_id,
        strategy=strategy,
    )
    return token


def _code_factor(kit: Kit, account: Account) -> Factor:
    factor = factors.strongest(kit, account)
    if factor is None or factor not in _CODES:
        raise factors.weaker()
    return factor


def _goes_to(account: Account, factor: Factor) -> tuple[IdentifierKind, str]:
    kind = _CODES[factor]
    address: str | None = getattr(account, kind.name)
    assert address is not None
    return kind, address


def _sent(account: Account) -> t.Any:
    return (
        select(
            Verification.id,
            Verification.attempts,
            Verification.consumed_at,
            Verification.expire_at,
            Verification.created_at,
        )
        .where(
            Verification.user_id == account.user_id,
            Verification.purpose == Purpose.REVERIFICATION.value,
            Verification.client_id == account.client_id,
        )
        .order_by(Verification.created_at.desc(), Verification.id.desc())
        .limit(1)
    )


def _retire(db: DbSession, account: Account) -> int:
    """Retire the code that was sent before, and return the guesses that it used up."""
    now = kit_of(db).now()
    # A locking read, under the user's lock: the code of another tab is seen.
    sent = db.execute(_sent(account).with_for_update(read=True)).first()
    if sent is None or sent.consumed_at is not None or sent.expire_at <= now:
        return 0
    if sent.attempts >= MAX_ATTEMPTS:
        # New guesses come with time alone, never with another code.
        raise refusals.failed(Purpose.REVERIFICATION, sent.expire_at - now)
    return verifications.replace(db, sent.id)


def _mine(account: Account) -> tuple[ColumnElement[bool], ...]:
    return (
        Session.id == account.session_id,
        Session.user_id == account.user_id,
        Session.client_id == account.client_id,
    )


def _failed(error: UserKitError, account: Account, factor: Factor) -> UserKitError:
    return error.audited(
        EventDraft(
            EventName.SESSION_REVERIFICATION_FAILED,
            account.user_id,
            {"session_id": account.session_id, "strategy": factor.strategy},
        )
    )
