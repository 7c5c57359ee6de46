"""One conversation with a server of other people: its time, and its sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import suppress
from contextvars import ContextVar

from .errors import ProviderUnavailable

#: What knows the addresses of a host, from its name and the port that is meant.
Resolve = Callable[[str, int], Sequence[str]]


class Conversation:
    """Until when it lasts, who knows the addresses for it, and the sockets that it speaks by."""

    def __init__(self, seconds: float, resolve: Resolve) -> None:
        self.deadline = time.monotonic() + seconds
        self._resolve = resolve
        self._handles: list[socket.socket] = []
        self._over = False
        #: The number of a handle that is closed may at once be another's.
        self._lock = threading.Lock()

    def left(self) -> float:
        """Return how many seconds there are.

        :raises ProviderUnavailable: ``too_slow``: none.
        """
        left = self.deadline - time.monotonic()
        if self._over or left <= 0:
            raise ProviderUnavailable("too_slow")
        return left

    def open(self, host: str, port: int) -> socket.socket:
        """Return a connection to a host."""
        addresses = self._resolve(host, port)
        problem = OSError("it has no address")
        for number, address in enumerate(addresses):
            # One that is dead leaves time for the others.
            share = self.left() / (len(addresses) - number)
            try:
                return self._open(address, port, share)
            except OSError as error:
                problem = error
        if isinstance(problem, TimeoutError):
            raise ProviderUnavailable("too_slow")
        raise problem

    def _open(self, address: str, port: int, seconds: float) -> socket.socket:
        found = socket.getaddrinfo(
            address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
        )
        family, kind, protocol, _name, target = found[0]
        sock = socket.socket(family, kind, protocol)
        try:
            self.watch(sock)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(seconds)
            sock.connect(target)
            sock.settimeout(self.left())
        except BaseException:
            sock.close()
            raise
        return sock

    def watch(self, sock: socket.socket) -> None:
        """Have a socket shut when there is no time any more."""
        with self._lock:
            self.left()
            # A second handle, since TLS takes the first one away while it is still greeted.
            self._handles.append(socket.socket(fileno=socket.dup(sock.fileno())))

    def hang_up(self) -> None:
        """Shut every socket, so that whoever reads from one is back at once."""
        with self._lock:
            self._over = True
            for handle in self._handles:
                with suppress(OSError):
                    handle.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Let go of the sockets, of which those that are kept open serve the next one."""
        with self._lock:
            self._over = True
            for handle in self._handles:
                handle.close()
            self._handles.clear()


conversation_now: ContextVar[Conversation | None] = ContextVar("userkit_conversation", default=None)


def current() -> Conversation:
    """Return the conversation that this is a part of."""
    conversation = conversation_now.get()
    if conversation is None:
        raise RuntimeError("Only what runs within() speaks with a provider: nothing else ends.")
    return conversation


def look_up(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, as the system knows them."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        # A label of more than 63 letters, say.
        raise OSError("it is no name of a host") from None
    return list(dict.fromkeys(str(each[4][0]) for each in found))
