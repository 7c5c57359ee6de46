"""Sends what waits in the outbox, without its thread."""

from __future__ import annotations

from flask_userkit.services.kit import Kit
from flask_userkit.services.outbox import deliver_next


def deliver_all(kit: Kit) -> int:
    """Send every message that is due, and return how many there were."""
    return sum(1 for _sent in iter(lambda: deliver_next(kit), False))
