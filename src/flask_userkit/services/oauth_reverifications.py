"""Reverification by a provider that asks its person to sign in again, and says when they did."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ..errors import ForbiddenError
from ..errors import UserKitError
from ..events import EventDraft
from ..events import EventName
from ..translations import gettext as _
from . import reverification_attempts as attempts
from . import reverification_factors as factors
from .kit import kit_of
from .oauth_proofs import Proof
from .oauth_states import Flow
from .oauth_states import Kept
from .oauth_states import Start
from .oauth_states import begin
from .oauth_states import require_connection
from .own_external_accounts import signed_in_since
from .purposes import Purpose
from .reverification import Who
from .reverification_factors import OAUTH

#: How far the clocks of a provider may be from ours, in seconds.
SKEW = 30


def prepare(
    db: Session,
    token: str | None,
    who: Who,
    provider: str,
    *,
    return_to: str | None,
    action: str = "",
    form_id: str = "",
) -> Start:
    """Begin to prove oneself at a provider.

    :param action: where the form is sent that waits for it.
    :param form_id: that form; empty if there is none.
    :raises NotFoundError: ``oauth_provider_not_enabled``.
    :raises ForbiddenError: ``strategy_disabled``: this is not the account's strongest factor.
    :raises AuthenticationError: ``authentication_invalid``: the session is over.
    :raises RateLimitError: ``too_many_requests``.
    :raises UnavailableError: the provider does not answer.
    """
    kit = kit_of(db)
    connection = require_connection(kit, provider)
    account = factors.load(kit, who)
    factors.require_strongest(kit, account, OAUTH)
    if provider not in account.providers:
        raise factors.weaker()
    attempts.hit(kit, account)
    kept = Kept(return_to=return_to, session_id=who.session_id, action=action, form_id=form_id)
    return begin(db, token, Purpose.OAUTH_REVERIFICATION, connection, kept, user_id=who.user_id)


def complete(db: Session, flow: Flow, proof: Proof, who: Who) -> str:
    """Take the proof of a provider for the session that asked for it, and return the new token.

    It counts for this very account and no other of that provider, and only where the person
    has signed in there since (OpenID Connect Core section 2, ``auth_time``).

    :raises UserKitError: ``oauth_account_mismatch``: another account came back;
        ``oauth_not_reauthenticated``: nobody has signed in there since.
    :raises ForbiddenError: ``strategy_disabled``: this is not the account's strongest factor.
    :raises AuthenticationError: ``authentication_invalid``: the session is over.
    :raises VerificationError: ``session_exists``: another request of this browser came first.
    """
    kit = kit_of(db)
    account = factors.load(kit, who)
    factors.require_strongest(kit, account, OAUTH)
    theirs = (proof.provider, proof.profile.issuer, proof.profile.provider_user_id)
    if theirs not in account.external_accounts:
        mismatch = UserKitError(
            _(
                "This is another account of %(provider)s than the one that is connected.",
                provider=flow.connection.label,
            ),
            code="oauth_account_mismatch",
        )
        raise _failed(mismatch, flow)
    since = proof.profile.auth_time
    if since is None or since < flow.begun_at - SKEW:
        stale = ForbiddenError(
            _(
                "%(provider)s has not asked you to sign in again, so this confirms nothing.",
                provider=flow.connection.label,
            ),
            code="oauth_not_reauthenticated",
        )
        raise _failed(stale, flow)
    signed_in_since(db, flow)
    factors.lock(db, account)
    return attempts.prove(db, account, flow.strategy)


def _failed(error: UserKitError, flow: Flow) -> UserKitError:
    data = {"session_id": flow.kept.session_id, "strategy": flow.strategy}
    return error.audited(EventDraft(EventName.SESSION_REVERIFICATION_FAILED, flow.user_id, data))
