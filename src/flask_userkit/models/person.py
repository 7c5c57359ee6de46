"""What a person is called, the same for a row and for the button."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from zlib import crc32

HUES = 16


class Person:
    """Names derived from names; a class that has them gets the rest."""

    __slots__ = ()
    #: Returns the address of a picture by its digest; whoever serves pictures puts it here.
    image_address: t.ClassVar[Callable[[str], str]]

    if t.TYPE_CHECKING:
        avatar_digest: t.Any

        @property
        def _names(self) -> tuple[str | None, str | None]: ...

        @property
        def _id(self) -> str: ...

        @property
        def identifier(self) -> str: ...

    @property
    def full_name(self) -> str | None:
        """First and last name, as far as there are any."""
        return " ".join(filter(None, self._names)) or None

    @property
    def name(self) -> str:
        """The full name, else what the person signs in with."""
        return self.full_name or self.identifier

    @property
    def initials(self) -> str:
        """One or two letters, or digits, that stand for a person without a picture."""
        parts = [part for part in self._names if part]
        if not parts and self.identifier.startswith("+"):
            # All numbers of a country begin alike.
            return self.identifier[-2:]
        return "".join(part[0] for part in parts or [self.identifier]).upper()

    @property
    def has_image(self) -> bool:
        """Whether the person has a picture."""
        return self.avatar_digest is not None

    @property
    def image_url(self) -> str | None:
        """Where the picture is; without one, initials on a colour stand in its place."""
        digest: str | None = self.avatar_digest
        return Person.image_address(digest) if digest else None

    @property
    def hue(self) -> int:
        """Which of the sixteen colours is this person's, from 1."""
        return crc32(self._id.encode()) % HUES + 1
