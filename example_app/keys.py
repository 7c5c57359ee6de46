"""Secrets that this installation makes for itself, so that none stands in the code."""

from __future__ import annotations

import hmac
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def kept_secret(folder: Path, name: str, make: Callable[[], str] | None = None) -> str:
    """Return the secret in a file of the instance folder; the first to ask makes it.

    :param make: what makes it, where a random text will not do.
    """
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # A temporary file is for its owner's eyes alone, and goes when it is closed.
        with tempfile.NamedTemporaryFile("w", dir=folder) as draft:
            draft.write(make() if make is not None else secrets.token_urlsafe(48))
            draft.flush()
            # Of several that start at once, one gives the file its name; all then read that one.
            with suppress(FileExistsError):
                path.hardlink_to(draft.name)
    return path.read_text("ascii")


def derived_secret(key: object, purpose: str) -> str:
    """Return a secret that follows from another, and tells nothing of it."""
    return hmac.digest(str(key).encode(), purpose.encode(), "sha256").hex()
