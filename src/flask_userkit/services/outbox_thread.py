"""The sender inside a web process: one thread, started at first use."""

from __future__ import annotations

import atexit
import logging
import os
import threading

from .kit import Kit
from .outbox import deliver_next

#: How soon a message is found that another process wrote and did not send.
POLL_SECONDS = 5.0
STOP_SECONDS = 5.0

logger = logging.getLogger("flask_userkit.outbox")


class OutboxThread:
    """Sends what is in the outbox while its process serves."""

    def __init__(self, kit: Kit, *, enabled: bool) -> None:
        self._kit = kit
        self._enabled = enabled
        self._pid = 0
        self._starting = threading.Lock()
        self._work = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Send soon; start the thread if this process has none."""
        self.start()
        self._work.set()

    def start(self) -> None:
        """Start the thread, once for each process: a fork does not copy it."""
        if not self._enabled or self._pid == os.getpid():
            return
        with self._starting:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
            self._work = threading.Event()
            self._stopping = threading.Event()
            self._thread = threading.Thread(target=self._run, name="userkit-outbox", daemon=True)
            self._thread.start()
            atexit.register(self.stop)

    def stop(self) -> None:
        """Finish the message in hand and end."""
        thread = self._thread
        self._stopping.set()
        self._work.set()
        if thread is not None and thread.is_alive():
            thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._work.clear()
            try:
                while not self._stopping.is_set() and deliver_next(self._kit):
                    pass
            except Exception:
                # The database may be away; the messages are still there when it is back.
                logger.exception("The outbox could not be read.")
            self._work.wait(POLL_SECONDS)
