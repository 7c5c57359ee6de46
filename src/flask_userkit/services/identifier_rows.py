"""The email addresses or phone numbers of a user as their account page lists them."""

from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import select

from ..models import User
from ..models import Verification
from ..translations import gettext as _
from . import email_links
from . import inventory
from .email_addresses import EMAIL_ADDRESS
from .identifier_kinds import IdentifierKind
from .kit import Kit
from .phone_numbers import PHONE_NUMBER
from .prepared import PreparedRead
from .verifications import MAX_ATTEMPTS
from .verifications import RESEND_AFTER

_SECOND = dt.timedelta(seconds=1)


class _Columns(t.NamedTuple):
    id: str
    value: str
    verified_key: str | None
    primary_id: str | None
    sent_at: dt.datetime | None
    expire_at: dt.datetime | None
    strategy: str | None
    client_id: str | None
    attempts: int | None


class IdentifierRow(t.NamedTuple):
    """One address or number of a user.

    :param value: as one reads it.
    """

    id: str
    value: str
    verified: bool
    primary: bool
    #: Whether a code or link waits that can be used in this browser, until when one waits
    #: anywhere, and how soon there may be another.
    pending: bool
    expire_at: dt.datetime | None
    resend_in: int
    #: Whether no attempts are left, and so no other code is sent until that one is too old.
    exhausted: bool
    #: Why it cannot be removed, told before the click; None where it can.
    removal_refusal: str | None


def _prepare(kind: IdentifierKind) -> PreparedRead:
    return PreparedRead(
        select(
            kind.model.id,
            kind.value,
            kind.model.verified_key,
            kind.pointer,
            Verification.created_at,
            Verification.expire_at,
            Verification.strategy,
            Verification.client_id,
            Verification.attempts,
        )
        .join(User, User.id == kind.model.user_id)
        .outerjoin(
            Verification,
            and_(
                kind.proves == kind.model.id,
                Verification.purpose == kind.purpose.value,
                Verification.consumed_at.is_(None),
            ),
        )
        .where(kind.model.user_id == bindparam("user_id"))
    )


# Built once, and one query for any number of rows. At most one code of each waits: another one
# retires it.
_ROWS = {kind.name: _prepare(kind) for kind in (EMAIL_ADDRESS, PHONE_NUMBER)}


def rows(kit: Kit, kind: IdentifierKind, user_id: str, client_id: str) -> list[IdentifierRow]:
    """Return a user's addresses or numbers: the primary one, those that are proven, the others.

    :param client_id: the browser that they are shown in.
    """
    with kit.database.reading() as connection:
        found = [_Columns(*row) for row in _ROWS[kind.name].all(connection, {"user_id": user_id})]
    owned = inventory.read(kit, user_id)
    now = kit.now()
    made = [
        IdentifierRow(
            id=row.id,
            value=kind.display(row.value),
            verified=row.verified_key is not None,
            primary=row.id == row.primary_id,
            pending=_waits(row, now)
            and email_links.is_good_at(client_id, row.strategy, row.client_id),
            expire_at=row.expire_at,
            resend_in=_resend_in(row.sent_at, now),
            exhausted=_waits(row, now) and row.attempts == MAX_ATTEMPTS,
            removal_refusal=_refusal(
                kit, kind, owned, row.id, verified=row.verified_key is not None
            ),
        )
        for row in found
    ]
    return sorted(made, key=_place)


def _waits(row: _Columns, now: dt.datetime) -> bool:
    return row.expire_at is not None and row.expire_at > now


def _resend_in(sent_at: dt.datetime | None, now: dt.datetime) -> int:
    return max(0, -((now - sent_at - RESEND_AFTER) // _SECOND)) if sent_at else 0


def _refusal(
    kit: Kit, kind: IdentifierKind, owned: inventory.Inventory, id: str, *, verified: bool
) -> str | None:
    if kind.requirement(kit.config) in ("off", "locked"):
        return _("This cannot be changed here.")
    if not verified:
        return None
    error = inventory.refusal(kit.config, owned, kind.name, id)
    return error.message if error else None


def _place(row: IdentifierRow) -> tuple[int, str]:
    if row.primary:
        return 0, ""
    if row.verified:
        return 1, row.id
    if row.expire_at is not None:
        return 2, f"{row.expire_at.isoformat()} {row.id}"
    return 3, row.id
