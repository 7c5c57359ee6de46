"""Who a request is: one indexed query for HTML, htmx, JSON and Python alike."""

from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import Update
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import false
from sqlalchemy import select
from sqlalchemy import update

from ..models import Client
from ..models import EmailAddress
from ..models import Session
from ..models import SessionStatus
from ..models import User
from ..models.person import Person
from ..security.tokens import token_digest
from .database import UNAVAILABLE
from .kit import Kit
from .prepared import PreparedRead

#: A row is written at most this often for each session: a write per request is nine times
#: slower than the look-up itself.
TOUCH_SECONDS = 60
_TOUCH = dt.timedelta(seconds=TOUCH_SECONDS)


class _Columns(t.NamedTuple):
    user_id: str
    session_id: str
    client_id: str
    first_name: str | None
    last_name: str | None
    username: str | None
    email_address: str | None
    last_active_at: dt.datetime
    expire_at: dt.datetime
    avatar_digest: str | None


class Identity(Person, _Columns):
    """The signed-in person as the button shows them; it never changes under a template."""

    __slots__ = ()

    @property
    def identifier(self) -> str:
        return self.username or self.email_address or self.user_id

    @property
    def _names(self) -> tuple[str | None, str | None]:
        return self.first_name, self.last_name

    @property
    def _id(self) -> str:
        return self.user_id


# Built once: to build it in each request costs more than to run it. No table row is locked and
# no transaction is left open, so the view begins with neither.
_PERSON = PreparedRead(
    select(
        User.id,
        Session.id,
        Client.id,
        User.first_name,
        User.last_name,
        User.username,
        EmailAddress.email_address,
        Session.last_active_at,
        Session.expire_at,
        User.avatar_digest,
    )
    .select_from(Client)
    .join(
        Session,
        and_(Session.id == Client.active_session_id, Session.client_id == Client.id),
    )
    .join(User, User.id == Session.user_id)
    .outerjoin(
        EmailAddress,
        and_(
            EmailAddress.id == User.primary_email_address_id,
            EmailAddress.user_id == User.id,
        ),
    )
    .where(
        Client.token_digest == bindparam("digest"),
        Session.status == SessionStatus.ACTIVE.value,
        User.banned == false(),
    )
)


def identify(kit: Kit, token: str | None) -> Identity | None:
    """Return who a client token stands for, or None."""
    if token is None:
        return None
    with kit.database.reading() as connection:
        row = _PERSON.first(connection, {"digest": token_digest(token)})
    if row is None:
        return None
    identity = Identity(*row)
    if _is_over(kit, identity):
        _expire(kit, identity)
        return None
    return identity


def is_due(kit: Kit, identity: Identity) -> bool:
    """Tell whether it is time to write when a session was last seen."""
    return identity.last_active_at <= kit.now() - _TOUCH


def touch(kit: Kit, identity: Identity) -> None:
    """Write when a session was last seen, at most once a minute, and never fail for it."""
    if not is_due(kit, identity):
        return
    now = kit.now()
    before = now - _TOUCH
    statement = (
        update(Session)
        # Only an active session: a touch on its way must not revive one that was revoked.
        .where(
            Session.id == identity.session_id,
            Session.status == SessionStatus.ACTIVE.value,
            Session.last_active_at <= before,
        )
        .values(last_active_at=now)
    )
    _write(kit, statement)


def _is_over(kit: Kit, identity: Identity) -> bool:
    now = kit.now()
    idle = kit.config.session_idle_timeout
    idle_over = idle > 0 and identity.last_active_at + dt.timedelta(seconds=idle) <= now
    return idle_over or identity.expire_at <= now


def _expire(kit: Kit, identity: Identity) -> None:
    # Written down once it is seen, so that a clock set back does not revive the session.
    _write(
        kit,
        update(Session)
        .where(Session.id == identity.session_id, Session.status == SessionStatus.ACTIVE.value)
        .values(status=SessionStatus.EXPIRED.value, ended_at=kit.now()),
    )


def _write(kit: Kit, statement: Update) -> None:
    try:
        with kit.database.side() as connection:
            connection.execute(statement)
    except (*UNAVAILABLE, RuntimeError):
        return
