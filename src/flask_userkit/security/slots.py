"""Heavy work: so much of it at a time, and the rest is told to come back."""

from __future__ import annotations

import threading


class Busy(Exception):
    """No slot came free in time."""


class Slots(threading.BoundedSemaphore):
    """Lets a few in at a time, and the others wait for so many seconds: ``with slots: …``.

    :raises Busy: no slot came free in time.
    """

    def __init__(self, count: int, seconds: float) -> None:
        super().__init__(count)
        self._seconds = seconds

    def __enter__(self) -> bool:  # type: ignore[override] # typeshed has its parameters
        if not self.acquire(timeout=self._seconds):
            raise Busy
        return True
