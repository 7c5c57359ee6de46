"""Access tokens of connected accounts, for the app to act at a provider: fresh, or refused."""

from __future__ import annotations

import datetime as dt
import time
import typing as t

from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from ..connections.connection import Connection
from ..connections.connection import Tokens
from ..connections.errors import ProviderError
from ..connections.errors import ProviderRefused
from ..errors import FormError
from ..errors import UserKitError
from ..models import ExternalAccount
from ..security.text import is_plain
from ..translations import gettext as _
from . import external_accounts
from .kit import Kit
from .oauth_states import require_connection
from .oauth_states import unavailable

#: A token that ends sooner is refreshed: it would not outlive the request that it is for.
MARGIN = dt.timedelta(seconds=60)
#: Longer than a refresh may take, so that one that died leaves it to the next.
LEASE = dt.timedelta(seconds=15)
#: How often who waits for another process looks.
LOOK_AGAIN = 0.1


class OAuthAccessToken(t.NamedTuple):
    """A token that lets the app act for somebody at a provider, as Clerk's.

    :param scopes: what it allows.
    :param expires_at: until when; None where the provider does not say.
    """

    external_account_id: str
    provider: str
    token: str
    scopes: tuple[str, ...]
    expires_at: dt.datetime | None
    label: str | None


class _Row(t.NamedTuple):
    id: str
    access_token: str | None
    refresh_token: str | None
    approved_scopes: str
    token_expire_at: dt.datetime | None
    email_address: str | None
    username: str | None


def get_user_oauth_access_token(kit: Kit, user_id: str, provider: str) -> list[OAuthAccessToken]:
    """Return a fresh token of each account that a user has at a provider.

    One that has run out is refreshed, by one process alone. Where some cannot be had, the others
    are returned; it is refused where none can. Call it outside of a transaction: it may ask the
    provider.

    :param provider: the name of the connection.
    :raises NotFoundError: ``oauth_provider_not_enabled``; ``external_account_not_found``.
    :raises UserKitError: ``oauth_missing_refresh_token``: it has run out, and the person has to
        reconnect; ``oauth_token_retrieval_error``: the provider refuses to refresh it.
    :raises UnavailableError: the provider does not answer.
    """
    connection = require_connection(kit, provider)
    ids = _ids(kit, user_id, provider)
    if not ids:
        raise external_accounts.not_found()
    found: list[OAuthAccessToken] = []
    failed: UserKitError | None = None
    for account_id in ids:
        try:
            found.append(_fresh(kit, connection, account_id))
        except UserKitError as error:
            failed = failed or error
    if failed is not None and not found:
        raise failed
    return found


def _fresh(kit: Kit, connection: Connection, id: str) -> OAuthAccessToken:
    deadline = time.monotonic() + LEASE.total_seconds()
    refreshed = False
    while True:
        row = _read(kit, id)
        token = kit.keys.decrypt(row.access_token) if row.access_token else None
        # None is fresher than one that has just come, however soon it ends.
        if token is not None and (refreshed or _lasts(kit, row)):
            return _shown(connection, row, token)
        refresh_token = kit.keys.decrypt(row.refresh_token) if row.refresh_token else None
        if refresh_token is None:
            _mark(kit, id, "external_account_missing_refresh_token")
            raise FormError(
                _("The access to %(provider)s has run out.", provider=connection.label),
                code="oauth_missing_refresh_token",
            )
        if _lease(kit, row):
            _refresh(kit, connection, row, refresh_token)
            refreshed = True
        elif time.monotonic() > deadline:
            raise unavailable(connection)
        else:
            time.sleep(LOOK_AGAIN)


def _refresh(kit: Kit, connection: Connection, row: _Row, refresh_token: str) -> None:
    scopes = tuple(row.approved_scopes.split())
    try:
        tokens = kit.connections.client(connection).refresh(refresh_token, scopes)
    except ProviderRefused as error:
        _mark(kit, row.id, "oauth_token_exchange_error")
        raise UserKitError(
            _("%(provider)s takes the access back.", provider=connection.label),
            code="oauth_token_retrieval_error",
        ) from error
    except ProviderError as error:
        # It may work again, so nobody is asked to reconnect.
        _release(kit, row.id)
        raise unavailable(connection) from error
    _keep(kit, row, tokens)


def _lease(kit: Kit, row: _Row) -> bool:
    """Take the refreshing of a token for oneself: of two processes at once, one gets it."""
    now = kit.now()
    free = or_(
        ExternalAccount.refresh_lease_expire_at.is_(None),
        ExternalAccount.refresh_lease_expire_at <= now,
    )
    # The token that was read, or one that was refreshed meanwhile would be refreshed again; a
    # provider that rotates takes the second use of a refresh token for a theft.
    same = ExternalAccount.refresh_token == row.refresh_token
    with kit.database.side() as connection:
        leased = connection.execute(
            update(ExternalAccount)
            .where(ExternalAccount.id == row.id, free, same)
            .values(refresh_lease_expire_at=now + LEASE)
        )
    return leased.rowcount == 1


def _keep(kit: Kit, row: _Row, tokens: Tokens) -> None:
    values = external_accounts.token_values(kit, tokens, row.refresh_token)
    # Not over what a sign-in has brought meanwhile, which is newer.
    same = ExternalAccount.refresh_token == row.refresh_token
    with kit.database.side() as connection:
        connection.execute(
            update(ExternalAccount).where(ExternalAccount.id == row.id, same).values(**values)
        )


def _mark(kit: Kit, id: str, code: str) -> None:
    with kit.database.side() as connection:
        connection.execute(
            update(ExternalAccount)
            .where(ExternalAccount.id == id)
            .values(error_code=code, refresh_lease_expire_at=None)
        )


def _release(kit: Kit, id: str) -> None:
    with kit.database.side() as connection:
        connection.execute(
            update(ExternalAccount)
            .where(ExternalAccount.id == id)
            .values(refresh_lease_expire_at=None)
        )


def _ids(kit: Kit, user_id: str, provider: str) -> list[str]:
    statement = select(ExternalAccount.id).where(
        ExternalAccount.user_id == (user_id if is_plain(user_id) else ""),
        ExternalAccount.provider == provider,
    )
    with kit.database.reading() as connection:
        return list(connection.scalars(statement.order_by(ExternalAccount.id)).all())


def _read(kit: Kit, id: str) -> _Row:
    columns = (
        ExternalAccount.id,
        ExternalAccount.access_token,
        ExternalAccount.refresh_token,
        ExternalAccount.approved_scopes,
        ExternalAccount.token_expire_at,
        ExternalAccount.email_address,
        ExternalAccount.username,
    )
    with kit.database.reading() as connection:
        row = connection.execute(select(*columns).where(ExternalAccount.id == id)).one_or_none()
    if row is None:
        raise external_accounts.not_found()
    return _Row(*row)


def _lasts(kit: Kit, row: _Row) -> bool:
    return row.token_expire_at is None or row.token_expire_at - MARGIN > kit.now()


def _shown(connection: Connection, row: _Row, token: str) -> OAuthAccessToken:
    return OAuthAccessToken(
        external_account_id=row.id,
        provider=connection.name,
        token=token,
        scopes=tuple(row.approved_scopes.split()),
        expires_at=row.token_expire_at,
        label=row.email_address or row.username,
    )
