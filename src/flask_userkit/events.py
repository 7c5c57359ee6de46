"""Everything that happens, one name each: it feeds signals, the audit trail and notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum

from blinker import NamedSignal
from blinker import Namespace


class EventName(StrEnum):
    """Names as in Clerk's logs: resource, then what happened to it."""

    USER_CREATED = "user.created"
    USER_UPDATED = "user.updated"
    USER_DELETED = "user.deleted"
    USER_LOCKED = "user.locked"
    USER_UNLOCKED = "user.unlocked"
    USER_BANNED = "user.banned"
    USER_UNBANNED = "user.unbanned"
    USERNAME_UPDATED = "user.username.updated"
    USERNAME_REMOVED = "user.username.removed"
    EMAIL_ADDRESS_CREATED = "user.email_address.created"
    EMAIL_ADDRESS_VERIFIED = "user.email_address.verified"
    EMAIL_ADDRESS_UPDATED = "user.email_address.updated"
    EMAIL_ADDRESS_DELETED = "user.email_address.deleted"
    PHONE_NUMBER_CREATED = "user.phone_number.created"
    PHONE_NUMBER_VERIFIED = "user.phone_number.verified"
    PHONE_NUMBER_UPDATED = "user.phone_number.updated"
    PHONE_NUMBER_DELETED = "user.phone_number.deleted"
    PROFILE_IMAGE_UPDATED = "user.profile_image.updated"
    PROFILE_IMAGE_DELETED = "user.profile_image.deleted"
    PASSWORD_CREATED = "user.password.created"
    PASSWORD_CHANGED = "user.password.changed"
    PASSWORD_RESET = "user.password.reset"
    PASSWORD_REMOVED = "user.password.removed"
    EXTERNAL_ACCOUNT_CONNECTED = "user.external_account.connected"
    EXTERNAL_ACCOUNT_REAUTHORIZED = "user.external_account.reauthorized"
    EXTERNAL_ACCOUNT_DISCONNECTED = "user.external_account.disconnected"
    EXTERNAL_ACCOUNT_FAILED = "user.external_account.connection_failed"
    DATA_EXPORT_CREATED = "user.data_export.created"
    DATA_EXPORT_PREPARED = "user.data_export.prepared"
    DATA_EXPORT_DOWNLOADED = "user.data_export.downloaded"
    SESSION_CREATED = "session.created"
    SESSION_ENDED = "session.ended"
    SESSION_REVOKED = "session.revoked"
    SESSION_EXPIRED = "session.expired"
    SESSION_REVERIFIED = "session.reverified"
    SESSION_REVERIFICATION_FAILED = "session.reverification_failed"
    SIGN_IN_FAILED = "sign_in.failed"
    SIGN_IN_REFUSED = "sign_in.refused"
    SIGN_UP_CREATED = "sign_up.created"
    SIGN_UP_REFUSED = "sign_up.refused"
    VERIFICATION_FAILED = "verification.failed"
    LIMIT_REACHED = "limit.reached"
    REQUEST_REFUSED = "request.refused"


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event that is to be written, such as a failure once its transaction is rolled back.

    :param actor_id: who has just proven to be somebody, where no session says so yet.
    """

    name: EventName
    user_id: str | None = None
    data: Mapping[str, str | int | bool | None] = field(
        default_factory=dict[str, str | int | bool | None]
    )
    actor_id: str | None = None


_signals = Namespace()


def signal(name: EventName) -> NamedSignal:
    """Return the blinker signal of an event.

    Receivers are called after the commit, with the ``UserKit`` as sender and
    ``user_id`` and ``data`` as keyword arguments.
    """
    return _signals.signal(name.value)
