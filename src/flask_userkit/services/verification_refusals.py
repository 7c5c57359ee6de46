"""What is said of a code that does not prove an address."""

from __future__ import annotations

import datetime as dt
from math import ceil

from ..errors import FormError
from ..errors import RateLimitError
from ..errors import VerificationError
from ..events import EventDraft
from ..events import EventName
from ..translations import gettext as _
from ..translations import ngettext
from .limits import too_many
from .purposes import Purpose

#: There is no flow to start again; another code must not bring new guesses.
RENEWED_BY_TIME = (Purpose.EMAIL_ADDRESS, Purpose.PHONE_NUMBER, Purpose.REVERIFICATION)


def too_soon(seconds: int) -> RateLimitError:
    """Return the refusal of a code that is asked for too soon."""
    return too_many(seconds, "verification_code_too_many_requests")


def incorrect(
    purpose: Purpose, expires_in: dt.timedelta, *, attempts: int, left: int, user_id: str | None
) -> FormError:
    """Return the refusal of a wrong code, which is written down.

    :param expires_in: how long the code will still be good.
    :param attempts: how many there were, and how many are left.
    """
    if left:
        message = ngettext(
            "That code is not right. %(n)s attempt left.",
            "That code is not right. %(n)s attempts left.",
            left,
        )
    elif purpose in RENEWED_BY_TIME:
        message = ngettext(
            "That code is not right, and it was the last attempt."
            " Ask for a new one in %(n)s minute.",
            "That code is not right, and it was the last attempt."
            " Ask for a new one in %(n)s minutes.",
            _minutes(expires_in),
        )
    else:
        message = _("That code is not right, and it was the last attempt. Start again.")
    return FormError(message, code="form_code_incorrect", param="code").audited(
        EventDraft(
            EventName.VERIFICATION_FAILED,
            user_id,
            {"purpose": purpose.value, "attempts": attempts},
        )
    )


def failed(purpose: Purpose, expires_in: dt.timedelta) -> VerificationError:
    """Return the refusal of a code without attempts.

    Where no flow can begin anew, guesses come with time and with nothing else.

    :param expires_in: how long the code would still have been good.
    """
    if purpose not in RENEWED_BY_TIME:
        return VerificationError(
            _("There were too many attempts. Start again."),
            code="verification_failed",
            param="code",
        )
    return VerificationError(
        ngettext(
            "There were too many attempts. Ask for a new code in %(n)s minute.",
            "There were too many attempts. Ask for a new code in %(n)s minutes.",
            _minutes(expires_in),
        ),
        code="verification_failed",
        param="code",
        retry_after=ceil(expires_in.total_seconds()),
    )


def _minutes(time: dt.timedelta) -> int:
    return ceil(time / dt.timedelta(minutes=1))


def used() -> VerificationError:
    """Return the refusal of a code that is used up."""
    return VerificationError(
        _("This code has been used or replaced. Use the newest one."),
        code="verification_already_verified",
        param="code",
    )
