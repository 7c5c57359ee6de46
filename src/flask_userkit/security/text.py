"""What people type into a text field."""

from __future__ import annotations

import re
import unicodedata

# Embeddings, overrides and isolates: they let a name read as something that it is not.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# What makes a link of words: a dot or an @ between two, a slash, the colon of a scheme.
_LINKING = re.compile(r"(?<=\S)[.@:\u3002\uff0e\uff61](?=\S)|[/\\]")


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


def unlinked(value: str, longest: int) -> str:
    """Return words on one line that no phone takes for an address of the web or of a mailbox.

    :param longest: how many characters are kept.
    """
    plain = "".join(character if is_plain(character) else " " for character in value)
    return " ".join(_LINKING.sub(" ", plain).split())[:longest].rstrip()


def normalize_line(value: str) -> str:
    """Return one line of text as it is stored: composed (NFC), trimmed."""
    return unicodedata.normalize("NFC", value).strip()
