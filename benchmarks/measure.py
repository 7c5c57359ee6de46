"""Times several things in turns, so that what slows the machine down slows all of them."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from statistics import median

Work = Callable[[], object]


@dataclass(frozen=True)
class Effort:
    """How much is done.

    :param rounds: how often everything has its turn.
    :param calls: how often a thing is done in its turn.
    :param few: sessions of a small database.
    :param many: sessions of a large one.
    :param clock: what tells the time, in seconds.
    """

    rounds: int = 4000
    calls: int = 1
    few: int = 10_000
    many: int = 1_000_000
    clock: Callable[[], float] = time.perf_counter

    def without_waiting(self) -> Effort:
        """Return the same for what waits for nothing: only its time on the processor counts.

        Whatever else a busy machine does meanwhile has no part in it.
        """
        return replace(self, clock=time.thread_time)

    def for_slow_things(self) -> Effort:
        """Return the same for what takes a hundred times as long."""
        return replace(self.without_waiting(), rounds=max(1, self.rounds // 100), calls=1)


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of one call: of the best round, and of the one in the middle."""

    minimum: float
    median: float

    def __sub__(self, other: Times) -> Times:
        return Times(self.minimum - other.minimum, self.median - other.median)


def take_turns(cases: Mapping[str, Work], effort: Effort) -> dict[str, Times]:
    """Time every case in every round, each round in another order."""
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for work in cases.values():
        _repeat(work, effort)
    names = list(cases)
    gc.collect()
    # What is there by now is not looked through again while the cases run.
    gc.freeze()
    for _ in range(effort.rounds):
        random.shuffle(names)
        for name in names:
            seconds[name].append(_repeat(cases[name], effort))
    gc.unfreeze()
    return {name: Times(min(taken), median(taken)) for name, taken in seconds.items()}


def _repeat(work: Work, effort: Effort) -> float:
    begun = effort.clock()
    for _ in range(effort.calls):
        work()
    return (effort.clock() - begun) / effort.calls
