"""The sender inside a web process: one thread, started at first use."""

from __future__ import annotations

import logging
import os
import threading
import weakref

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
        self._end: weakref.finalize[..., OutboxThread] | None = None

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
            self._work, stopping = threading.Event(), threading.Event()
            thread = threading.Thread(
                # By a reference that is weak, so that an app that nobody has any more is freed.
                target=_run,
                args=(weakref.ref(self._kit), self._work, stopping),
                name="userkit-outbox",
                daemon=True,
            )
            thread.start()
            self._end = weakref.finalize(self, _end, thread, self._work, stopping)

    def stop(self) -> None:
        """Finish the message in hand and end; it does so by itself when the process ends."""
        if self._end is not None:
            self._end()


def _run(kit: weakref.ref[Kit], work: threading.Event, stopping: threading.Event) -> None:
    while not stopping.is_set():
        work.clear()
        try:
            while not stopping.is_set() and _deliver_next(kit):
                pass
        except Exception:
            # The database may be away; the messages are still there when it is back.
            logger.exception("The outbox could not be read.")
        work.wait(POLL_SECONDS)


def _deliver_next(kit: weakref.ref[Kit]) -> bool:
    held = kit()
    return held is not None and deliver_next(held)


def _end(thread: threading.Thread, work: threading.Event, stopping: threading.Event) -> None:
    stopping.set()
    work.set()
    # Whoever held the app last may be that thread.
    if thread is not threading.current_thread():
        thread.join(STOP_SECONDS)
