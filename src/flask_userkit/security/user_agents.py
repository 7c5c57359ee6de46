"""User agents: the browser and the system, as names that are known and never as what was sent."""

from __future__ import annotations

import typing as t
from functools import lru_cache

#: By the names of the parser. What is not here is not named: the text is its sender's, who would
#: otherwise write into the mail of another.
BROWSERS: t.Final = {
    "Brave": "Brave",
    "Chrome": "Chrome",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile WebView": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chromium": "Chromium",
    "DuckDuckGo": "DuckDuckGo",
    "DuckDuckGo Mobile": "DuckDuckGo",
    "Edge": "Edge",
    "Edge Mobile": "Edge",
    "Firefox": "Firefox",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "HeadlessChrome": "Chrome",
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari",
    "Opera": "Opera",
    "Opera Mini": "Opera",
    "Opera Mobile": "Opera",
    "Safari": "Safari",
    "Samsung Internet": "Samsung Internet",
    "UC Browser": "UC Browser",
    "Vivaldi": "Vivaldi",
    "Whale": "Whale",
    "Yandex Browser": "Yandex Browser",
}
SYSTEMS: t.Final = {
    "Android": "Android",
    "Chrome OS": "ChromeOS",
    "Debian": "Linux",
    "Fedora": "Linux",
    "FreeBSD": "FreeBSD",
    "Linux": "Linux",
    "Mac OS X": "macOS",
    "OpenBSD": "OpenBSD",
    "Ubuntu": "Linux",
    "Windows": "Windows",
    "iOS": "iOS",
}


class Browser(t.NamedTuple):
    """What a user agent calls itself; None is what nobody knows."""

    name: str | None
    system: str | None


@lru_cache(maxsize=1024)
def parse_user_agent(user_agent: str | None) -> Browser:
    """Return the browser and the system that a user agent names.

    It takes a millisecond, and a seventh of a second for the first: not for a transaction to
    wait for, nor for a page with many.
    """
    if not user_agent:
        return Browser(None, None)
    # Imported where it is used: its patterns take a while to load.
    from ua_parser import parse

    found = parse(user_agent)
    return Browser(
        BROWSERS.get(found.user_agent.family) if found.user_agent else None,
        SYSTEMS.get(found.os.family) if found.os else None,
    )
