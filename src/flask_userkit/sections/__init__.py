"""The sections of the account page, in their order."""

from __future__ import annotations

from . import profile

SECTIONS = [
    profile.SECTION,
]
