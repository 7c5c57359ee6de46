"""The files of a data export: what of which table is in them, and how it is written."""

from __future__ import annotations

import datetime as dt
import json
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy import Label
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from ..models import Base
from ..models import EmailAddress
from ..models import Event
from ..models import ExternalAccount
from ..models import PhoneNumber
from ..models import Session
from ..models import User
from ..translations import gettext as _
from .activity import is_known
from .kit import Kit

#: Rows that are read at once.
BATCH = 1000
Record = dict[str, t.Any]
Columns = tuple[InstrumentedAttribute[t.Any] | Label[bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One JSON file with the rows of one table that are a user's.

    :param columns: what is exported, the key of the table first.
    :param owner: the column that says whose a row is.
    :param about: what it is, in the language of its reader.
    :param refine: returns a row as it is exported.
    :param single: whether it holds one object, and not a list.
    """

    name: str
    model: type[Base]
    columns: Columns
    owner: InstrumentedAttribute[t.Any]
    about: Callable[[], str]
    refine: Callable[[Record, str], Record] = lambda record, user_id: record
    single: bool = False


def _activity(record: Record, user_id: str) -> Record:
    actor = record.pop("actor_id")
    record["actor"] = None if actor is None else "user" if actor == user_id else "other"
    if not is_known(record["name"], record["data"], actor, user_id):
        # Also of what nobody is named for, such as an administrator's program or who mistyped.
        record |= dict.fromkeys(("session_id", "ip_address", "user_agent", "request_id"))
    return record


FILES: t.Final = (
    File(
        name="profile.json",
        model=User,
        columns=(
            User.id,
            User.external_id,
            User.username,
            User.first_name,
            User.last_name,
            User.primary_email_address_id,
            User.primary_phone_number_id,
            User.password_digest.is_not(None).label("password_enabled"),
            User.password_updated_at,
            User.public_metadata,
            User.unsafe_metadata,
            User.banned,
            User.disconnected_providers,
            User.locked_until,
            User.delete_self_enabled,
            User.last_sign_in_at,
            User.created_at,
            User.updated_at,
        ),
        owner=User.id,
        about=lambda: _("your name, your username and what else is stored with your account"),
        single=True,
    ),
    File(
        name="email_addresses.json",
        model=EmailAddress,
        columns=(
            EmailAddress.id,
            EmailAddress.email_address,
            EmailAddress.verified_at,
            EmailAddress.created_at,
        ),
        owner=EmailAddress.user_id,
        about=lambda: _("your email addresses"),
    ),
    File(
        name="phone_numbers.json",
        model=PhoneNumber,
        columns=(
            PhoneNumber.id,
            PhoneNumber.phone_number,
            PhoneNumber.verified_at,
            PhoneNumber.reserved_for_second_factor,
            PhoneNumber.default_second_factor,
            PhoneNumber.created_at,
        ),
        owner=PhoneNumber.user_id,
        about=lambda: _("your phone numbers"),
    ),
    File(
        name="connected_accounts.json",
        model=ExternalAccount,
        columns=(
            ExternalAccount.id,
            ExternalAccount.provider,
            ExternalAccount.issuer,
            ExternalAccount.provider_user_id,
            ExternalAccount.email_address,
            ExternalAccount.username,
            ExternalAccount.first_name,
            ExternalAccount.last_name,
            ExternalAccount.image_url,
            ExternalAccount.approved_scopes,
            ExternalAccount.error_code,
            ExternalAccount.created_at,
            ExternalAccount.updated_at,
        ),
        owner=ExternalAccount.user_id,
        about=lambda: _("your connected accounts"),
    ),
    File(
        name="sessions.json",
        model=Session,
        columns=(
            Session.id,
            Session.client_id,
            Session.status,
            Session.strategy,
            Session.ip_address,
            Session.user_agent,
            Session.browser,
            Session.system,
            Session.first_factor_verified_at,
            Session.second_factor_verified_at,
            Session.last_active_at,
            Session.expire_at,
            Session.ended_at,
            Session.created_at,
        ),
        owner=Session.user_id,
        about=lambda: _("where you are and were signed in"),
    ),
    File(
        name="activity.json",
        model=Event,
        columns=(
            Event.id,
            Event.name,
            Event.actor_id,
            Event.session_id,
            Event.ip_address,
            Event.user_agent,
            Event.request_id,
            Event.data,
            Event.created_at,
        ),
        owner=Event.user_id,
        about=lambda: _("what happened to your account"),
        refine=_activity,
    ),
)


def json_of(file: File, kit: Kit, user_id: str) -> Iterator[str]:
    """Return a file piece by piece, so that it is as long as it likes and memory is not."""
    first = True
    for rows in batches(file, kit, user_id):
        for row in rows:
            record = file.refine(dict(row), user_id)
            if file.single:
                yield f"{to_json(record)}\n"
                return
            yield ("[\n" if first else ",\n") + to_json(record)
            first = False
    yield "[]\n" if first else "\n]\n"


def batches(file: File, kit: Kit, user_id: str) -> Iterator[Sequence[Mapping[t.Any, t.Any]]]:
    """Read the rows of a file, a thousand at a time and each time by a connection given back."""
    key = file.columns[0]
    after: ColumnElement[bool] | None = None
    while True:
        statement = select(*file.columns).where(file.owner == user_id)
        if after is not None:
            statement = statement.where(after)
        with kit.database.reading() as connection:
            rows = connection.execute(statement.order_by(key).limit(BATCH)).mappings().all()
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        after = key > rows[-1][key.key]


def to_json(value: object) -> str:
    """Return JSON that people read and that two exports can be compared by.

    :raises TypeError: JSON has no such value.
    """
    return json.dumps(value, default=_plain, ensure_ascii=False, indent=2, sort_keys=True)


def utc(time: dt.datetime) -> str:
    """Return a time as ISO 8601 writes it, in UTC."""
    return time.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: object) -> str:
    if isinstance(value, dt.datetime):
        return utc(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"A {type(value).__name__} is no JSON.")
