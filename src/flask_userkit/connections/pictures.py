"""Pictures at providers: fetched from the open web and nowhere else, or not at all.

Its address is whatever somebody could write into a profile there, and may name what only this
server reaches (OWASP, Server-Side Request Forgery Prevention).
"""

from __future__ import annotations

import logging
import typing as t
from collections.abc import Sequence
from ipaddress import IPv6Address
from ipaddress import ip_address
from ipaddress import ip_network
from urllib.parse import urljoin
from urllib.parse import urlsplit

from ..config import is_loopback
from .conversation import Resolve
from .conversation import look_up
from .deadline import Slots
from .deadline import within
from .errors import ProviderError
from .errors import ProviderUntrusted
from .http import BoundedSession
from .http import Redirect

MOST_BYTES: t.Final = 5 * 1024 * 1024
MOST_REDIRECTS: t.Final = 3
LONGEST_URL: t.Final = 2048
AT_ONCE: t.Final = 4
#: All that is routed of IPv6; what stands for an address of IPv4 (mapped, NAT64) is not in it.
_ROUTED: t.Final = ip_network("2000::/3")
#: Public by their numbers, at least to some versions of Python, and yet the way to something else:
#: 6to4 and its relays, Teredo, examples, and the machines that those of Azure and of Oracle ask
#: for their secrets.
_DETOURS: t.Final = [
    ip_network(each)
    for each in (
        "2001::/23",
        "2002::/16",
        "3fff::/20",
        "192.88.99.0/24",
        "168.63.129.16/32",
        "192.0.0.0/24",
    )
]

logger = logging.getLogger("flask_userkit.connections")
_slots = Slots(AT_ONCE)


class _Pictures(BoundedSession):
    most_bytes = MOST_BYTES

    def merge_environment_settings(self, *args: t.Any, **options: t.Any) -> t.Any:
        settings: t.Any = super().merge_environment_settings(*args, **options)
        # A proxy would look the name up by itself, and reaches what it reaches.
        return {**settings, "proxies": {}}


def fetch_picture(
    url: str,
    *,
    seconds: float = 5.0,
    allow_loopback: bool = False,
    resolve: Resolve = look_up,
) -> bytes | None:
    """Return somebody's picture at a provider, or None where it cannot be had safely.

    It is what its server calls a picture; only who decodes it knows.

    :param seconds: for all of it.
    :param allow_loopback: whether a server on this machine will do, as in development.
    :param resolve: what knows the addresses of hosts.
    """

    def judged(host: str, port: int) -> Sequence[str]:
        if port != 443 and not allow_loopback:
            raise ProviderUntrusted("port")
        addresses = resolve(host, port)
        # A name that leads inside as well would lead there the next time.
        if not all(_is_open(each, allow_loopback) for each in addresses):
            raise ProviderUntrusted("inside")
        # The connection goes to these: a second look-up may have another answer.
        return addresses

    try:
        return within(
            lambda: _follow(url, allow_loopback), seconds=seconds, slots=_slots, resolve=judged
        )
    except Exception as error:
        # Nobody is turned away for the sake of a picture.
        reason = error.reason if isinstance(error, ProviderError) else type(error).__name__
        # Without its address, which may hold a key.
        logger.info("The picture of an account at a provider was not fetched: %s.", reason)
        return None


def _follow(url: str, allow_loopback: bool) -> bytes:
    with _Pictures() as session:
        for _ in range(MOST_REDIRECTS + 1):
            _check_url(url, allow_loopback)
            try:
                answer = session.get(url, headers={"Accept": "image/*"})
            except Redirect as redirect:
                url = urljoin(url, redirect.location)
                continue
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if answer.status_code != 200:
                raise ProviderUntrusted(f"status_{answer.status_code}")
            if not kind.startswith("image/") or "svg" in kind:
                raise ProviderUntrusted("no_picture")
            return t.cast("bytes", answer.content)
    raise ProviderUntrusted("redirects")


def _check_url(url: str, allow_loopback: bool) -> None:
    """Refuse an address that is not one of a picture on the open web.

    :raises ProviderUntrusted: what is wrong with it.
    """
    # What programs read differently is not asked of any.
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable():
        raise ProviderUntrusted("url")
    if " " in url or "\\" in url:
        raise ProviderUntrusted("url")
    parts = urlsplit(url)
    local = allow_loopback and is_loopback(parts.hostname or "")
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise ProviderUntrusted("scheme")
    if not parts.hostname or "@" in parts.netloc:
        raise ProviderUntrusted("host")


def _is_open(text: str, allow_loopback: bool) -> bool:
    address = ip_address(text)
    if address.is_loopback:
        return allow_loopback
    if isinstance(address, IPv6Address) and address not in _ROUTED:
        return False
    if any(address in network for network in _DETOURS):
        return False
    return address.is_global and not address.is_multicast
