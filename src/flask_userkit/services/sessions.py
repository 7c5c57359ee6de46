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
from ..events import EventDraft
from ..events import EventName
from ..models import Client
from ..models import Session
from ..models import SessionStatus
from ..models import User
from ..security.ids import new_id
from ..security.text import is_plain
from ..security.user_agents import parse_user_agent
from ..translations import gettext as _
from . import clients
from . import events
from . import known_devices
from . import notices
from . import sign_in_notices
from . import suspended_forms
from .kit import Kit
from .kit import kit_of
from .locks import LockedUser
from .locks import hold_writes

USER_AGENT_LENGTH = 512
#: Of those that end together, so many are written by one statement.
BATCH = 500


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a sign-in leaves: the rows, and the token that the browser is to keep."""

    user_id: str
    session_id: str
    token: str
    #: What its cookie of known devices is to hold.
    device: str = ""


def prepare(kit: Kit) -> None:
    """Read what the caller's browser calls itself, before the transaction that writes it down.

    The first time takes a while, and locks would be held meanwhile.
    """
    parse_user_agent(_user_agent(kit))


def create(
    db: DbSession,
    client: Client,
    user: LockedUser,
    strategy: str,
    device: str = "",
    *,
    tell: bool = True,
) -> SignedIn:
    """Sign a user in at a client, in place of whoever was.

    The client's token changes, so one that was known before is worth nothing after.

    :param device: the browser's cookie of known devices, if it has one.
    :param tell: whether people may be told of it.
    :raises ForbiddenError: ``user_banned``.
    :raises VerificationError: another request of this client signed in meanwhile.
    """
    kit = kit_of(db)
    now = kit.now()
    told = sign_in_notices.told(db, user, strategy, device) if tell else notices.NOBODY
    if user.banned:
        raise cannot_sign_in(user.id, strategy, code="user_banned")
    here = Session.client_id == client.id
    _end(db, here, SessionStatus.REPLACED, EventName.SESSION_ENDED, actor_id=user.id)
    who = kit.caller()
    browser, system = parse_user_agent(_user_agent(kit))
    session = Session(
        id=new_id("sess"),
        user_id=user.id,
        client_id=client.id,
        status=SessionStatus.ACTIVE.value,
        strategy=strategy,
        ip_address=who.ip_address,
        user_agent=_user_agent(kit),
        browser=browser,
        system=system,
        first_factor_verified_at=now,
        last_active_at=now,
        expire_at=now + dt.timedelta(seconds=kit.config.session_lifetime),
        created_at=now,
    )
    db.add(session)
    db.flush()
    token = clients.rotate(db, client, active_session_id=session.id)
    if token is None:
        raise clients.renewed_elsewhere()
    db.execute(update(User).where(User.id == user.id).values(last_sign_in_at=now))
    data = {"session_id": session.id, "strategy": strategy}
    events.emit(db, EventName.SESSION_CREATED, user.id, told, actor_id=user.id, **data)
    device = known_devices.add(kit, device, user.id, user.device_key)
    return SignedIn(user.id, session.id, token, device)


def cannot_sign_in(user_id: str, strategy: str, *, code: str) -> ForbiddenError:
    """Return what somebody with the right password is told of an account that may not sign in.

    Banned and locked are told alike, and written down apart.
    """
    data = {"strategy": strategy, "code": code}
    draft = EventDraft(EventName.SIGN_IN_REFUSED, user_id, data)
    return ForbiddenError(_("This account cannot sign in."), code=code).audited(draft)


def end(db: DbSession, session_id: str, user_id: str) -> None:
    """Sign out: end a session, and forget its browser."""
    _end(
        db,
        (Session.id == session_id) & (Session.user_id == user_id),
        SessionStatus.ENDED,
        EventName.SESSION_ENDED,
        actor_id=user_id,
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
    owner = select(Session.user_id).where(which, Session.status == SessionStatus.ACTIVE.value)
    user_id = db.execute(owner).scalar_one_or_none()
    if user_id is not None:
        # First, since whoever signs in locks the user before the session, too.
        known_devices.forget(db, user_id)
    if not _end(db, which, SessionStatus.REVOKED, EventName.SESSION_REVOKED):
        raise NotFoundError(_("There is no such session."))


def expire(db: DbSession, session_id: str) -> None:
    """Write down that a session is over, so that a clock set back does not revive it."""
    _end(db, Session.id == session_id, SessionStatus.EXPIRED, EventName.SESSION_EXPIRED)


def revoke_own(db: DbSession, user_id: str, session_id: str) -> bool:
    """End a session of a user from elsewhere, and tell whether there was such an active one."""
    which = (Session.id == session_id) & (Session.user_id == user_id)
    return bool(_end(db, which, SessionStatus.REVOKED, EventName.SESSION_REVOKED))


def revoke_all(
    db: DbSession,
    user_id: str,
    *,
    except_session_id: str | None = None,
    actor_id: str | None = None,
) -> int:
    """End every session of a user but one, and return how many.

    :param actor_id: who does it, where no session says so.
    """
    which = Session.user_id == user_id
    if except_session_id is not None:
        which &= Session.id != except_session_id
    return _end(db, which, SessionStatus.REVOKED, EventName.SESSION_REVOKED, actor_id=actor_id)


def forget_proofs(db: DbSession, user_id: str, *, except_session_id: str | None) -> None:
    """Have the other sessions of a user confirm anew that it is them."""
    theirs = (Session.user_id == user_id, Session.status == SessionStatus.ACTIVE.value)
    db.execute(
        update(Session)
        .where(*theirs, Session.id != except_session_id)
        .values(first_factor_verified_at=None, second_factor_verified_at=None)
        .execution_options(synchronize_session=False)
    )


def alive(kit: Kit) -> ColumnElement[bool]:
    """Return the condition of a session that is not over now."""
    now = kit.now()
    idle = kit.config.session_idle_timeout
    seen = Session.last_active_at > now - dt.timedelta(seconds=idle) if idle else true()
    return and_(Session.status == SessionStatus.ACTIVE.value, Session.expire_at > now, seen)


def lives(
    kit: Kit,
    user_id: str | InstrumentedAttribute[str | None],
    client_id: str | InstrumentedAttribute[str],
) -> ColumnElement[bool]:
    """Return the condition of a session of a user at a client that is not over now."""
    return and_(Session.user_id == user_id, Session.client_id == client_id, alive(kit))


def is_signed_in(db: DbSession, user: LockedUser, client_id: str) -> bool:
    """Tell whether a user is signed in at a client now, and stays so in this transaction."""
    found = select(Session.id).where(lives(kit_of(db), user.id, client_id))
    # A locking read: in an app's own transaction MariaDB would show an old snapshot.
    return not user.banned and db.execute(found.with_for_update(read=True)).first() is not None


def _end(
    db: DbSession,
    which: ColumnElement[bool],
    status: SessionStatus,
    name: EventName,
    *,
    actor_id: str | None = None,
) -> int:
    active = (which, Session.status == SessionStatus.ACTIVE.value)
    hold_writes(db)
    # A locking read: in an app's own transaction MariaDB would show the sessions of when that
    # began, and one that began since would outlive a change of the password. What is read is
    # then ended by nobody else, so that each has one event.
    which_ones = select(Session.id, Session.user_id).where(*active).order_by(Session.id)
    rows = db.execute(which_ones.with_for_update()).all()
    if rows:
        suspended_forms.forget(db, and_(*active))
    values = {"status": status.value, "ended_at": kit_of(db).now()}
    for start in range(0, len(rows), BATCH):
        these = Session.id.in_([session_id for session_id, _ in rows[start : start + BATCH]])
        db.connection().execute(update(Session).where(these).values(values))
    drafts = [
        EventDraft(name, user_id, {"session_id": session_id, "status": status.value}, actor_id)
        for session_id, user_id in rows
    ]
    events.emit_all(db, drafts)
    return len(rows)


def _user_agent(kit: Kit) -> str | None:
    return (kit.caller().user_agent or "")[:USER_AGENT_LENGTH] or None
