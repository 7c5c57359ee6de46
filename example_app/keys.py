"""Secrets that this installation makes for itself, so that none stands in the code."""

from __future__ import annotations

import secrets
import tempfile
from contextlib import suppress
from pathlib import Path


def kept_secret(folder: Path, name: str) -> str:
    """Return the secret in a file of the instance folder; the first to ask makes it."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # A temporary file is for its owner's eyes alone, and goes when it is closed.
        with tempfile.NamedTemporaryFile("w", dir=folder) as draft:
            draft.write(secrets.token_urlsafe(48))
            draft.flush()
            # Of several that start at once, one gives the file its name; all then read that one.
            with suppress(FileExistsError):
                path.hardlink_to(draft.name)
    return path.read_text("ascii")
