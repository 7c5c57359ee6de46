"""Sessions: begun after every factor is proven, ended at once everywhere."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy import and_
from sqlalchemy import select
from sqlalchemy import true
from sqlalchemy import update
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm import Session as DbSession

from ..errors import ForbiddenError
from ..errors import NotFoundError
from ..errors import VerificationError
from ..events import EventName
from ..models import Client
from ..models import Session
from ..models import SessionStatus
from ..models import User
from ..security.ids import new_id
from ..security.text import is_plain
from ..translations import gettext as _
from . import clients
from . import events
from . import suspended_forms
from .kit import Kit
from .kit import kit_of
from .locks import LockedUser

USER_AGENT_LENGTH = 512


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a sign-in leaves: the rows, and the token that the browser is to keep."""

    user_id: str
    session_id: str
    token: str


def create(db: DbSession, client: Client, user: LockedUser, strategy: str) -> SignedIn:
    """Sign a user in at a client, in place of whoever was.

    The client's token changes, so one that was known before is worth nothing after.

    :raises ForbiddenError: ``user_banned``.
    :raises VerificationError: another request of this client signed in meanwhile.
    """
    kit = kit_of(db)
    now = kit.now()
    if user.banned:
        raise ForbiddenError(_("This account cannot sign in."), code="user_banned")
    _end(db, Session.client_id == client.id, SessionStatus.REPLACED, EventName.SESSION_ENDED)
    who = kit.caller()
    session = Session(
        id=new_id("sess"),
        user_id=user.id,
        client_id=client.id,
        status=SessionStatus.ACTIVE.value,
        strategy=strategy,
        ip_address=who.ip_address,
        user_agent=(who.user_agent or "")[:USER_AGENT_LENGTH] or None,
        first_factor_verified_at=now,
        last_active_at=now,
        expire_at=now + dt.timedelta(seconds=kit.config.session_lifetime),
        created_at=now,
    )
    db.add(session)
    db.flush()
    token = clients.rotate(db, client, active_session_id=session.id)
    if token is None:
        raise VerificationError(
            _("This was done in another tab. Reload the page."), code="session_exists"
        )
    db.execute(update(User).where(User.id == user.id).values(last_sign_in_at=now))
    events.emit(db, EventName.SESSION_CREATED, user.id, session_id=session.id, strategy=strategy)
    return SignedIn(user.id, session.id, token)


def end(db: DbSession, session_id: str, user_id: str) -> None:
    """Sign out: end a session, and forget its browser."""
    _end(
        db,
        (Session.id == session_id) & (Session.user_id == user_id),
        SessionStatus.ENDED,
        EventName.SESSION_ENDED,
    )
    owner = select(Session.client_id).where(Session.id == session_id, Session.user_id == user_id)
    client_id = db.execute(owner).scalar_one_or_none()
    if client_id is not None:
        clients.retire(db, client_id)


def revoke_session(db: DbSession, session_id: str) -> None:
    """End a session from elsewhere; its next request is nobody's.

    :raises NotFoundError: no such active session.
    """
    which = Session.id == (session_id if is_plain(session_id) else "")
    if not _end(db, which, SessionStatus.REVOKED, EventName.SESSION_REVOKED):
        raise NotFoundError(_("There is no such session."))


def revoke_all(db: DbSession, user_id: str, *, except_session_id: str | None = None) -> int:
    """End every session of a user but one, and return how many."""
    which = Session.user_id == user_id
    if except_session_id is not None:
        which &= Session.id != except_session_id
    return _end(db, which, SessionStatus.REVOKED, EventName.SESSION_REVOKED)


def lives(
    kit: Kit,
    user_id: str | InstrumentedAttribute[str | None],
    client_id: str | InstrumentedAttribute[str],
) -> ColumnElement[bool]:
    """Return the condition of a session of a user at a client that is not over now."""
    now = kit.now()
    idle = kit.config.session_idle_timeout
    seen = Session.last_active_at > now - dt.timedelta(seconds=idle) if idle else true()
    return and_(
        Session.user_id == user_id,
        Session.client_id == client_id,
        Session.status == SessionStatus.ACTIVE.value,
        Session.expire_at > now,
        seen,
    )


def is_signed_in(db: DbSession, user: LockedUser, client_id: str) -> bool:
    """Tell whether a user is signed in at a client now, and stays so in this transaction."""
    found = select(Session.id).where(lives(kit_of(db), user.id, client_id))
    # A locking read: in an app's own transaction MariaDB would show an old snapshot.
    return not user.banned and db.execute(found.with_for_update(read=True)).first() is not None


def _end(db: DbSession, which: ColumnElement[bool], status: SessionStatus, name: EventName) -> int:
    active = (which, Session.status == SessionStatus.ACTIVE.value)
    # A locking read: in an app's own transaction MariaDB would show the sessions of when that
    # began, and one that began since would outlive a change of the password.
    which_ones = select(Session.id, Session.user_id).where(*active).order_by(Session.id)
    rows = db.execute(which_ones.with_for_update()).all()
    if rows:
        suspended_forms.forget(db, Session.id.in_([session_id for session_id, _user_id in rows]))
    ended = 0
    for session_id, user_id in rows:
        result = db.connection().execute(
            update(Session)
            .where(Session.id == session_id, Session.status == SessionStatus.ACTIVE.value)
            .values(status=status.value, ended_at=kit_of(db).now())
        )
        if result.rowcount == 1:
            ended += 1
            events.emit(db, name, user_id, session_id=session_id, status=status.value)
    return ended
