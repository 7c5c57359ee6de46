"""Runs every test in stages, and ends with the sum of what they reported."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from . import chromium
from .artifacts import ROOT
from .artifacts import begin_run
from .artifacts import folder

#: Browsers and clocks want a machine to themselves; all else runs side by side. The search for
#: secrets comes last, when everything that could leave one has run.
STAGES = {
    "not alone and not browser and not last and not soak": ("-n", "auto", "--maxprocesses", "4"),
    "(alone or browser) and not soak": (),
    "last": (),
}
TESTS_FAILED = 1
NO_TESTS_COLLECTED = 5


def main() -> int:
    begin_run()
    begun = time.monotonic()
    counts: Counter[str] = Counter()
    code = chromium.main()
    for chosen, options in STAGES.items():
        if code:
            break
        print(f"\npytest -m '{chosen}'", flush=True)
        code = _stage(counts, "-m", chosen, *options)
    print(f"\nLogs, dumps and recorded secrets: {folder('.').relative_to(ROOT)}")
    print(f"{time.monotonic() - begun:.0f} seconds in all")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return code


def _stage(counts: Counter[str], *arguments: str) -> int:
    report = folder("reports") / f"{time.time_ns()}.xml"
    command = [sys.executable, "-m", "pytest", f"--junitxml={report}", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    if report.exists():
        counts.update(_outcomes(report))
    if code == NO_TESTS_COLLECTED:
        print("This stage has no test; every stage has some.", flush=True)
    elif code not in (0, TESTS_FAILED):
        print(f"pytest did not come to its end (exit code {code}).", flush=True)
    return code


def _outcomes(report: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        found = {child.tag for child in case}
        failed = found & {"failure", "error"}
        counts["failed" if failed else "skipped" if "skipped" in found else "passed"] += 1
    return counts


if __name__ == "__main__":
    sys.exit(main())
