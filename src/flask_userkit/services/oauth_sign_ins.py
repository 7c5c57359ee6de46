"""Sign-in by a provider: whoever is known comes in, whoever is not is created or asked on."""

from __future__ import annotations

import typing as t

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ..errors import UserKitError
from ..events import EventName
from ..models import SignIn
from ..translations import gettext as _
from . import events
from . import external_accounts
from . import identifiers
from . import notices
from . import oauth_sign_ups
from . import sessions
from . import sign_in_look_up as look_up
from . import sign_in_notices
from .email_addresses import EMAIL_ADDRESS
from .kit import Kit
from .kit import kit_of
from .locks import LockedUser
from .locks import lock_user
from .oauth_proofs import Proof
from .oauth_states import Flow
from .oauth_states import Kept
from .oauth_states import Start
from .oauth_states import begin
from .oauth_states import here
from .oauth_states import require_connection
from .purposes import Purpose
from .sessions import SignedIn


class Entered(t.NamedTuple):
    """A sign-in, and whether it is the first one of somebody new."""

    signed_in: SignedIn
    is_new: bool


def prepare(db: Session, token: str | None, provider: str, *, return_to: str | None) -> Start:
    """Begin a sign-in at a provider.

    :raises NotFoundError: ``oauth_provider_not_enabled``.
    :raises RateLimitError: ``too_many_requests``.
    :raises UnavailableError: the provider does not answer.
    """
    connection = require_connection(kit_of(db), provider)
    return begin(db, token, Purpose.OAUTH_SIGN_IN, connection, Kept(return_to=return_to))


def complete(
    db: Session, token: str | None, flow: Flow, proof: Proof, *, device: str = ""
) -> Entered | None:
    """Sign in who came back from a provider; None where the sign-up goes on by a form.

    Somebody new is created. Somebody whose address is proven here and there is connected.

    :param device: the browser's cookie of known devices, if it has one.
    :raises ForbiddenError: ``user_banned``; ``not_allowed_access``: nobody can sign up.
    :raises UserKitError: ``oauth_identification_claimed``: the address has an account that has to
        be signed in to first.
    :raises VerificationError: ``session_exists``: another request of this browser came first.
    """
    kit = kit_of(db)
    sessions.prepare(kit)
    found = external_accounts.owner(kit, proof)
    if found is not None:
        return Entered(_known(db, token, flow, proof, found, device), is_new=False)
    taken_by = _owner_of_address(kit, proof)
    if taken_by is not None:
        return Entered(_join(db, token, flow, proof, taken_by, device), is_new=False)
    signed_in = oauth_sign_ups.begin(db, token, flow, proof, device=device)
    return Entered(signed_in, is_new=True) if signed_in else None


def _known(
    db: Session,
    token: str | None,
    flow: Flow,
    proof: Proof,
    found: external_accounts.Owner,
    device: str,
) -> SignedIn:
    tell = sign_in_notices.may_tell(kit_of(db), found.user_id, device)
    user = lock_user(db, found.user_id)
    if user is None or not external_accounts.is_owner(db, user.id, proof):
        raise _gone()
    external_accounts.renew(db, user.id, found.id, proof)
    return _enter(db, token, flow, user, device, tell=tell)


def _join(
    db: Session, token: str | None, flow: Flow, proof: Proof, user_id: str, device: str
) -> SignedIn:
    tell = sign_in_notices.may_tell(kit_of(db), user_id, device)
    user = lock_user(db, user_id)
    address = proof.proven_address
    if user is None or address is None or not look_up.is_theirs(db, user.id, address.value):
        raise _gone()
    if not external_accounts.may_be_joined(db, user.id, proof):
        # Whoever proves to read that mailbox is told; a guess proves nothing and learns nothing.
        raise UserKitError(
            _(
                "%(address)s has an account here. Sign in to it, then connect %(provider)s on"
                " your account page.",
                address=address.value,
                provider=flow.connection.label,
            ),
            code="oauth_identification_claimed",
        )
    connect(db, user, flow, proof)
    return _enter(db, token, flow, user, device, tell=tell)


def connect(db: Session, user: LockedUser, flow: Flow, proof: Proof) -> str:
    """Give a user the account that they have proven, tell them, and return its id.

    :raises UserKitError: ``external_account_exists``.
    """
    tell = notices.before(db, user.id, flow.connection.label)
    account_id = external_accounts.add(db, user.id, proof)
    events.emit(
        db,
        EventName.EXTERNAL_ACCOUNT_CONNECTED,
        user.id,
        tell,
        actor_id=user.id,
        external_account_id=account_id,
        provider=proof.provider,
    )
    return account_id


def _enter(
    db: Session,
    token: str | None,
    flow: Flow,
    user: LockedUser,
    device: str,
    *,
    tell: bool,
) -> SignedIn:
    client = here(db, token, flow)
    db.execute(delete(SignIn).where(SignIn.client_id == client.id))
    return sessions.create(db, client, user, flow.strategy, device, tell=tell)


def _owner_of_address(kit: Kit, proof: Proof) -> str | None:
    """Return whose the proven address of an account is here, before the transaction begins."""
    address = proof.proven_address
    return identifiers.owner_id(kit, EMAIL_ADDRESS, address.key) if address else None


def _gone() -> UserKitError:
    return UserKitError(
        _("Something changed while you were away. Start again."), code="verification_expired"
    )
