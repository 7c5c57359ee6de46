"""How many text messages are sent: each costs the app money, whoever asks for it."""

from __future__ import annotations

from .kit import Kit
from .limits import caller_range


def keys(kit: Kit, number: str, account: str | None = None) -> dict[str, str]:
    """Return what a text message is counted under, to be put into ``kit.limits.hit({…})``.

    It is counted for unknown numbers as for known ones, before anything is looked up, and is
    not forgiven: a code that was right was sent all the same.

    :param number: the number, as E.164 writes it.
    :param account: whose account it is for, where somebody is signed in.
    """
    found = {
        "sms:ip": caller_range(kit),
        "sms:number": number,
        # Several apps may count in one Redis.
        "sms:day": kit.base_url,
    }
    return found if account is None else {**found, "sms:account": account}
