"""Conversations that end in time, so many at once, whatever the other side does."""

from __future__ import annotations

import contextvars
import json
import threading
import time
import typing as t
from collections.abc import Callable
from http.client import HTTPException
from ssl import SSLError

import requests
from urllib3.exceptions import HTTPError

from .conversation import Conversation
from .conversation import Resolve
from .conversation import conversation_now
from .conversation import look_up
from .errors import ProviderError
from .errors import ProviderUnavailable

R = t.TypeVar("R")
#: Seconds for a whole conversation, from the look-up of a name to the last byte.
TOTAL: t.Final = 8.0
#: Seconds. Whoever waits for a place holds a thread that other pages need.
PATIENCE = 1.0


class Slots:
    """So many conversations at once, since those with one server are likely to hang together.

    :param most: so many; a further one waits a second at most.
    """

    def __init__(self, most: int) -> None:
        self._free = threading.BoundedSemaphore(most)

    def take(self) -> None:
        """Take a place.

        :raises ProviderUnavailable: ``busy``: none came free in time.
        """
        if not self._free.acquire(timeout=PATIENCE):
            raise ProviderUnavailable("busy")

    def give_back(self) -> None:
        """Give the place back."""
        self._free.release()


def within(
    work: Callable[[], R],
    *,
    seconds: float = TOTAL,
    slots: Slots | None = None,
    resolve: Resolve = look_up,
) -> R:
    """Run a conversation, and give it up when its time is over.

    It runs in a thread of its own: the look-up of a name has no time-out, and that of a
    connection begins anew with each byte. What hangs keeps its place until it is back.

    :raises ProviderUnavailable: there is no answer in time, or none that can be read.
    """
    conversation = Conversation(seconds, resolve)
    if slots is not None:
        slots.take()
    done = threading.Event()
    outcome: list[tuple[R, None] | tuple[None, BaseException]] = []

    def run() -> None:
        try:
            conversation_now.set(conversation)
            outcome.append((_told(work), None))
        except BaseException as error:
            outcome.append((None, error))
        finally:
            conversation.end()
            if slots is not None:
                slots.give_back()
            done.set()

    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(run,), name="userkit-talk", daemon=True)
    try:
        thread.start()
    except BaseException:
        if slots is not None:
            slots.give_back()
        raise
    try:
        if not done.wait(max(0, conversation.deadline - time.monotonic())):
            raise ProviderUnavailable("too_slow")
    finally:
        if not done.is_set():
            conversation.hang_up()
    result, problem = outcome.pop()
    if problem is not None:
        raise problem
    return t.cast("R", result)


def _told(work: Callable[[], R]) -> R:
    try:
        return work()
    except Exception as error:
        reason = _reason(error)
        if reason is None:
            raise
    # Outside of the handler, since the other error holds the request, and with it a secret.
    raise ProviderUnavailable(reason)


def _reason(error: Exception) -> str | None:
    """Return the word for what the other side did, or None where it is no such error."""
    match error:
        case ProviderError():
            return None
        case requests.HTTPError(response=requests.Response(status_code=status)):
            return f"status_{status}"
        case json.JSONDecodeError() | UnicodeDecodeError() | RecursionError():
            # The last is a thousand brackets, which no program writes.
            return "no_json"
        case requests.JSONDecodeError():
            return "no_json"
        case requests.exceptions.SSLError() | SSLError():
            return "tls"
        case requests.Timeout() | TimeoutError():
            return "too_slow"
        case requests.RequestException() | HTTPError() | HTTPException() | OSError():
            return "no_answer"
        case _:
            return None
