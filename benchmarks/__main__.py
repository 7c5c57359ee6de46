"""``python -m benchmarks``: measures everything, and prints it beside what was promised."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

from .addresses import addresses
from .assets import assets
from .avatars import avatars
from .lookup import lookup
from .measure import Effort
from .pages import pages
from .passwords import passwords
from .report import Row
from .report import as_json
from .report import table
from .sessions import sessions

BENCHMARKS: dict[str, Callable[[Path, Effort], Iterator[Row]]] = {
    "assets": assets,
    "pages": pages,
    "addresses": addresses,
    "lookup": lookup,
    "passwords": passwords,
    "avatars": avatars,
    "sessions": sessions,
}

#: What was promised is promised for this many sessions.
FULL = 10_000_000


def measure(names: list[str], effort: Effort) -> Iterator[Row]:
    """Run benchmarks, each in a folder of its own."""
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            yield from BENCHMARKS[name](Path(folder), effort)


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--rounds", type=int, default=Effort.rounds)
    parser.add_argument("--full", action="store_true", help="10 million sessions: some GB of disk")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures down as well")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    effort = Effort(options.rounds, many=FULL if options.full else Effort.many)
    rows = list(measure(options.names or list(BENCHMARKS), effort))
    print(table(rows))
    if options.json is not None:
        options.json.write_text(as_json(rows) + "\n", "utf-8")


if __name__ == "__main__":
    main()
