"""Writes down every secret that the tests see or make, for the search at the end."""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Iterable

from .artifacts import folder
from .artifacts import worker

Kind = t.Literal["code", "password", "token"]
#: Shorter values stand in harmless places by chance.
SHORTEST = {"code": 6, "password": 8, "token": 16}
_CODE = re.compile(r"(?<![\w.#])\d{6}(?![\w.]*\w)")
_seen: set[tuple[Kind, str]] = set()


def record(kind: Kind, *values: str | None) -> None:
    """Remember values that may appear in no database and in no log."""
    for value in values:
        if not value or len(value) < SHORTEST[kind] or (kind, value) in _seen:
            continue
        _seen.add((kind, value))
        with (folder("secrets") / f"{worker()}.jsonl").open("a", encoding="ascii") as out:
            out.write(json.dumps([kind, value]) + "\n")


def record_cookies(set_cookie_headers: Iterable[str]) -> None:
    """Remember the value of each cookie that a response sets."""
    for header in set_cookie_headers:
        record("token", header.partition("=")[2].partition(";")[0].strip('"'))


def record_form(values: t.Mapping[str, t.Any]) -> None:
    """Remember the passwords of a form, but for one that another field of it repeats."""
    others = {str(value) for name, value in values.items() if "password" not in name}
    for name, value in values.items():
        if "password" in name and isinstance(value, str) and value not in others:
            record("password", value)


def record_mail(body: str) -> None:
    """Remember the codes in a mail, and the tokens in its links."""
    record("code", *_CODE.findall(body))
    record("token", *re.findall(r"(?:token|ticket)=([\w.~-]+)", body))


def recorded() -> list[tuple[Kind, str]]:
    """Return all that the processes of this run wrote down."""
    found: set[tuple[Kind, str]] = set()
    for path in folder("secrets").glob("*.jsonl"):
        for line in path.read_text("ascii").splitlines():
            kind, value = json.loads(line)
            found.add((kind, value))
    return sorted(found)
