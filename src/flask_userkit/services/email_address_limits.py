"""How many addresses an account may have, told by the list and decided by the service."""

from __future__ import annotations

import typing as t

from ..config import Config
from ..errors import ForbiddenError
from ..errors import UserKitError
from ..translations import gettext as _

#: How many addresses of other people somebody may have waiting at once.
MAX_UNVERIFIED: t.Final = 5


def refusal(config: Config, *, addresses: int, unverified: int) -> UserKitError | None:
    """Return why an account gets no other address, or None where it does.

    :param addresses: how many there are.
    :param unverified: how many of them are not proven.
    """
    if unverified >= MAX_UNVERIFIED:
        return UserKitError(
            _("Several of your addresses wait to be confirmed. Confirm or remove one first."),
            code="too_many_unverified_identifications",
        )
    limit = config.email_address_limit
    if addresses >= limit:
        return ForbiddenError(
            _("An account has up to %(maximum)s email addresses. Remove one first.", maximum=limit),
            code="email_address_quota_exceeded",
        )
    return None
