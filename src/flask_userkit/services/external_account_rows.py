"""The connected accounts of a user as their account page lists them."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from sqlalchemy import bindparam
from sqlalchemy import select

from ..models import ExternalAccount
from ..translations import gettext as _
from . import inventory
from .kit import Kit
from .prepared import PreparedRead


class _Columns(t.NamedTuple):
    id: str
    provider: str
    email_address: str | None
    username: str | None
    approved_scopes: str
    error_code: str | None


class ExternalAccountRow(t.NamedTuple):
    """One connected account of a user.

    :param label: what its provider is called.
    :param icon: the name of an icon of the kit, or markup of the app's own.
    :param identifier: what it is called there.
    :param available: whether the app still offers its provider.
    :param error: what is wrong with it.
    :param reconnect: whether connecting it once more would mend that.
    :param scopes_missing: whether it lets the app do less than it asks for.
    :param acts: whether the app can act for its person there.
    :param removal_refusal: why it cannot be disconnected, told before the click.
    """

    id: str
    provider: str
    label: str
    icon: str
    identifier: str | None
    available: bool
    error: str | None
    reconnect: bool
    scopes_missing: bool
    acts: bool
    removal_refusal: str | None


# Built once, and one query for any number of rows.
_ROWS = PreparedRead(
    select(
        ExternalAccount.id,
        ExternalAccount.provider,
        ExternalAccount.email_address,
        ExternalAccount.username,
        ExternalAccount.approved_scopes,
        ExternalAccount.error_code,
    )
    .where(ExternalAccount.user_id == bindparam("user_id"))
    .order_by(ExternalAccount.id)
)
#: Scopes that let the app do nothing but know who somebody is.
_IDENTITY: t.Final = frozenset({"openid", "email", "profile"})


def rows(kit: Kit, user_id: str, wanted: Mapping[str, tuple[str, ...]]) -> list[ExternalAccountRow]:
    """Return a user's connected accounts, the oldest first.

    :param wanted: by provider, the scopes that this page asks for besides.
    """
    with kit.database.reading() as connection:
        found = [_Columns(*row) for row in _ROWS.all(connection, {"user_id": user_id})]
    # Most people have none, and what cannot be removed is asked for where there is something.
    owned = inventory.read(kit, user_id) if found else None
    return [_row(kit, columns, owned, wanted) for columns in found]


def _row(
    kit: Kit,
    columns: _Columns,
    owned: inventory.Inventory | None,
    wanted: Mapping[str, tuple[str, ...]],
) -> ExternalAccountRow:
    connection = kit.connections.find(columns.provider)
    label = connection.label if connection else columns.provider.title()
    scopes = set(columns.approved_scopes.split())
    # Some providers do not say what they allow.
    missing = bool(scopes) and not scopes >= set(wanted.get(columns.provider, ()))
    known_as = inventory.account_id(columns.provider, columns.id)
    refusal = inventory.refusal(kit.config, owned, "external_account", known_as) if owned else None
    return ExternalAccountRow(
        id=columns.id,
        provider=columns.provider,
        label=label,
        icon=connection.icon if connection else "link",
        identifier=columns.email_address or columns.username,
        available=connection is not None,
        error=_error(columns.error_code, label),
        reconnect=connection is not None and (columns.error_code is not None or missing),
        scopes_missing=missing,
        acts=not scopes <= _IDENTITY,
        removal_refusal=refusal.message if refusal else None,
    )


def _error(code: str | None, label: str) -> str | None:
    match code:
        case None:
            return None
        case "external_account_missing_refresh_token":
            return _("The access to %(provider)s has run out.", provider=label)
        case "oauth_token_exchange_error":
            return _("%(provider)s takes the access back.", provider=label)
        case "external_account_email_address_verification_required":
            return _("%(provider)s has not verified your address there.", provider=label)
        case _other:
            return _("%(provider)s no longer shares your profile.", provider=label)
