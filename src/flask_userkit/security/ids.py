"""Identifiers: prefixed, ordered by time, never a secret."""

from __future__ import annotations

from uuid_utils import uuid7


def new_id(prefix: str) -> str:
    """Return a new id such as ``user_0193…`` (UUID version 7, RFC 9562 section 5.7)."""
    return f"{prefix}_{uuid7().hex}"
