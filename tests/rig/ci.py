"""Under CI nothing is left out: a skipped test is a failed one."""

from __future__ import annotations

import os

IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")


class Missing(Exception):
    """A real part, such as a server or a browser, that this machine does not have."""
