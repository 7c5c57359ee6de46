"""Ports that nothing listens on."""

from __future__ import annotations

import os
import random
import socket

#: Below the range that the system gives to outgoing connections, which would take one in between.
LOWEST, HIGHEST = 20_000, 32_000
_random = random.Random(os.getpid())
#: Each of the processes that test side by side draws from ports of its own.
SHARES = 4
_share = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % SHARES


def free_port() -> int:
    """Return a loopback port that is free now."""
    while True:
        port = _random.randrange(LOWEST + _share, HIGHEST, SHARES)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def accepts(port: int) -> bool:
    """Tell whether something listens on a loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
