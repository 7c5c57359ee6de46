"""How many identifiers an account may have, told by the list and decided by the service."""

from __future__ import annotations

import typing as t

from ..config import Config
from ..errors import UserKitError
from .identifier_kinds import IdentifierKind

#: How many addresses or numbers of other people somebody may have waiting at once.
MAX_UNVERIFIED: t.Final = 5


def refusal(
    config: Config, kind: IdentifierKind, *, there: int, unverified: int
) -> UserKitError | None:
    """Return why an account gets no other one, or None where it does.

    :param there: how many there are.
    :param unverified: how many of them are not proven.
    """
    if unverified >= MAX_UNVERIFIED:
        return kind.too_many_waiting()
    maximum = kind.maximum(config)
    return kind.quota_exceeded(maximum) if there >= maximum else None
