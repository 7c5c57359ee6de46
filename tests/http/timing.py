"""Tells whether two kinds of request take different times, by interleaved pairs."""

from __future__ import annotations

import math
import statistics
import time
import typing as t
from collections.abc import Callable
from dataclasses import dataclass

WARM_UP = 5


@dataclass(frozen=True)
class Comparison:
    """The times of two kinds of request, in seconds."""

    first: tuple[float, ...]
    second: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Return the slower median by the faster one."""
        medians = statistics.median(self.first), statistics.median(self.second)
        return max(medians) / min(medians)

    @property
    def p(self) -> float:
        """Return how likely such times are if there is no difference (Mann-Whitney, two-sided)."""
        ranks = {value: rank for rank, value in enumerate(sorted(self.first + self.second), 1)}
        n, m = len(self.first), len(self.second)
        u = sum(ranks[value] for value in self.first) - n * (n + 1) / 2
        z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
        return math.erfc(abs(z) / math.sqrt(2))

    def __str__(self) -> str:
        first, second = (statistics.median(x) * 1000 for x in (self.first, self.second))
        return f"{first:.2f} ms and {second:.2f} ms, ratio {self.ratio:.3f}, p {self.p:.2g}"


def compare(first: Callable[[], t.Any], second: Callable[[], t.Any], pairs: int) -> Comparison:
    """Time both in turns, each as often first as second."""
    for _ in range(WARM_UP):
        first()
        second()
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(pairs):
        order = ((0, first), (1, second)) if number % 2 else ((1, second), (0, first))
        for index, call in order:
            begun = time.perf_counter()
            call()
            times[index].append(time.perf_counter() - begun)
    return Comparison(tuple(times[0]), tuple(times[1]))
