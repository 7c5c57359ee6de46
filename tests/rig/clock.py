"""A clock that stands still until a test moves it."""

from __future__ import annotations

import datetime as dt


class Clock:
    """Gives the same time at each call; set it as ``userkit.clock``."""

    def __init__(self, start: dt.datetime | None = None) -> None:
        self.now = start or dt.datetime.now(dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def tick(self, seconds: float = 0, **more: float) -> None:
        """Move on by seconds, or by any argument of a timedelta; back if negative."""
        self.now += dt.timedelta(seconds=seconds, **more)
