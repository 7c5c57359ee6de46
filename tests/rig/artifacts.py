"""Where a run leaves its logs, database dumps and recorded secrets."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHOSEN = "TEST_ARTIFACTS"


def folder(name: str) -> Path:
    """Return a folder of this run, made if it is not there."""
    base = Path(os.environ.get(CHOSEN) or ROOT / ".artifacts" / "adhoc")
    path = base / name
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def worker() -> str:
    """Return a name that no other process of this run has."""
    return f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}"


def alive(pid: int) -> bool:
    """Tell whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def begin_run() -> Path:
    """Choose an empty folder for this run and its children, and drop those of dead runs."""
    for path in (ROOT / ".artifacts").glob("run-*"):
        if not alive(int(path.name.partition("-")[2])):
            shutil.rmtree(path, ignore_errors=True)
    path = ROOT / ".artifacts" / f"run-{os.getpid()}"
    path.mkdir(mode=0o700, parents=True)
    os.environ[CHOSEN] = str(path)
    return path
