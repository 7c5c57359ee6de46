"""The rows of the table: what was measured, what it may be, and whether that holds."""

from __future__ import annotations

import json
import os
import platform
import typing as t
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version

from .measure import Times

Unit = t.Literal["x", "queries", "bytes", "cookies"]
LIBRARIES = ("flask", "jinja2", "sqlalchemy")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    :param measured: what counts: of times, the ratio of the best rounds.
    :param median: the ratio of the rounds in the middle.
    :param budget: the most that is allowed; None where nothing was decided.
    """

    what: str
    measured: float
    unit: Unit = "x"
    median: float | None = None
    budget: float | None = None

    @property
    def holds(self) -> bool | None:
        return None if self.budget is None else round(self.measured, 2) <= self.budget

    def as_dict(self) -> dict[str, t.Any]:
        return {
            "what": self.what,
            "measured": round(self.measured, 3),
            "median": None if self.median is None else round(self.median, 3),
            "unit": self.unit,
            "budget": self.budget,
            "holds": self.holds,
        }


def ratio(what: str, times: Times, floor: Times, budget: float | None = None) -> Row:
    """Return the row of one time over another."""
    medians = times.median / floor.median
    return Row(what, times.minimum / floor.minimum, median=medians, budget=budget)


def table(rows: Iterable[Row]) -> str:
    """Return the rows as text."""
    head = (f"{'':<62}", f"{'best':>10}", f"{'median':>10}", f"{'budget':>10}")
    return "\n".join(("".join(head), *map(_line, rows)))


def as_json(rows: Iterable[Row]) -> str:
    """Return the rows, and on what they were measured."""
    about = {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        **{name: version(name) for name in LIBRARIES},
    }
    return json.dumps({"about": about, "rows": [row.as_dict() for row in rows]}, indent=2)


def _line(row: Row) -> str:
    marks = {True: "  holds", False: "  OVER", None: ""}
    values = (row.measured, row.median, row.budget)
    cells = "".join(f"{_number(value, row.unit):>10}" for value in values)
    return f"{row.what:<62}{cells}{marks[row.holds]}".rstrip()


def _number(value: float | None, unit: Unit) -> str:
    if value is None:
        return ""
    return f"{value:.2f} x" if unit == "x" else f"{value:,.0f}"
