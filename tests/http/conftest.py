"""Browsers at real servers, closed at the end of the test."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.rig.caching_proxy import CachingProxy
from tests.rig.clients import http_client
from tests.rig.servers import Server
from tests.rig.visitor import Visitor

Walk = Callable[..., Visitor]


@pytest.fixture
def walk() -> Iterator[Walk]:
    """Opens a browser at a server, or behind a proxy; all else goes to the HTTP client."""
    with ExitStack() as stack:

        def begin(place: Server | CachingProxy, **options: t.Any) -> Visitor:
            if isinstance(place, Server):
                client = place.client(**options)
            else:
                client = http_client(place.url, **options)
            return Visitor(stack.enter_context(client))

        yield begin
