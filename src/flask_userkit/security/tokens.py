"""Bearer secrets of 256 bits. Only their digest is stored, so a leaked table opens nothing."""

from __future__ import annotations

import hashlib
import re
import secrets

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def new_token() -> str:
    """Return a new random token."""
    return secrets.token_urlsafe(32)


def is_token(value: str) -> bool:
    """Tell whether a text has the form of a token."""
    return _TOKEN.fullmatch(value) is not None


def token_digest(token: str) -> bytes:
    """Return what is stored of a token.

    A plain hash is enough: nobody guesses 256 random bits.
    """
    return hashlib.sha256(token.encode("ascii")).digest()
