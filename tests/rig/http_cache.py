"""What a shared cache may keep and reuse (RFC 9111), as greedily as the rules allow."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

Fields = tuple[tuple[str, str], ...]
#: Statuses that may be kept without a word about freshness (RFC 9110 section 15.1).
HEURISTIC = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})
#: The freshness assumed where a response says nothing: what forgets to speak is kept.
ASSUMED = 60.0


@dataclass(frozen=True)
class Stored:
    """One kept response, and the request fields that it was chosen by."""

    status: int
    fields: Fields
    body: bytes
    at: float
    chosen_by: tuple[tuple[str, str | None], ...]

    @property
    def age(self) -> int:
        return int(time.monotonic() - self.at)


def value_of(fields: Fields, name: str) -> str | None:
    """Return a field, several of one name joined by a comma."""
    values = [value for key, value in fields if key.lower() == name.lower()]
    return ", ".join(values) if values else None


def directives(fields: Fields) -> dict[str, str]:
    """Return the directives of Cache-Control."""
    found = {}
    for part in (value_of(fields, "Cache-Control") or "").split(","):
        name, _, value = part.strip().partition("=")
        if name:
            found[name.lower()] = value.strip('"')
    return found


def freshness(status: int, fields: Fields) -> float:
    """Return for how many seconds a shared cache may reuse a response; 0: not at all."""
    said = directives(fields)
    # `private` with field names would allow the rest to be kept; nobody relies on that here.
    if "no-store" in said or "private" in said or "no-cache" in said:
        return 0
    for name in ("s-maxage", "max-age"):
        if name in said:
            return float(said[name]) if said[name].isdigit() else 0
    expires = value_of(fields, "Expires")
    if expires is not None:
        try:
            return max(0, parsedate_to_datetime(expires).timestamp() - time.time())
        except (TypeError, ValueError):
            return 0
    return ASSUMED if status in HEURISTIC or "public" in said else 0


class Cache:
    """Kept responses by address; several for one address where they vary."""

    def __init__(self) -> None:
        self._stored: dict[str, list[Stored]] = {}
        self._lock = threading.Lock()

    def find(self, url: str, request: Fields) -> Stored | None:
        """Return a fresh response that answers this request."""
        asked = directives(request)
        if "no-store" in asked or "no-cache" in asked or asked.get("max-age") == "0":
            return None
        with self._lock:
            for stored in self._stored.get(url, ()):
                same = all(value_of(request, name) == value for name, value in stored.chosen_by)
                if same and stored.age < freshness(stored.status, stored.fields):
                    return stored
        return None

    def keep(self, url: str, request: Fields, status: int, fields: Fields, body: bytes) -> None:
        """Keep a response, if the rules allow; a Set-Cookie in it forbids nothing (section 7.3)."""
        said = directives(fields)
        shared = {"public", "s-maxage", "must-revalidate"} & said.keys()
        if value_of(request, "Authorization") is not None and not shared:
            return
        varies = [
            name.strip() for name in (value_of(fields, "Vary") or "").split(",") if name.strip()
        ]
        if "*" in varies or freshness(status, fields) <= 0:
            return
        chosen_by = tuple((name, value_of(request, name)) for name in varies)
        stored = Stored(status, fields, body, time.monotonic(), chosen_by)
        with self._lock:
            kept = [item for item in self._stored.get(url, []) if item.chosen_by != chosen_by]
            self._stored[url] = [stored, *kept]

    def forget(self, url: str) -> None:
        """Drop what is kept for an address that an unsafe request may have changed."""
        with self._lock:
            self._stored.pop(url, None)

    def __len__(self) -> int:
        return sum(len(kept) for kept in self._stored.values())
