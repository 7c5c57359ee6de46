"""Looks for secrets in text, as they are and in the disguises that hide nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Iterator
from urllib.parse import quote
from urllib.parse import quote_plus

from .recorder import Kind

PREFIX = 8
#: What has fewer characters of its own is a filling, such as "x" two thousand times, and no secret.
CHARACTERS = 4
#: Six digits, grouped or not, that are not a fraction of a second, a port, a process id, or the
#: status and the size of a response.
_CODE = re.compile(
    r"(?<![\w.:\[-])(?<!pid: )(?<!HTTP/1\.\d\" )(?<!\" \d\d\d )"
    r"(\d{3})[ -]?(\d{3})(?![\w:\]-]|\.\d)"
)


class Secrets:
    """The secrets of a run, arranged so that one pass over a text finds any of them."""

    def __init__(self, secrets: Iterable[tuple[Kind, str]]) -> None:
        self._codes: set[str] = set()
        self._by_prefix: dict[str, list[str]] = defaultdict(list)
        for kind, value in secrets:
            if kind == "code":
                self._codes.add(value)
            elif len(set(value)) < CHARACTERS:
                continue
            for form in _forms(kind, value):
                if len(form) >= PREFIX:
                    self._by_prefix[form[:PREFIX]].append(form)

    def __len__(self) -> int:
        return len(self._codes) + len(self._by_prefix)

    def found_in(self, text: str) -> Iterator[str]:
        """Yield each secret that stands in the text, with what is around it."""
        for match in _CODE.finditer(text):
            if match[1] + match[2] in self._codes:
                yield _around(text, match.start())
        for start in range(len(text) - PREFIX + 1):
            for form in self._by_prefix.get(text[start : start + PREFIX], ()):
                if text.startswith(form, start):
                    yield _around(text, start)


def _forms(kind: Kind, value: str) -> set[str]:
    raw = value.encode("utf-8", "surrogatepass")
    forms = {raw.hex(), base64.b64encode(raw).decode().rstrip("=")}
    if kind != "code":
        escaped = json.dumps(value)[1:-1]
        percent = quote(raw, safe="")
        forms |= {value, escaped, percent, percent.lower(), quote_plus(raw)}
    if kind != "token":
        # Whoever can guess a value reads a hash without a key as if it were the value.
        for algorithm in ("md5", "sha1", "sha256"):
            digest = hashlib.new(algorithm, raw, usedforsecurity=False).digest()
            forms |= {digest.hex(), base64.b64encode(digest).decode().rstrip("=")}
    return forms


def _around(text: str, start: int) -> str:
    return repr(text[max(0, start - 60) : start + 60])
