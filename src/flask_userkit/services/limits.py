"""Rate limits on everything that guesses, sends or hashes."""

from __future__ import annotations

import hashlib
import math
import time
from contextlib import suppress
from ipaddress import IPv6Address
from ipaddress import ip_address

from limits import RateLimitItem
from limits import parse_many
from limits.storage import Storage
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from ..errors import RateLimitError
from ..errors import SetupError
from ..events import EventDraft
from ..events import EventName
from ..translations import gettext as _
from ..translations import ngettext
from .kit import Kit
from .limit_storage import SqlStorage

#: Purpose and whom it is counted for. An account is counted together with the address, too:
#: a stranger's failures then slow the stranger down and not the owner.
DEFAULTS = {
    "sign_in:ip": "30/minute; 300/hour",
    "sign_in:account": "50/hour",
    "sign_in:account_ip": "10/10 minutes",
    "sign_up:ip": "20/10 minutes; 60/hour",
    "verification:ip": "30/minute; 200/hour",
    "message:ip": "20/10 minutes; 60/hour",
    "message:address": "5/10 minutes; 15/day",
}


WAIT = 1


class Hit:
    """One counted attempt, which success takes back."""

    def __init__(
        self, limits: Limits, counted: list[tuple[RateLimitItem, tuple[str, ...]]]
    ) -> None:
        self._limits = limits
        self._counted = counted

    def forgive(self) -> None:
        """Take back this hit and no other: a success must not reset what others did."""
        for item, identifiers in self._counted:
            self._limits.undo(item, identifiers)


class Limits:
    """Counts by purpose and key, atomically, for every process."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        changed = kit.config.rate_limits or {}
        for purpose in changed:
            if purpose not in DEFAULTS:
                known = ", ".join(sorted(DEFAULTS))
                raise SetupError(f"USERKIT_RATE_LIMITS knows {known}; not {purpose}.")
        texts = {**DEFAULTS, **changed}
        try:
            self._items = {purpose: list(parse_many(text)) for purpose, text in texts.items()}
        except ValueError as error:
            raise SetupError(f"USERKIT_RATE_LIMITS: {error}") from error
        embedded = SqlStorage(kit)
        self._embedded = FixedWindowRateLimiter(embedded)
        url = kit.config.rate_limit_storage_url
        self._shared = FixedWindowRateLimiter(_storage(url)) if url else None

    def hit(self, purposes: dict[str, str]) -> Hit:
        """Count an attempt under each purpose, before the work begins.

        :param purposes: purpose to key, such as ``{"sign_in:ip": address}``.
        :raises RateLimitError: too many; ``too_many_requests``.
        """
        counted: list[tuple[RateLimitItem, tuple[str, ...]]] = []
        for purpose, key in purposes.items():
            for item in self._items[purpose]:
                # A digest, since the key is an address, and Redis is read by many.
                identifiers = (purpose, hashlib.sha256(key.encode("utf-8", "replace")).hexdigest())
                counted.append((item, identifiers))
                if not self._count(item, identifiers, 1):
                    raise self._refusal(item, identifiers)
        return Hit(self, counted)

    def undo(self, item: RateLimitItem, identifiers: tuple[str, ...]) -> None:
        """Take one hit back."""
        self._count(item, identifiers, -1)

    def _count(self, item: RateLimitItem, identifiers: tuple[str, ...], amount: int) -> bool:
        if self._shared is not None:
            storage = self._shared.storage
            # Where Redis is away, counting goes on in the database: guesses stay limited.
            with _unless_away(storage):
                return _add(storage, item, identifiers, amount)
        return _add(self._embedded.storage, item, identifiers, amount)

    def _seconds_left(self, item: RateLimitItem, identifiers: tuple[str, ...]) -> float:
        if self._shared is not None:
            with _unless_away(self._shared.storage):
                reset = self._shared.get_window_stats(item, *identifiers).reset_time
                return reset - time.time()
        reset = self._embedded.get_window_stats(item, *identifiers).reset_time
        return reset - self._kit.now().timestamp()

    def _refusal(self, item: RateLimitItem, identifiers: tuple[str, ...]) -> RateLimitError:
        seconds = max(1, math.ceil(self._seconds_left(item, identifiers)))
        draft = EventDraft(EventName.LIMIT_REACHED, data={"purpose": identifiers[0]})
        return too_many(seconds).audited(draft)


def too_many(seconds: int, code: str | None = None) -> RateLimitError:
    """Return the refusal that says when to try again."""
    minutes = math.ceil(seconds / 60)
    wait = (
        ngettext("%(n)s second", "%(n)s seconds", seconds)
        if seconds < 60
        else ngettext("%(n)s minute", "%(n)s minutes", minutes)
    )
    message = _("Too many attempts. Try again in %(wait)s.", wait=wait)
    return RateLimitError(message, code=code, retry_after=seconds)


def caller_network(kit: Kit) -> str:
    """Return whom a request counts for: an IPv4 address, or the /64 of an IPv6 one.

    One subscriber has a whole /64 to pick addresses from.
    """
    text = kit.caller().ip_address
    if not text:
        return "-"
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return "-"
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else f"{int(address) >> 64:x}::/64"
    return str(address)


def _add(storage: Storage, item: RateLimitItem, identifiers: tuple[str, ...], amount: int) -> bool:
    key = item.key_for(*identifiers)
    return storage.incr(key, item.get_expiry(), amount) <= item.amount


def _unless_away(storage: Storage) -> suppress:
    errors = storage.base_exceptions
    return suppress(*(errors if isinstance(errors, tuple) else (errors,)))


def _storage(url: str) -> Storage:
    try:
        # One that takes connections and says nothing must not hold a sign-in up.
        waits = {"socket_timeout": WAIT, "socket_connect_timeout": WAIT} if "redis" in url else {}
        storage = storage_from_string(url, **waits)
    except Exception as error:
        raise SetupError(f"USERKIT_RATE_LIMIT_STORAGE_URL: {error}") from error
    assert isinstance(storage, Storage)
    return storage
