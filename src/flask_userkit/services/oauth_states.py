"""What a browser begins at a provider: kept for ten minutes, encrypted, and taken once."""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
import typing as t
from dataclasses import asdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..connections.connection import Connection
from ..connections.errors import ProviderError
from ..errors import NotFoundError
from ..errors import UnavailableError
from ..errors import VerificationError
from ..models import Client
from ..models import Verification
from ..security.ids import new_id
from ..security.tokens import new_token
from ..security.tokens import token_digest
from ..translations import gettext as _
from . import clients
from .kit import Kit
from .kit import kit_of
from .limits import caller_network
from .purposes import Purpose

#: How the strategies of providers begin.
OAUTH = "oauth_"
LIFETIME = dt.timedelta(minutes=10)
RETRY_AFTER = 30
_PURPOSE = "oauth state"
_STATE = re.compile(r"(ver_[0-9a-f]{32})\.([A-Za-z0-9_-]{43})", re.ASCII)
_PURPOSES: t.Final = (
    Purpose.OAUTH_SIGN_IN,
    Purpose.OAUTH_CONNECTION,
    Purpose.OAUTH_REVERIFICATION,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a flow goes on with when the browser comes back.

    :param return_to: where it began.
    :param session_id: in which session, where somebody is signed in.
    :param external_account_id: the one that it is about, if it is about one.
    :param scopes: what is asked for besides what the connection always asks for.
    :param action: where a form is sent that waits for the proof.
    :param form_id: that form.
    """

    return_to: str | None = None
    session_id: str | None = None
    external_account_id: str | None = None
    scopes: tuple[str, ...] = ()
    action: str = ""
    form_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A flow whose browser has come back; nobody takes it a second time.

    :param begun_at: when the browser left, in seconds since the epoch.
    """

    purpose: Purpose
    connection: Connection
    client_id: str
    user_id: str | None
    nonce: str
    code_verifier: str
    begun_at: int
    kept: Kept

    @property
    def strategy(self) -> str:
        """The way of signing in, as sessions and the audit trail name it."""
        return strategy_of(self.connection.name)


class Start(t.NamedTuple):
    """Where to lead the browser, and the token that it is to keep."""

    url: str
    token: str


def strategy_of(provider: str) -> str:
    """Return the way of signing in by a provider, in Clerk's words."""
    return f"{OAUTH}{provider}"


def require_connection(kit: Kit, provider: str) -> Connection:
    """Return a connection that the app offers.

    :raises NotFoundError: ``oauth_provider_not_enabled``.
    """
    found = kit.connections.find(provider)
    if found is None:
        raise NotFoundError(_("There is no such provider here."), code="oauth_provider_not_enabled")
    return found


def redirect_uri(kit: Kit, connection: Connection) -> str:
    """Return where a provider leads back to: an address of its own, by the settings alone."""
    # One for each provider, so that the answer of one is never taken for another's.
    return f"{kit.base_url}{kit.config.url_prefix}/oauth/{connection.name}/callback"


def begin(
    db: Session,
    token: str | None,
    purpose: Purpose,
    connection: Connection,
    kept: Kept,
    *,
    user_id: str | None = None,
    select_account: bool = False,
) -> Start:
    """Keep what a flow needs, and return where it goes on.

    :param token: the client's token, if it has one.
    :param user_id: who begins it, where somebody is signed in.
    :param select_account: have the person choose, where the provider would take one by itself.
    :raises RateLimitError: ``too_many_requests``.
    :raises UnavailableError: the provider does not answer.
    """
    kit = kit_of(db)
    kit.limits.hit({"oauth:ip": caller_network(kit)})
    verification_id, secret = new_id("ver"), new_token()
    nonce, code_verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    # It may ask for the addresses of the provider, so no transaction is open yet.
    try:
        url = kit.connections.client(connection).authorization_url(
            redirect_uri=redirect_uri(kit, connection),
            state=f"{verification_id}.{secret}",
            scopes=kept.scopes,
            reauthenticate=purpose is Purpose.OAUTH_REVERIFICATION,
            select_account=select_account,
            # Who connects once more lacks a scope or a refresh token; Google gives a second one
            # only to those who allow it anew.
            consent=kept.external_account_id is not None,
            nonce=nonce,
            code_verifier=code_verifier,
        )
    except ProviderError as error:
        raise unavailable(connection) from error
    client, token = clients.ensure(db, token)
    now = kit.now()
    payload = {
        "nonce": nonce,
        "code_verifier": code_verifier,
        "begun_at": int(now.timestamp()),
        "kept": asdict(kept),
    }
    db.add(
        Verification(
            id=verification_id,
            purpose=purpose.value,
            strategy=strategy_of(connection.name),
            client_id=client.id,
            user_id=user_id,
            address=connection.name,
            code_digest=kit.keys.mac(_PURPOSE, f"{verification_id}.{secret}"),
            payload=kit.keys.encrypt(json.dumps(payload)),
            expire_at=now + LIFETIME,
            created_at=now,
        )
    )
    db.flush()
    return Start(url, token)


def take(kit: Kit, token: str | None, provider: str, state: str) -> Flow:
    """Take what a browser has begun, once and in this browser alone.

    :param token: the client's token, if it has one.
    :param provider: whose address the browser was led back to.
    :raises NotFoundError: ``oauth_provider_not_enabled``.
    :raises VerificationError: ``verification_expired``: it was not begun here, is too old, was
        begun at another provider, or is used already.
    """
    connection = require_connection(kit, provider)
    form = _STATE.fullmatch(state)
    if form is None or token is None:
        raise _not_begun()
    now = kit.now()
    mine = (
        Verification.id == form[1],
        Verification.purpose.in_(purpose.value for purpose in _PURPOSES),
        Verification.client_id
        == select(Client.id).where(Client.token_digest == token_digest(token)).scalar_subquery(),
        Verification.consumed_at.is_(None),
        Verification.expire_at > now,
    )
    columns = (
        Verification.purpose,
        Verification.client_id,
        Verification.user_id,
        Verification.address,
        Verification.code_digest,
        Verification.payload,
    )
    with kit.database.reading() as connection_:
        row = connection_.execute(select(*columns).where(*mine)).one_or_none()
    if row is None or not kit.keys.verify_mac(_PURPOSE, state, row.code_digest):
        raise _not_begun()
    with kit.database.side() as side:
        # The row count decides: of a link that is opened twice, one goes on.
        taken = side.execute(update(Verification).where(*mine).values(consumed_at=now))
    text = kit.keys.decrypt(row.payload or "")
    # An answer of another provider uses the state up as well: somebody has it who should not.
    if taken.rowcount != 1 or row.address != connection.name or text is None:
        raise _not_begun()
    values = json.loads(text)
    kept = values.pop("kept")
    kept["scopes"] = tuple(kept["scopes"])
    return Flow(
        purpose=Purpose(row.purpose),
        connection=connection,
        client_id=row.client_id,
        user_id=row.user_id,
        kept=Kept(**kept),
        **values,
    )


def here(db: Session, token: str | None, flow: Flow) -> Client:
    """Return the browser that a flow began in.

    :raises VerificationError: ``session_exists``: it was given another token meanwhile.
    """
    client = clients.find(db, token)
    if client is None or client.id != flow.client_id:
        raise clients.renewed_elsewhere()
    return client


def unavailable(connection: Connection) -> UnavailableError:
    """Return the refusal while a provider does not answer."""
    return UnavailableError(
        _(
            "%(provider)s does not answer right now. Try again in a moment.",
            provider=connection.label,
        ),
        code="oauth_fetch_user_error",
        retry_after=RETRY_AFTER,
    )


def _not_begun() -> VerificationError:
    return VerificationError(
        _("This was not begun in this browser, took too long, or is done already. Start again."),
        code="verification_expired",
    )
