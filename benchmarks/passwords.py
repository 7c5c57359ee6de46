"""Sign-in by password, against the hash that nobody can leave out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .host import PASSWORD
from .host import sign_in
from .host import visit
from .measure import Effort
from .measure import Work
from .measure import take_turns
from .report import Row
from .report import ratio


def passwords(folder: Path, effort: Effort) -> Iterator[Row]:
    """Measure a whole sign-in against argon2id alone, with the kit's own parameters."""
    with visit(folder, fast=False) as visited:
        with visited.app.app_context():
            hashing = visited.userkit.kit.passwords
        digest = hashing.hash(PASSWORD)
        cases: dict[str, Work] = {
            "sign-in": sign_in(visited.app),
            "argon2id": lambda: hashing.verify(digest, PASSWORD),
        }
        times = take_turns(cases, effort.for_slow_things())
        yield ratio("password sign-in / argon2id", times["sign-in"], times["argon2id"], 1.2)
