"""Locks: after too many wrong passwords none signs in for an hour, but where one has before."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..errors import ForbiddenError
from ..errors import RateLimitError
from ..events import EventDraft
from ..events import EventName
from ..models import EmailAddress
from ..models import PhoneNumber
from ..models import User
from ..translations import gettext as _
from . import events
from . import outbox
from . import sign_in_look_up as look_up
from . import user_rows
from .after_commit import after_commit
from .kit import Kit
from .kit import kit_of
from .limits import Hit
from .limits import caller_network
from .limits import wait_words
from .locks import LockedUser
from .phone_numbers import PHONE_NUMBER
from .sign_in_look_up import Found

LIFETIME = dt.timedelta(hours=1)
ACCOUNT = "sign_in:account"
_OF_AN_ACCOUNT = (ACCOUNT, "sign_in:account_ip")


def is_locked(kit: Kit, user: User | LockedUser) -> bool:
    """Tell whether no password signs a user in now, but on a device that is known."""
    return user.locked_until is not None and user.locked_until > kit.now()


def count(kit: Kit, found: Found | None, identifier: str, device: str | None) -> Hit:
    """Count a password that is about to be looked at.

    :param device: the known device that it comes from. What strangers use up is not its own.
    :raises ForbiddenError: ``user_locked``: too many were wrong, told of known and unknown alike.
    :raises RateLimitError: ``too_many_requests``.
    """
    network = caller_network(kit)
    account = look_up.typed_key(identifier)
    if device is not None and found is not None:
        own = f"user {found.user_id} {device}"
        return kit.limits.hit({"sign_in:ip": network, "sign_in:device": own})
    try:
        return kit.limits.hit(
            {
                "sign_in:ip": network,
                "sign_in:account_ip": f"{account} {network}",
                ACCOUNT: account,
            }
        )
    except RateLimitError as error:
        if error.purpose in _OF_AN_ACCOUNT:
            raise _paused(kit, error, found.user_id if found else None) from error
        raise


def failed(kit: Kit, found: Found | None, identifier: str, hit: Hit) -> None:
    """Lock an account whose password was wrong for the last time, and tell its owner.

    An unknown one costs the same: an event, and a mail that is never sent.
    """
    if ACCOUNT not in hit.last:
        return
    told = _may_tell(kit, f"user {found.user_id}" if found else look_up.typed_key(identifier))

    def work() -> None:
        with kit.database.side_transaction() as db:
            _lock_and_tell(db, found, identifier, told=told)

    kit.database.retrying(work)


def lock_user(db: Session, user_id: str) -> User:
    """Lock a user for an hour: no password signs in, but on a device that is known.

    :raises NotFoundError: ``resource_not_found``.
    """
    now = kit_of(db).now()
    _set(db, user_id, locked_until=now + LIFETIME)
    events.emit(db, EventName.USER_LOCKED, user_id)
    return user_rows.get_user(db, user_id)


def unlock_user(db: Session, user_id: str) -> User:
    """Unlock a user, and forget the wrong passwords.

    :raises NotFoundError: ``resource_not_found``.
    """
    _set(db, user_id, locked_until=None)
    events.emit(db, EventName.USER_UNLOCKED, user_id)
    forget_failures(db, user_id)
    return user_rows.get_user(db, user_id)


def forget_failures(db: Session, user_id: str) -> None:
    """Forget the wrong passwords of a user, once the transaction is committed."""
    kit = kit_of(db)
    network = caller_network(kit)
    addresses = select(EmailAddress.verified_key).where(EmailAddress.user_id == user_id)
    numbers = select(PhoneNumber.verified_key).where(PhoneNumber.user_id == user_id)
    username = select(User.username_key).where(User.id == user_id)
    found = {key for each in (addresses, numbers, username) for key in db.scalars(each) if key}

    def clear() -> None:
        for key in found:
            kit.limits.clear({ACCOUNT: f"typed {key}"})
            kit.limits.clear({"sign_in:account_ip": f"typed {key} {network}"})

    # Not earlier: counters are on the side, and no side transaction runs beside an open one.
    after_commit(db, clear)


def _paused(kit: Kit, error: RateLimitError, user_id: str | None) -> ForbiddenError:
    seconds = error.retry_after or 1
    wait = wait_words(seconds)
    if kit.config.code_sign_in:
        message = _(
            "Too many attempts. Sign in with a code, reset your password, or try again in"
            " %(wait)s.",
            wait=wait,
        )
    else:
        message = _("Too many attempts. Reset your password, or try again in %(wait)s.", wait=wait)
    refused = ForbiddenError(message, code="user_locked", retry_after=seconds)
    if error.audit is None:
        return refused
    draft = EventDraft(EventName.LIMIT_REACHED, user_id, {"purpose": error.purpose})
    return refused.audited(draft)


def _may_tell(kit: Kit, account: str) -> bool:
    try:
        kit.limits.hit({"notice:locked": account})
    except RateLimitError:
        return False
    return True


def _lock_and_tell(db: Session, found: Found | None, identifier: str, *, told: bool) -> None:
    kit = kit_of(db)
    now = kit.now()
    user_id = found.user_id if found else None
    unlocked = or_(User.locked_until.is_(None), User.locked_until <= now)
    # The row count decides: of any number of failures at once, one locks.
    result = db.connection().execute(
        update(User).where(User.id == (user_id or ""), unlocked).values(locked_until=now + LIFETIME)
    )
    if result.rowcount == 1:
        events.emit(db, EventName.USER_LOCKED, user_id, purpose=ACCOUNT)
    else:
        events.emit(db, EventName.LIMIT_REACHED, user_id, purpose=ACCOUNT)
    address = found.email_address if found else None
    url = f"{kit.base_url}{kit.config.url_prefix}"
    if look_up.read(identifier).kind is PHONE_NUMBER:
        # To who has no address; otherwise, as to the unknown, one that is never sent.
        alone = found is not None and address is None and told and kit.config.notices
        outbox.send_sms(db, "sign_in_locked", identifier, user_id=user_id, real=alone)
    outbox.send_mail(
        db,
        "sign_in_locked",
        address or identifier,
        user_id=user_id,
        real=address is not None and told and kit.config.notices,
        time=now.isoformat(),
        ip_address=kit.caller().ip_address,
        minutes=LIFETIME // dt.timedelta(minutes=1),
        sign_in_url=f"{url}/sign-in",
        reset_url=f"{url}/password-reset",
        by_code=int(kit.config.email_code_sign_in),
    )


def _set(db: Session, user_id: str, *, locked_until: dt.datetime | None) -> None:
    user_rows.lock_row(db, user_id)
    db.execute(
        update(User)
        .where(User.id == user_id)
        .values(locked_until=locked_until, updated_at=kit_of(db).now())
    )
