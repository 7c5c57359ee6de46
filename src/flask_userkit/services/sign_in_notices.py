"""Who hears of a sign-in by mail: its user, where the browser is not known."""

from __future__ import annotations

from sqlalchemy import false
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from ..errors import RateLimitError
from ..models import User
from . import known_devices
from . import notices
from .kit import Kit
from .kit import kit_of
from .locks import LockedUser


def may_tell(kit: Kit, user_id: str, device: str) -> bool:
    """Count a sign-in that people are told of, before its transaction, and tell whether they are.

    A program with the right password would send them mails without end.

    :param device: the browser's cookie of known devices.
    """
    if not kit.config.notices:
        return True
    # Who does not get in is told of to nobody, and must not use up what the owner is told later.
    gets_in = (
        User.banned == false(),
        or_(User.locked_until.is_(None), User.locked_until <= kit.now()),
        User.last_sign_in_at.is_not(None),
    )
    with kit.database.reading() as connection:
        key = select(User.device_key).where(User.id == user_id, *gets_in)
        row = connection.execute(key).one_or_none()
    if row is None or known_devices.find(kit, device, user_id, row.device_key) is not None:
        # Decided under the lock: what is known may be a stranger's by then.
        return True
    try:
        kit.limits.hit({"notice:sign_in": user_id})
    except RateLimitError:
        return False
    return True


def told(db: DbSession, user: LockedUser, strategy: str, device: str) -> notices.Before:
    """Return who is to hear of a sign-in: nobody, where it is by a browser that is known."""
    kit = kit_of(db)
    # The first one is told by the account that is there, and a reset by a notice of its own.
    is_news = user.last_sign_in_at is not None and not strategy.startswith("reset_password")
    if user.banned or not is_news or not kit.config.notices:
        return notices.NOBODY
    if known_devices.find(kit, device, user.id, user.device_key) is not None:
        return notices.NOBODY
    return notices.before(db, user.id)
