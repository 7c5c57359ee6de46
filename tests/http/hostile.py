"""What people, programs and attackers type into a text field."""

from __future__ import annotations

from tests.rig.pages import Page

#: What one database or another cannot store, or stores otherwise.
DATABASE_TEXTS = (
    "NUL",
    "a byte that is not UTF-8",
    "half a surrogate pair",
    "an emoji",
    "a family",
    "a thousand marks",
    "10,000 characters",
    "SQL",
    "JSON with NUL",
)
TEXTS: dict[str, str] = {
    "nothing": "",
    "spaces": "   ",
    "a no-break space": "\u00a0",
    "a zero-width space": "\u200b",
    "NUL": "a\x00b",
    "an escape sequence": "a\x1b[31mb",
    "line breaks": "Bob\r\nBcc: evil@example.com",
    "a line separator": "a\u2028b",
    "a byte that is not UTF-8": "a\udcffb",
    "half a surrogate pair": "a\ud800b",
    "an emoji": "😀",
    "a family": "👨\u200d👩\u200d👧",
    "a right-to-left override": "a\u202egnp.exe",
    "an isolate": "a\u2066b",
    "a thousand marks": "e" + "\u0301" * 1000,
    "10,000 characters": "x" * 10_000,
    "a megabyte": "x" * 1_000_000,
    "a template": "{{7*7}}${7*7}#{7*7}<%= 7*7 %>",
    "a format": "%(user)s {user} %s %d {0.__class__}",
    "an element": "<script>alert(1)</script>",
    "an end of an attribute": '"><img src=x onerror=alert(1)>',
    "an end of a quoted attribute": "' hx-get=/x hx-trigger=load '",
    "an attribute of htmx": '" hx-get="/account/sign-out" hx-trigger="load" x="',
    "an end of a title": "</title></textarea></template><svg onload=alert(1)>",
    "an address of a script": "javascript:alert(1)",
    "a percent NUL": "%00",
    "SQL": "' OR '1'='1'; DROP TABLE userkit_user; --",
    "a header": "=?utf-8?b?PHNjcmlwdD4=?=",
    "digits of another script": "١٢٣٤٥٦",
    "JSON": '{"a": [1, null]}',
    "JSON with NUL": '{"a": "\\u0000", "\\u0000": 1}',
    "JSON with half a surrogate pair": '{"a": "\\ud800"}',
    "JSON with no number": '{"a": [NaN, Infinity, 1e999]}',
    "JSON with a long number": '{"a": 1' + "0" * 5000 + "}",
    "JSON with depth": "[" * 5000,
    "JSON of another kind": '["a"]',
    "a path": "../../etc/passwd",
}


def encode(fields: dict[str, str]) -> bytes:
    """Return a form's body, with the bytes that no well-behaved browser would send."""
    parts = []
    for name, value in fields.items():
        raw = value.encode("utf-8", "surrogatepass").replace(b"\xed\xb3\xbf", b"\xff")
        parts.append(name.encode() + b"=" + b"".join(b"%%%02X" % byte for byte in raw))
    return b"&".join(parts)


def injected(page: Page) -> list[str]:
    """Return what stands in a page that only an attacker would have written there."""
    found = []
    for tag in page.html.find_all(True):
        if tag.name in ("img", "iframe", "object", "embed", "base"):
            found.append(str(tag)[:200])
        for name, value in tag.attrs.items():
            # A link that opens a card is taken in place from the address that it leads to.
            if name == "hx-get" and value == tag.get("href"):
                continue
            if name.startswith(("on", "hx-get", "hx-trigger")) or name == "style":
                found.append(f"{tag.name} {name}")
            if name in ("href", "src", "action") and not str(value).startswith(("/", "#")):
                found.append(f"{tag.name} {name}={value}")
        if tag.name == "script" and (tag.string or "src" not in tag.attrs):
            found.append(str(tag)[:200])
    return found
