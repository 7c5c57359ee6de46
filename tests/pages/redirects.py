"""Addresses that somebody else would have a person led to, and how to tell that none was."""

from __future__ import annotations

import re

#: One slash, then nothing that a browser reads as a second one, drops, or ends the header by.
_OWN = re.compile(r"/(?![/\\])[!-\[\]-~]*")

HOSTILE = (
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    "/\r\nLocation: https://evil.example",
    "/a\r\nSet-Cookie: userkit=evil",
    "/\x00/evil.example",
    "\x00//evil.example",
    "\x19////evil.example",
    "\x7f//evil.example",
    "\x85//evil.example",
    " //evil.example",
    "\u00a0//evil.example",
    "\u2028//evil.example",
    "\u3000//evil.example",
    "\ufeff//evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "HTTPS://evil.example",
    "http:///evil.example",
    "//evil。example",
    "／／evil.example",
    "https://localhost@evil.example",
    "https://localhost.evil.example",
    "https://evillocalhost",
    "//localhost:80@evil.example",
    "//localhost\\@evil.example",
    "//[::1]",
    "//[evil",
    "http://[::1]/",
    "http://[",
    "http://localhost:1/",
    "https://localhost/",
    "http://localhost/members",
    "ftp://localhost/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "JaVa\tscript:alert(1)",
    " javascript:alert(1)",
    "javascript://localhost/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "blob:http://localhost/x",
    "/..//evil.example",
    "/.//evil.example",
    "/a//evil.example",
    "/a/..//evil.example",
    "?x",
    "#x",
    ".evil.example",
    "..",
    "@evil.example",
    ":80",
    "members",
    "%2f%2fevil.example",
    "%5cevil.example",
    "/" + "a" * 5000,
    "//" + "a" * 5000,
)
#: Odd, yet each a path of this site.
HARMLESS = (
    "/members",
    "/members?tab=2&q=a%20b",
    "/members?next=//evil.example",
    "/members#//evil.example",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "/%09/evil.example",
    "/%0d%0aLocation:%20https:",
    "/a:b@c",
    "/größe?q=ü",
    "/'\"><script>alert(1)</script>",
)


def is_own(location: str | None) -> bool:
    """Tell whether a browser stays on this site, whatever it makes of the address."""
    return location is not None and _OWN.fullmatch(location) is not None
