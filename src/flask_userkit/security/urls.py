"""Where a redirect may lead, to a path of this site and nowhere else; and where a link may."""

from __future__ import annotations

import re
from urllib.parse import quote
from urllib.parse import urlsplit

MAX_LENGTH = 2048
#: What is no code that would run on the page of the link; empty is an address without one.
LINKS = frozenset({"", "http", "https", "mailto", "tel"})
# Browsers drop tabs and line breaks and read a backslash as a slash, so these decide before
# any parser does; a second slash would begin a host.
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\]")


def safe_path(value: str | None) -> str | None:
    """Return a path of this site, with its query and fragment, or None.

    :param value: what a browser sent as ``next`` or the like.
    """
    if not value or len(value) > MAX_LENGTH or _UNSAFE.search(value):
        return None
    if not value.startswith("/") or "//" in value.partition("?")[0].partition("#")[0]:
        return None
    try:
        parts = urlsplit(value)
        if parts.scheme or parts.netloc:
            return None
        return quote(value, safe="/?#[]@!$&'()*+,;=:%-._~")
    except (UnicodeError, ValueError):
        return None


def check_link(url: str) -> None:
    """Refuse an address that is code, such as ``javascript:``.

    :raises ValueError: a link may not lead there.
    """
    # Browsers drop tabs and line breaks within a scheme, and control characters before it.
    scheme = urlsplit(re.sub(r"[\x00-\x20\x7f-\x9f]", "", url)).scheme.lower()
    if scheme not in LINKS:
        raise ValueError(f"{scheme!r} is not a scheme that a link may lead to.")


def path_of(url: str | None, origin: str) -> str | None:
    """Return the path of an absolute address, or None if it is not of this site.

    :param origin: scheme and host, without a slash at the end.
    """
    if not url or not url.startswith(f"{origin}/"):
        return None
    return safe_path(url.removeprefix(origin))
