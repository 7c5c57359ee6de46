"""Refusals: what somebody may not do, as the audit trail writes it down."""

from __future__ import annotations

import re
import typing as t

from ..errors import ForbiddenError
from ..errors import NotFoundError
from ..errors import ReverificationError
from ..errors import UserKitError
from ..events import EventDraft
from ..events import EventName

#: What is refused for what is asked, and not for what was typed, besides what is not allowed.
_CODES: t.Final = frozenset(
    {
        "last_required_identification_deletion_failed",
        "identification_deletion_failed",
        "password_required",
    }
)
_ID = re.compile(r"[a-z]{2,8}_[0-9a-f]{32}", re.ASCII)


def not_there(error: NotFoundError, user_id: str, id: str) -> NotFoundError:
    """Write down that somebody has asked for a row that is not there, or another's.

    The two are told alike, and take the same time.

    :param user_id: who asks.
    :param id: the row's, as it came.
    """
    data = {"code": error.code, "id": id if _ID.fullmatch(id) else None}
    return error.audited(EventDraft(EventName.REQUEST_REFUSED, user_id, data))


def draft_of(error: UserKitError, user_id: str | None) -> EventDraft | None:
    """Return the event of an error that is a refusal, or None.

    :param user_id: who has asked.
    """
    # To be asked for a proof or to wait is no refusal, and has events of its own.
    if isinstance(error, ReverificationError) or error.retry_after is not None:
        return None
    if not isinstance(error, ForbiddenError) and error.code not in _CODES:
        return None
    data = {"code": error.code, "param": error.param}
    return EventDraft(EventName.REQUEST_REFUSED, user_id, data)
