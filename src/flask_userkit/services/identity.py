"""Who a request is: one indexed query for HTML, htmx, JSON and Python alike."""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Callable

from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import false
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session as DbSession

from ..models import Client
from ..models import EmailAddress
from ..models import PhoneNumber
from ..models import Session
from ..models import SessionStatus
from ..models import User
from ..models.person import Person
from ..security.phone_numbers import format_phone_number
from ..security.tokens import token_digest
from . import sessions
from .database import UNAVAILABLE
from .kit import Kit
from .prepared import PreparedRead

#: A row is written at most this often for each session: a write per request is nine times
#: slower than the look-up itself.
TOUCH_SECONDS = 60
#: Of a time without a request that ends a session, so much may be lost by writing seldom.
IDLE_LOSS = 10


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
    phone_number: str | None
    delete_self_enabled: bool


class Identity(Person, _Columns):
    """The signed-in person as the button shows them; it never changes under a template."""

    __slots__ = ()

    @property
    def identifier(self) -> str:
        if self.username or self.email_address or self.phone_number is None:
            return self.username or self.email_address or self.user_id
        return format_phone_number(self.phone_number)

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
        PhoneNumber.phone_number,
        User.delete_self_enabled,
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
    .outerjoin(
        PhoneNumber,
        and_(
            PhoneNumber.id == User.primary_phone_number_id,
            PhoneNumber.user_id == User.id,
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
        _write(kit, identity, lambda db: sessions.expire(db, identity.session_id))
        return None
    return identity


def is_due(kit: Kit, identity: Identity) -> bool:
    """Tell whether it is time to write when a session was last seen."""
    # Seen in the future is one from before the clock was set back, which idleness would not end.
    return abs(kit.now() - identity.last_active_at) >= touch_interval(kit)


def touch(kit: Kit, identity: Identity) -> None:
    """Write when a session was last seen, at most once a minute, and never fail for it."""
    if not is_due(kit, identity):
        return
    now, interval = kit.now(), touch_interval(kit)
    due = or_(Session.last_active_at <= now - interval, Session.last_active_at >= now + interval)
    seen = update(Session).where(Session.id == identity.session_id, due).values(last_active_at=now)
    _write(kit, identity, lambda db: db.connection().execute(seen))


def touch_interval(kit: Kit) -> dt.timedelta:
    """Return how long a session goes on before it is written again that it was seen.

    A session that idleness ends is never open for longer than that: it is judged by what is
    written, and so may end by this interval sooner, a tenth of its time at most.
    """
    idle = kit.config.session_idle_timeout
    return dt.timedelta(
        seconds=min(TOUCH_SECONDS, max(1, idle // IDLE_LOSS)) if idle else TOUCH_SECONDS
    )


def _is_over(kit: Kit, identity: Identity) -> bool:
    now = kit.now()
    idle = kit.config.session_idle_timeout
    idle_over = idle > 0 and identity.last_active_at + dt.timedelta(seconds=idle) <= now
    return idle_over or identity.expire_at <= now


def _write(kit: Kit, identity: Identity, work: Callable[[DbSession], object]) -> None:
    """Write about a session that is still active, unless somebody holds its row or the database.

    A page does not wait for it, and the next request tries again.
    """
    active = (Session.id == identity.session_id, Session.status == SessionStatus.ACTIVE.value)
    # Only an active session: a touch on its way must not revive one that was revoked.
    mine = select(Session.id).where(*active).with_for_update(skip_locked=True)
    try:
        with kit.database.side_transaction(patient=False) as db:
            if db.execute(mine).first() is not None:
                work(db)
    except (*UNAVAILABLE, RuntimeError):
        return
