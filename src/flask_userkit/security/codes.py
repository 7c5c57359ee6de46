"""Codes that a person reads in a message and types."""

from __future__ import annotations

import secrets
import unicodedata

DIGITS = 6
MAX_INPUT = 64


def new_code() -> str:
    """Return six random digits; leading zeros stay."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def normalize_code(value: str) -> str | None:
    """Return the six ASCII digits that were meant, or None.

    Spaces and dashes are how people and mail programs group digits, and keyboards of many
    languages type digits of their own.
    """
    if len(value) > MAX_INPUT:
        return None
    digits: list[str] = []
    for character in value:
        if character.isspace() or unicodedata.category(character) in ("Pd", "Cf"):
            continue
        decimal = unicodedata.decimal(character, -1)
        if decimal < 0:
            return None
        digits.append(str(decimal))
    return "".join(digits) if len(digits) == DIGITS else None
