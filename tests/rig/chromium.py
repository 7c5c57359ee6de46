"""Chromium: the one that is here, or installed on Debian and Ubuntu by root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from .ci import IN_CI
from .ci import Missing

#: The headless shell comes first: it starts several times faster and shows the same.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium-headless-shell", "chromium")


def find_chromium() -> str:
    """Return the path of a Chromium; ``CHROMIUM`` names one.

    :raises Missing: there is none.
    """
    for name in (os.environ.get("CHROMIUM"), *NAMES):
        path = shutil.which(name) if name else None
        if path:
            return path
    raise Missing(
        "The browser tests need Chromium: install chromium-headless-shell, chromium or "
        "google-chrome, or set CHROMIUM to the path of one."
    )


def install_chromium() -> None:
    """Install Chromium where root may do it by apt-get; elsewhere change nothing."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], check=False)
    for package in PACKAGES:
        command = ["apt-get", "install", "-yq", "--no-install-recommends", package]
        if subprocess.run(command, env=environment, check=False).returncode == 0:
            return


def main() -> int:
    """Make sure that there is a Chromium; without one, tell so, and fail under CI."""
    try:
        find_chromium()
    except Missing:
        install_chromium()
    try:
        print(f"Chromium: {find_chromium()}")
    except Missing as reason:
        print(reason, file=sys.stderr)
        return 1 if IN_CI else 0
    return 0
