"""Rate limits on everything that guesses, sends or hashes."""

from __future__ import annotations

import hashlib
import math
import time
import typing as t
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address
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
    "sign_in:account_ip": "10/hour",
    "sign_in:account": "10/hour",
    "sign_in:device": "10/10 minutes; 30/hour",
    "sign_up:ip": "20/10 minutes; 60/hour",
    "username:ip": "30/10 minutes; 100/hour",
    "username:account": "10/10 minutes; 30/hour",
    "password:account": "20/10 minutes; 60/hour",
    "email_address:account": "20/10 minutes; 60/hour",
    "phone_number:account": "10/10 minutes; 20/hour",
    "external_account:account": "20/10 minutes; 60/hour",
    "oauth:ip": "60/10 minutes; 200/hour",
    "reverification:ip": "30/10 minutes; 100/hour",
    "reverification:account": "10/10 minutes; 30/hour",
    "verification:ip": "30/minute; 200/hour",
    "verification:account": "30/10 minutes; 100/hour",
    "avatar:account": "20/10 minutes; 100/day",
    "data_export:account": "5/day",
    "data_export_download:account": "10/hour",
    "message:ip": "20/10 minutes; 60/hour",
    "message:address": "5/10 minutes; 15/day",
    "message:account": "5/10 minutes; 15/day",
    # These cost money, so that no success takes one back. What is refused first leaves the rest
    # uncounted: one stranger who sends on and on does not use up the day of all.
    "sms:ip": "20/10 minutes; 60/hour; 100/day",
    "sms:number": "5/10 minutes; 10/day",
    "sms:account": "5/10 minutes; 15/day",
    "sms:notice": "10/day",
    "sms:day": "1000/day",
    "notice:locked": "1/day",
    "notice:sign_in": "10/day",
    # Not of what is refused, but of what is written down of it.
    "refusal:ip": "60/hour",
}
_ORDER = list(DEFAULTS)
#: Of these the account is the one that is signed in.
_OF_SIGNED_IN = frozenset(DEFAULTS).intersection(
    f"{what}:account"
    for what in (
        "avatar",
        "data_export",
        "data_export_download",
        "email_address",
        "external_account",
        "password",
        "phone_number",
        "reverification",
        "username",
    )
)
WAIT = 1


class Counter(t.NamedTuple):
    """What is counted: one limit of one purpose, for one key."""

    purpose: str
    item: RateLimitItem
    digest: str

    @property
    def key(self) -> str:
        return self.item.key_for(self.purpose, self.digest)

    def add(self, increment: Increment, amount: int) -> int:
        """Add to the count, and return how many more are within its limit."""
        return self.item.amount - increment(self.key, self.item.get_expiry(), amount)


@dataclass(frozen=True, slots=True)
class Hit:
    """One counted attempt, which success takes back."""

    storage: Storage
    counters: list[Counter]
    #: Purposes whose limit takes no more after this one.
    last: frozenset[str]

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
        counters = self._counters(purposes)
        if self._shared is not None:
            # Where Redis is away, counting goes on in the database: guesses stay limited.
            with _unless_away(self._shared):
                return self._hit(self._shared, counters)
        return self._hit(self._embedded, counters)

    def clear(self, purposes: dict[str, str]) -> None:
        """Forget what was counted for a key, wherever that was."""
        for counter in self._counters(purposes):
            self._embedded.clear(counter.key)
            if self._shared is not None:
                with _unless_away(self._shared):
                    self._shared.clear(counter.key)

    def _counters(self, purposes: dict[str, str]) -> list[Counter]:
        return [
            # A digest, since the key is an address, and Redis is read by many.
            Counter(purpose, item, _digest(purposes[purpose]))
            for purpose in sorted(purposes, key=_ORDER.index)
            for item in self._items[purpose]
        ]

    def _hit(self, storage: Storage, counters: list[Counter]) -> Hit:
        def work(increment: Increment) -> tuple[Counter | None, int, frozenset[str]]:
            last: set[str] = set()
            for each in counters:
                left = each.add(increment, 1)
                if left < 0:
                    return each, left, frozenset()
                if left == 0:
                    last.add(each.purpose)
            return None, 0, frozenset(last)

        refused, left, last = _together(storage, work)
        if refused is not None:
            raise self._refusal(storage, refused, is_first=left == -1)
        return Hit(storage, counters, last)

    def _refusal(self, storage: Storage, counter: Counter, *, is_first: bool) -> RateLimitError:
        reset = storage.get_expiry(counter.key)
        now = self._kit.now().timestamp() if storage is self._embedded else time.time()
        error = too_many(max(1, math.ceil(reset - now)))
        error.purpose = counter.purpose
        if not is_first:
            # Once for each limit that is met: who goes on and on would fill the audit trail.
            return error
        who = self._kit.caller().user_id if counter.purpose in _OF_SIGNED_IN else None
        return error.audited(EventDraft(EventName.LIMIT_REACHED, who, {"purpose": counter.purpose}))


def too_many(seconds: int, code: str | None = None) -> RateLimitError:
    """Return the refusal that says when to try again."""
    message = _("Too many attempts. Try again in %(wait)s.", wait=wait_words(seconds))
    return RateLimitError(message, code=code, retry_after=seconds)


def wait_words(seconds: int) -> str:
    """Return how long to wait, in seconds or in minutes."""
    if seconds < 60:
        return ngettext("%(n)s second", "%(n)s seconds", seconds)
    return ngettext("%(n)s minute", "%(n)s minutes", math.ceil(seconds / 60))


def caller_network(kit: Kit) -> str:
    """Return whom a request counts for: an IPv4 address, or the /64 of an IPv6 one.

    One subscriber has a whole /64 to pick addresses from.
    """
    address = _caller_address(kit)
    if isinstance(address, IPv6Address):
        return f"{int(address) >> 64:x}::/64"
    return str(address) if address else "-"


def caller_range(kit: Kit) -> str:
    """Return the range that a request comes from: a /24 of IPv4, or a /48 of IPv6.

    It is what is rented by the hour; what costs money with each request is counted by it.
    """
    address = _caller_address(kit)
    if isinstance(address, IPv6Address):
        return f"{int(address) >> 80:x}::/48"
    return f"{int(address) >> 8:x}/24" if address else "-"


def _caller_address(kit: Kit) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address((kit.caller().ip_address or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


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
