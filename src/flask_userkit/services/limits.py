"""Rate limits on everything that guesses, sends or hashes."""

from __future__ import annotations

import hashlib
import math
import time
import typing as t
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv6Address
from ipaddress import ip_address

from limits import RateLimitItem
from limits import parse_many
from limits.storage import Storage
from limits.storage import storage_from_string

from ..errors import RateLimitError
from ..errors import SetupError
from ..events import EventDraft
from ..events import EventName
from ..translations import gettext as _
from ..translations import ngettext
from .kit import Kit
from .limit_storage import Increment
from .limit_storage import SqlStorage

R = t.TypeVar("R")
#: Purpose and whom it is counted for. An account is counted together with the address, too:
#: a stranger's failures then slow the stranger down and not the owner. Counting is done in this
#: order, so that no two wait for each other; what is refused first is not counted for the rest.
DEFAULTS = {
    "sign_in:ip": "30/minute; 300/hour",
    "sign_in:account_ip": "10/10 minutes",
    "sign_in:account": "50/hour",
    "sign_up:ip": "20/10 minutes; 60/hour",
    "username:ip": "30/10 minutes; 100/hour",
    "username:account": "10/10 minutes; 30/hour",
    "email_address:account": "20/10 minutes; 60/hour",
    "reverification:ip": "30/10 minutes; 100/hour",
    "reverification:account": "10/10 minutes; 30/hour",
    "verification:ip": "30/minute; 200/hour",
    "verification:account": "30/10 minutes; 100/hour",
    "avatar:account": "20/10 minutes; 100/day",
    "message:ip": "20/10 minutes; 60/hour",
    "message:address": "5/10 minutes; 15/day",
    "message:account": "5/10 minutes; 15/day",
}
_ORDER = list(DEFAULTS)
WAIT = 1


class Counter(t.NamedTuple):
    """What is counted: one limit of one purpose, for one key."""

    purpose: str
    item: RateLimitItem
    digest: str

    @property
    def key(self) -> str:
        return self.item.key_for(self.purpose, self.digest)

    def add(self, increment: Increment, amount: int) -> bool:
        """Add to the count, and tell whether it is within its limit."""
        return increment(self.key, self.item.get_expiry(), amount) <= self.item.amount


@dataclass(frozen=True, slots=True)
class Hit:
    """One counted attempt, which success takes back."""

    storage: Storage
    counters: list[Counter]

    def forgive(self) -> None:
        """Take back this hit and no other: a success must not reset what others did."""

        def work(increment: Increment) -> None:
            for counter in self.counters:
                counter.add(increment, -1)

        with _unless_away(self.storage):
            _together(self.storage, work)


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
        self._embedded = SqlStorage(kit)
        url = kit.config.rate_limit_storage_url
        self._shared = _storage(url) if url else None

    def hit(self, purposes: dict[str, str]) -> Hit:
        """Count an attempt under each purpose, before the work begins.

        :param purposes: purpose to key, such as ``{"sign_in:ip": address}``.
        :raises RateLimitError: too many; ``too_many_requests``.
        """
        counters = [
            # A digest, since the key is an address, and Redis is read by many.
            Counter(purpose, item, _digest(purposes[purpose]))
            for purpose in sorted(purposes, key=_ORDER.index)
            for item in self._items[purpose]
        ]
        if self._shared is not None:
            # Where Redis is away, counting goes on in the database: guesses stay limited.
            with _unless_away(self._shared):
                return self._hit(self._shared, counters)
        return self._hit(self._embedded, counters)

    def _hit(self, storage: Storage, counters: list[Counter]) -> Hit:
        def work(increment: Increment) -> Counter | None:
            return next((each for each in counters if not each.add(increment, 1)), None)

        refused = _together(storage, work)
        if refused is not None:
            raise self._refusal(storage, refused)
        return Hit(storage, counters)

    def _refusal(self, storage: Storage, counter: Counter) -> RateLimitError:
        reset = storage.get_expiry(counter.key)
        now = self._kit.now().timestamp() if storage is self._embedded else time.time()
        seconds = max(1, math.ceil(reset - now))
        draft = EventDraft(EventName.LIMIT_REACHED, data={"purpose": counter.purpose})
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


def _together(storage: Storage, work: Callable[[Increment], R]) -> R:
    return storage.together(work) if isinstance(storage, SqlStorage) else work(storage.incr)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _unless_away(storage: Storage) -> suppress:
    errors = storage.base_exceptions
    return suppress(*(errors if isinstance(errors, tuple) else (errors,)))


def _storage(url: str) -> Storage:
    try:
        # One that takes connections and says nothing must not hold a sign-in up.
        waits = {"socket_timeout": WAIT, "socket_connect_timeout": WAIT} if "redis" in url else {}
        storage = storage_from_string(url, **waits)
    except Exception:
        # The error may hold the address, and with it a password.
        raise SetupError(
            "USERKIT_RATE_LIMIT_STORAGE_URL is redis://user:password@host:6379/0; for its driver "
            "run `pip install 'flask-userkit[redis]'`."
        ) from None
    assert isinstance(storage, Storage)
    return storage
