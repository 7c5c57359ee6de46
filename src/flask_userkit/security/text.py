"""What people type into a text field."""

from __future__ import annotations

import unicodedata

# Embeddings, overrides and isolates: they let a name read as something that it is not.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_plain(value: str) -> bool:
    """Tell whether a text has no control character, lone surrogate or bidi override.

    PostgreSQL refuses NUL, no encoder takes a surrogate, and a line break in a name forges a
    line in a log or a header in a mail.
    """
    return not any(
        character in _BIDI_CONTROLS or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        for character in value
    )


def is_visible(value: str) -> bool:
    """Tell whether a text shows anything: not only spaces, marks and joiners."""
    return any(unicodedata.category(character)[0] not in "CMZ" for character in value)


def printable(value: str) -> str:
    """Return a text without what breaks a line of a log or colours a terminal."""
    return "".join(character for character in value if character.isprintable())


def normalize_line(value: str) -> str:
    """Return one line of text as it is stored: composed (NFC), trimmed."""
    return unicodedata.normalize("NFC", value).strip()
