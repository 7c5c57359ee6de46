"""Conversations with a server, as tests have them."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from flask_userkit.connections.errors import ProviderUnavailable
from flask_userkit.connections.http import BoundedSession
from flask_userkit.connections.http import Slots
from flask_userkit.connections.http import within

#: Seconds: for a server that hangs, for one that is to be reached before that, and for a good one.
SHORT, REACHED, LONG = 0.5, 2.5, 60.0


def ask(url: str, seconds: float = LONG, slots: Slots | None = None, **more: t.Any) -> t.Any:
    """Return the answer to one request, in a conversation of its own."""

    def work() -> requests.Response:
        with BoundedSession() as session:
            return session.get(url, **more)

    return within(work, seconds=seconds, slots=slots)


def reason(url: str, seconds: float = LONG, **more: t.Any) -> str:
    """Return why there is no answer."""
    with pytest.raises(ProviderUnavailable) as caught:
        ask(url, seconds, **more)
    return caught.value.reason


@contextmanager
def unavailable(reason: str) -> Iterator[pytest.ExceptionInfo[ProviderUnavailable]]:
    """Expect that there is no answer, for a reason."""
    with pytest.raises(ProviderUnavailable) as caught:
        yield caught
    assert caught.value.reason == reason


class Refuse(t.Protocol):
    """Tells why there is no picture."""

    def __call__(self, url: str, **more: t.Any) -> str: ...
