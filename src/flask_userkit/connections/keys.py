"""The keys that a provider signs with."""

from __future__ import annotations

import threading
import time
import typing as t
from collections.abc import Mapping

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from .errors import ProviderUnavailable
from .values import is_list

LIFETIME: t.Final = 3600.0
#: A key that is not known has the set read again, at most so often: rotation heals, and a token
#: with any name of a key costs nothing.
REFETCH: t.Final = 10.0
#: So many are looked at: each takes its time.
MOST: t.Final = 100
#: What can be told by everybody; a shared key is never told.
_PUBLIC: t.Final = ("RSA", "EC", "OKP")


class Keys:
    """The key set of one provider, kept for an hour."""

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._found: tuple[float, Mapping[str, t.Any]] | None = None
        self._asked_at: float | None = None

    def get(self, session: t.Any, uri: str, *, force: bool) -> Mapping[str, t.Any]:
        """Return the set, read anew where it is old, or ``force`` and not read just now.

        :raises ProviderUnavailable: it cannot be had.
        """
        with self._reading:
            now = time.monotonic()
            if self._found is not None and self._serves(now, force=force):
                return self._found[1]
            self._asked_at = now
            response = session.request("GET", uri, withhold_token=True)
            values = response.json() if response.status_code == 200 else None
            keys = usable(values)
            if not keys:
                raise ProviderUnavailable("no_keys")
            self._found = (now, {"keys": keys})
            return self._found[1]

    def _serves(self, now: float, *, force: bool) -> bool:
        found, asked = self._found, self._asked_at
        if force:
            return asked is not None and now - asked < REFETCH
        return found is not None and now - found[0] < LIFETIME


def usable(values: object) -> list[dict[str, t.Any]]:
    """Return the keys of a set that signatures are checked by; those of other kinds do no harm.

    RFC 7517 section 5.
    """
    told: t.Any = values
    keys: t.Any = told.get("keys") if isinstance(values, dict) else None
    if not is_list(keys):
        return []
    return [key for key in keys[:MOST] if _is_usable(key)]


def _is_usable(key: object) -> bool:
    if not isinstance(key, dict):
        return False
    values = t.cast("dict[str, t.Any]", key)
    if values.get("kty") not in _PUBLIC or values.get("use", "sig") != "sig":
        return False
    try:
        JWKRegistry.import_key(values)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        # It is broken, or on a curve that nobody knows.
        return False
    return True
