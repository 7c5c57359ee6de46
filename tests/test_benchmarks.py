"""Every benchmark runs, and what does not depend on the machine's speed is as promised."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS
from benchmarks.addresses import addresses
from benchmarks.addresses import many_addresses
from benchmarks.assets import assets
from benchmarks.avatars import avatars
from benchmarks.call import Call
from benchmarks.floor import floor
from benchmarks.host import visit
from benchmarks.lookup import on
from benchmarks.measure import Effort
from benchmarks.measure import take_turns
from benchmarks.pages import pages
from benchmarks.passwords import passwords
from benchmarks.report import Row
from benchmarks.report import as_json
from benchmarks.report import table
from tests.rig.artifacts import ROOT

TINY = Effort(rounds=1, few=20, many=40)
#: A floor is written anew when a page has changed by more than this.
TOLERANCE = 0.05


def assert_held(rows: list[Row], count: int) -> None:
    """What is counted, and not timed, keeps its budget."""
    counted = [row for row in rows if row.unit != "x"]
    assert len(counted) == count
    assert [row.what for row in counted if not row.holds] == []


def assert_timed(rows: list[Row], count: int) -> None:
    """A time is there, whatever it is."""
    timed = [row for row in rows if row.unit == "x"]
    assert len(timed) == count
    assert all(row.measured > 0 and row.median is not None for row in timed)


def test_assets_are_as_light_as_promised(tmp_path: Path) -> None:
    rows = list(assets(tmp_path, TINY))
    assert_held(rows, 3)
    assert all(row.measured > 1000 for row in rows)


def test_pages_ask_no_more_of_the_database_than_promised(tmp_path: Path) -> None:
    rows = list(pages(tmp_path, TINY))
    assert_held(rows, 5)
    assert_timed(rows, 7)


def test_fifty_addresses_ask_no_more_of_it_than_one(tmp_path: Path) -> None:
    # A difference of times is one only where each is the best of several.
    rows = list(addresses(tmp_path, replace(TINY, rounds=20)))
    assert_held(rows, 1)
    assert_timed(rows, 3)


def test_the_list_by_hand_sends_as_much_as_the_kit(tmp_path: Path) -> None:
    with many_addresses(tmp_path / "page", 20) as calls:
        sizes = [len(calls[f"{name} 20"]().body) for name in ("kit", "floor")]
        rows = calls["floor 20"]().text.count("Actions for ada.")
    assert sizes[1] == pytest.approx(sizes[0], rel=TOLERANCE)
    assert rows == 2 * 19


def test_a_sign_in_is_measured(tmp_path: Path) -> None:
    sign_in, *others = passwords(tmp_path, TINY)
    assert_timed([sign_in], 1)
    assert all(row.measured > 0 for row in others)
    assert len(others) == 2


def test_a_picture_takes_no_more_memory_than_promised(tmp_path: Path) -> None:
    rows = list(avatars(tmp_path, TINY))
    assert_held(rows, 3)
    assert_timed(rows, 3)


@pytest.mark.parametrize(("backend", "rows"), [("sqlite", 2), ("postgresql", 1)])
def test_look_ups_are_measured(tmp_path: Path, backend: str, rows: int) -> None:
    assert_timed(list(on(backend, tmp_path, TINY)), rows)


@pytest.mark.parametrize("path", ["/", "/account/"])
def test_the_floor_sends_as_much_as_the_kit(tmp_path: Path, path: str) -> None:
    with visit(tmp_path) as visited, floor(visited.url) as by_hand:
        apps = (visited.app, by_hand)
        sizes = [len(Call(app, path, cookies=visited.cookies)().body) for app in apps]
    assert sizes[1] == pytest.approx(sizes[0], rel=TOLERANCE), (
        "python -m benchmarks.write_floors writes the floors anew"
    )


def test_cases_take_turns() -> None:
    taken: list[str] = []
    cases = {name: (lambda name=name: taken.append(name)) for name in ("one", "other")}
    times = take_turns(cases, Effort(rounds=3, calls=2))
    assert sorted(taken[:4]) == ["one", "one", "other", "other"]
    assert len(taken) == 2 * 2 + 3 * 2 * 2
    assert all(0 < times[name].minimum <= times[name].median for name in cases)


def test_a_failure_is_not_measured(tmp_path: Path) -> None:
    with visit(tmp_path) as visited:
        nobody = Call(visited.app, "/account/")
        with pytest.raises(RuntimeError, match="303"):
            nobody()


def test_the_table_marks_what_holds() -> None:
    rows = [
        Row("fast enough", 1.2, median=1.3, budget=1.25),
        Row("too many", 2, "queries", budget=1),
        Row("nothing was promised", 3.4, median=3.5),
    ]
    lines = [line.split() for line in table(rows).splitlines()[1:]]
    assert [line[-1] for line in lines] == ["holds", "OVER", "x"]
    written = json.loads(as_json(rows))
    assert [row["holds"] for row in written["rows"]] == [True, False, None]
    assert written["about"]["sqlalchemy"]


def test_the_command_prints_a_table_and_writes_the_figures(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks", "assets", "--json", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "holds" in done.stdout
    assert len(json.loads(path.read_text("utf-8"))["rows"]) == 3
    wrong = subprocess.run([*command, "speed"], cwd=ROOT, capture_output=True, check=False)
    assert wrong.returncode == 2
    assert set(BENCHMARKS) == {
        "addresses",
        "assets",
        "avatars",
        "lookup",
        "pages",
        "passwords",
        "sessions",
    }
