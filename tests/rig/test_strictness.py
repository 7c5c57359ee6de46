"""Under CI a skipped test is a failed one; elsewhere it says what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rig.artifacts import ROOT

SKIPPED = {
    "by a mark": "import pytest\n@pytest.mark.skip(reason='no time')\ndef test_it(): pass\n",
    "by a call": "import pytest\ndef test_it(): pytest.skip('no time')\n",
    "as a module": "import pytest\npytest.skip('no time', allow_module_level=True)\n",
    "by a fixture": (
        "import pytest\nfrom tests.rig.ci import Missing\n"
        "@pytest.fixture\ndef part(): raise Missing('no time')\n"
        "def test_it(part): pass\n"
    ),
}


def run(folder: Path, source: str, ci: str) -> tuple[int, str]:
    path = folder / "test_inner.py"
    path.write_text(source, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.rig.fixtures.strictness"]
    command += ["-p", "no:cacheprovider", "--noconftest", "-c", os.devnull, "-ra", str(path)]
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("source", SKIPPED.values(), ids=SKIPPED.keys())
def test_a_skip_fails_under_ci(tmp_path: Path, source: str) -> None:
    code, output = run(tmp_path, source, "true")
    assert code != 0
    assert "Under CI a skipped test is a failed one" in output
    assert "no time" in output


@pytest.mark.parametrize("source", SKIPPED.values(), ids=SKIPPED.keys())
def test_a_skip_is_told_elsewhere(tmp_path: Path, source: str) -> None:
    code, output = run(tmp_path, source, "")
    assert code in (0, 5)
    assert "1 skipped" in output
    assert "no time" in output


def test_a_failure_that_is_expected_stays_expected(tmp_path: Path) -> None:
    source = "import pytest\n@pytest.mark.xfail(strict=True)\ndef test_it(): assert False\n"
    code, output = run(tmp_path, source, "true")
    assert code == 0
    assert "1 xfailed" in output
