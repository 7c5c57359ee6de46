"""Requests and calls that arrive together, as closely as one machine can make them."""

from __future__ import annotations

import multiprocessing
import socket
import ssl
import time
import typing as t
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPResponse
from multiprocessing.connection import Connection
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import Barrier
from pathlib import Path
from urllib.parse import urlencode
from urllib.parse import urlsplit

#: It ends what hangs, and must not end what is slow.
PATIENCE = 240
#: Long enough for every server thread that can to have read all of its request but the last byte.
SETTLE = 0.3


@dataclass(frozen=True)
class Shot:
    """One request of a race."""

    method: str
    path: str
    headers: Mapping[str, str]
    form: Mapping[str, str] | None = None

    def encoded(self, host: str) -> bytes:
        body = urlencode(self.form).encode() if self.form is not None else b""
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.form is not None:
            lines.append("Content-Type: application/x-www-form-urlencoded")
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Hit:
    """One answer of a race."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def fire(base_url: str, shots: Sequence[Shot], *, certificate: Path | None = None) -> list[Hit]:
    """Send every request but for its last byte, then all the last bytes, and read the answers."""
    parts = urlsplit(base_url)
    with ExitStack() as stack:
        connections = []
        for _ in shots:
            connection = stack.enter_context(_connect(parts.hostname, parts.port, certificate))
            connections.append(connection)
        messages = [shot.encoded(parts.netloc) for shot in shots]
        for connection, message in zip(connections, messages, strict=True):
            connection.sendall(message[:-1])
        time.sleep(SETTLE)
        for connection, message in zip(connections, messages, strict=True):
            connection.sendall(message[-1:])
        pairs = zip(connections, shots, strict=True)
        return [_read(connection, shot) for connection, shot in pairs]


def _connect(host: str | None, port: int | None, certificate: Path | None) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port or 80), timeout=PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if certificate is None:
        return connection
    context = ssl.create_default_context(cafile=str(certificate))
    return context.wrap_socket(connection, server_hostname=host)


def _read(connection: socket.socket, shot: Shot) -> Hit:
    response = HTTPResponse(connection, method=shot.method)
    response.begin()
    return Hit(response.status, tuple(response.getheaders()), response.read())


@dataclass(frozen=True)
class Outcome:
    """What one process of a race ended with: a value, or the name and text of an exception."""

    value: t.Any = None
    error: str | None = None
    message: str = ""


def forkserver() -> ForkServerContext:
    """Return what starts processes that have imported already what takes seconds to import."""
    context = multiprocessing.get_context("forkserver")
    works = ["tests.races.works", "tests.races.external_works", "tests.races.workers"]
    context.set_forkserver_preload(works)
    return context


def race(
    racer: Callable[..., Generator[None, None, t.Any]], arguments: Sequence[tuple[t.Any, ...]]
) -> list[Outcome]:
    """Run one process per tuple of arguments, all let go at once.

    :param racer: a generator function at the top of a module. What stands before its one
        ``yield`` prepares, what stands after it races, and what it returns is the outcome.
    """
    context = forkserver()
    barrier = context.Barrier(len(arguments))
    runners = []
    for values in arguments:
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_run, args=(racer, values, barrier, sender), daemon=True)
        process.start()
        sender.close()
        runners.append((process, receiver))
    outcomes = _collect([receiver for _, receiver in runners], barrier)
    for process, receiver in runners:
        process.join(1)
        process.kill()
        receiver.close()
    return outcomes


def _collect(receivers: list[Connection], barrier: Barrier) -> list[Outcome]:
    outcomes = {receiver: Outcome(error="Timeout") for receiver in receivers}
    pending = set(receivers)
    while pending and (ready := wait(list(pending), PATIENCE)):
        for receiver in pending.intersection(ready):
            pending.remove(receiver)
            try:
                outcomes[receiver] = receiver.recv()
            except EOFError:
                outcomes[receiver] = Outcome(error="Died")
                barrier.abort()
    return list(outcomes.values())


def _run(
    racer: Callable[..., Generator[None, None, t.Any]],
    values: tuple[t.Any, ...],
    barrier: Barrier,
    sender: Connection,
) -> None:
    try:
        steps = racer(*values)
        next(steps)
    except BaseException:
        barrier.abort()
        raise
    barrier.wait(PATIENCE)
    try:
        next(steps)
    except StopIteration as end:
        sender.send(Outcome(value=end.value))
    except Exception as error:
        sender.send(Outcome(error=type(error).__name__, message=str(error)))
    else:
        sender.send(Outcome(error="SecondYield", message="a racer yields once"))
