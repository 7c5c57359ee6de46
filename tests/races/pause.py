"""The pause that a build without its guard loses by, however the threads happen to run.

The first thread that comes between a check and what follows from it is late: it goes on once the
others of its process have ended, and then acts upon what it read. Nothing pauses in a race of
the build that has its guards.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

#: Shorter than anybody waits for a lock: where there is a guard after all, the others wait behind
#: it for who is late, and must not be refused for that.
PATIENCE = 3
#: Of who holds nothing that another could wait for.
LONG_PATIENCE = 60


class _Race:
    """The threads of one process, and which of them have ended or stand still."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._changed = threading.Condition()
        self._ended = 0
        self._resting = 0
        self._met = 0
        self._late: int | None = None
        self._is_through = False
        self._about = ""

    def late(self, about: str) -> None:
        with self._changed:
            if self._late is None:
                self._late, self._about = threading.get_ident(), about
                self._changed.notify_all()
                self._changed.wait_for(self._are_others_still, PATIENCE)

    def after_late(self) -> str:
        with self._changed:
            self._rest(lambda: self._late is not None or self._is_all_still(), LONG_PATIENCE)
            return self._about

    def rest(self) -> None:
        with self._changed:
            if self._late not in (None, threading.get_ident()):
                self._rest(lambda: self._is_through, PATIENCE)

    def meet(self) -> None:
        with self._changed:
            self._met += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._met > 1 or self._are_others_still(), PATIENCE)

    def ended(self) -> None:
        with self._changed:
            self._ended += 1
            self._is_through |= self._late == threading.get_ident()
            self._changed.notify_all()

    def _rest(self, is_over: Callable[[], bool], patience: float) -> None:
        self._resting += 1
        self._changed.notify_all()
        self._changed.wait_for(is_over, patience)
        self._resting -= 1

    def _are_others_still(self) -> bool:
        return self._ended + self._resting >= self._threads - 1

    def _is_all_still(self) -> bool:
        return self._ended + self._resting >= self._threads


_races: list[_Race] = []


def begin(threads: int) -> None:
    """Let pauses be made in this process, which lacks a guard."""
    _races[:] = [_Race(threads)]


def late(about: str = "") -> None:
    """Wait for the others of this process, if nobody did before.

    :param about: what this thread acts upon.
    """
    for race in _races:
        race.late(about)


def after_late() -> str:
    """Wait until somebody is late, and return what they act upon; "" where nobody is."""
    return next((race.after_late() for race in _races), "")


def rest() -> None:
    """Wait until who is late has ended."""
    for race in _races:
        race.rest()


def meet() -> None:
    """Wait until a second thread comes here as well."""
    for race in _races:
        race.meet()


def ended() -> None:
    """Say that this thread does nothing more."""
    for race in _races:
        race.ended()
