"""A built package in an environment of its own, as its users have it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path


class Environment:
    """A fresh virtual environment with one distribution and what it depends on."""

    def __init__(self, folder: Path, distribution: Path) -> None:
        self.python = folder / "bin" / "python"
        # uv installs from its cache in a moment; pip does the same more slowly.
        if find_spec("uv"):
            uv = [sys.executable, "-m", "uv"]
            _run([*uv, "venv", "--quiet", "--python", sys.executable, str(folder)])
            install = [*uv, "pip", "install", "--quiet", "--python", str(self.python)]
        else:
            _run([sys.executable, "-m", "venv", str(folder)])
            install = [str(self.python), "-m", "pip", "install", "--quiet"]
        _run([*install, str(distribution)])

    def start(self, *arguments: str, cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start this environment's Python; its output goes to ``output.txt`` in the folder."""
        with (cwd / "output.txt").open("wb") as output:
            return subprocess.Popen(
                [str(self.python), *arguments],
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def call(self, *arguments: str, cwd: Path) -> str:
        """Run this environment's Python and return what it prints."""
        return _run([str(self.python), *arguments], cwd=cwd)


def _run(command: list[str], cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout
