"""What a person is called, the same for a row and for the button."""

from __future__ import annotations

import typing as t
from zlib import crc32

HUES = 16


class Person:
    """Names derived from names; a class that has them gets the rest."""

    __slots__ = ()

    if t.TYPE_CHECKING:

        @property
        def _names(self) -> tuple[str | None, str | None]: ...

        @property
        def _id(self) -> str: ...

        @property
        def identifier(self) -> str: ...

    @property
    def full_name(self) -> str | None:
        """First and last name, as far as there are any."""
        return " ".join(part for part in self._names if part) or None

    @property
    def name(self) -> str:
        """The full name, else what the person signs in with."""
        return self.full_name or self.identifier

    @property
    def initials(self) -> str:
        """One or two letters that stand for a person without a picture."""
        parts = [part for part in self._names if part] or [self.identifier]
        return "".join(part[0] for part in parts).upper()

    @property
    def hue(self) -> int:
        """Which of the sixteen colours is this person's, from 1."""
        return crc32(self._id.encode()) % HUES + 1
