"""What people change about their connected accounts."""

from __future__ import annotations

import typing as t

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import AuthenticationError
from ..errors import UserKitError
from ..events import EventName
from ..models import Client
from ..models import ExternalAccount
from ..models import Session as SessionRow
from ..security.text import is_plain
from ..translations import gettext as _
from . import events
from . import external_accounts
from . import inventory
from . import notices
from . import oauth_sign_ins
from . import refusals
from . import reverification
from . import sessions
from .identity import Identity
from .kit import Kit
from .kit import kit_of
from .locks import LockedUser
from .locks import lock_user
from .oauth_proofs import Proof
from .oauth_states import Flow
from .oauth_states import Kept
from .oauth_states import Start
from .oauth_states import begin
from .oauth_states import require_connection
from .purposes import Purpose


class Done(t.NamedTuple):
    """What a flow has done: connected an account, or brought one up to date."""

    external_account_id: str
    reauthorized: bool


class _Own(t.NamedTuple):
    id: str
    provider: str
    issuer: str
    provider_user_id: str


def prepare(
    db: Session,
    token: str | None,
    identity: Identity,
    provider: str,
    *,
    return_to: str,
    scopes: tuple[str, ...] = (),
) -> Start:
    """Begin to connect an account at a provider.

    :param scopes: what is asked for besides what the connection always asks for.
    :raises NotFoundError: ``oauth_provider_not_enabled``.
    :raises ReverificationError: ``session_reverification_required``.
    :raises RateLimitError: ``too_many_requests``.
    :raises UnavailableError: the provider does not answer.
    """
    kit = kit_of(db)
    connection = require_connection(kit, provider)
    _allow(kit, identity)
    kept = Kept(return_to=return_to, session_id=identity.session_id, scopes=scopes)
    # One that is connected would be taken by itself where another one is wanted.
    another = _has_one(kit, identity.user_id, provider)
    purpose = Purpose.OAUTH_CONNECTION
    # Whoever is put out meanwhile cannot finish it: it ends with the session.
    return begin(
        db, token, purpose, connection, kept, user_id=identity.user_id, select_account=another
    )


def prepare_reauthorization(
    db: Session,
    token: str | None,
    identity: Identity,
    id: str,
    *,
    return_to: str,
    scopes: t.Mapping[str, tuple[str, ...]],
) -> tuple[Start, str]:
    """Begin to connect an account once more, and return also which provider that is.

    :param scopes: by provider, what is asked for besides what its connection always asks for.
    :raises NotFoundError: ``external_account_not_found``: there is none, or it is not one's own;
        ``oauth_provider_not_enabled``.
    :raises ReverificationError: ``session_reverification_required``.
    :raises RateLimitError: ``too_many_requests``.
    :raises UnavailableError: the provider does not answer.
    """
    kit = kit_of(db)
    found = _find(kit, identity.user_id, id)
    connection = require_connection(kit, found.provider)
    _allow(kit, identity)
    kept = Kept(
        return_to=return_to,
        session_id=identity.session_id,
        external_account_id=found.id,
        scopes=scopes.get(found.provider, ()),
    )
    purpose = Purpose.OAUTH_CONNECTION
    start = begin(db, token, purpose, connection, kept, user_id=identity.user_id)
    return start, found.provider


def complete(db: Session, flow: Flow, proof: Proof) -> Done:
    """Connect what somebody came back with, in the session that began it and in no other.

    :raises AuthenticationError: ``authentication_invalid``: that session is over.
    :raises UserKitError: ``external_account_exists``: it is connected to somebody else;
        ``oauth_account_mismatch``: another account was to be connected once more.
    """
    kit = kit_of(db)
    found = external_accounts.owner(kit, proof)
    user = signed_in_since(db, flow)
    wanted = flow.kept.external_account_id
    if found is not None and found.user_id != user.id:
        raise external_accounts.exists()
    if wanted is not None and (found is None or found.id != wanted):
        raise _another(flow)
    if found is None:
        return Done(oauth_sign_ins.connect(db, user, flow, proof), reauthorized=False)
    if not external_accounts.is_owner(db, user.id, proof):
        raise external_accounts.not_found()
    external_accounts.renew(db, user.id, found.id, proof)
    data = {"external_account_id": found.id, "provider": proof.provider}
    events.emit(db, EventName.EXTERNAL_ACCOUNT_REAUTHORIZED, user.id, actor_id=user.id, **data)
    return Done(found.id, reauthorized=True)


def remove(db: Session, identity: Identity, id: str) -> None:
    """Disconnect one of one's own, and forget its tokens.

    :raises NotFoundError: ``external_account_not_found``: there is none, or it is not one's own.
    :raises UserKitError: ``identification_deletion_failed``: nothing else is left to sign in with.
    :raises ReverificationError: ``session_reverification_required``.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    found = _find(kit, identity.user_id, id)
    _allow(kit, identity)
    reverification.require(db, identity)
    inventory.require_removable(
        db, identity.user_id, "external_account", inventory.account_id(found.provider, found.id)
    )
    label = kit.connections.labels().get(found.provider, found.provider.title())
    tell = notices.before(db, identity.user_id, label)
    if not external_accounts.remove(db, identity.user_id, found.id, found.provider):
        raise external_accounts.not_found()
    data = {"external_account_id": found.id, "provider": found.provider}
    events.emit(db, EventName.EXTERNAL_ACCOUNT_DISCONNECTED, identity.user_id, tell, **data)


def signed_in_since(db: Session, flow: Flow) -> LockedUser:
    """Lock who began a flow, still signed in by that session and shown in that browser.

    :raises AuthenticationError: ``authentication_invalid``.
    """
    user = lock_user(db, flow.user_id or "")
    # What was begun by one person is never finished by the next one at the same browser.
    lives = (
        select(SessionRow.id)
        .join(Client, Client.active_session_id == SessionRow.id)
        .where(
            SessionRow.id == flow.kept.session_id,
            Client.id == flow.client_id,
            sessions.lives(kit_of(db), flow.user_id or "", flow.client_id),
        )
    )
    if user is None or user.banned or db.execute(lives.with_for_update(read=True)).first() is None:
        raise AuthenticationError(_("Sign in to go on."))
    return user


def _allow(kit: Kit, identity: Identity) -> None:
    # Asked before anything is counted: what waits for a proof is sent twice.
    reverification.check(kit, identity)
    kit.limits.hit({"external_account:account": identity.user_id})


def _find(kit: Kit, user_id: str, id: str) -> _Own:
    columns = (
        ExternalAccount.id,
        ExternalAccount.provider,
        ExternalAccount.issuer,
        ExternalAccount.provider_user_id,
    )
    mine = (ExternalAccount.id == (id if is_plain(id) else ""), ExternalAccount.user_id == user_id)
    with kit.database.reading() as connection:
        row = connection.execute(select(*columns).where(*mine)).one_or_none()
    if row is None:
        raise refusals.not_there(external_accounts.not_found(), user_id, id)
    return _Own(*row)


def _has_one(kit: Kit, user_id: str, provider: str) -> bool:
    statement = select(ExternalAccount.id).where(
        ExternalAccount.user_id == user_id, ExternalAccount.provider == provider
    )
    with kit.database.reading() as connection:
        return connection.execute(statement.limit(1)).first() is not None


def _another(flow: Flow) -> UserKitError:
    return UserKitError(
        _(
            "This is another account of %(provider)s. Choose the one that is connected, or connect"
            " this one as well.",
            provider=flow.connection.label,
        ),
        code="oauth_account_mismatch",
    )
