"""A wire to a database server that a test can cut, or leave hanging."""

from __future__ import annotations

import socket
import threading
import typing as t
from contextlib import suppress

from sqlalchemy import make_url

from tests.rig.ports import free_port

CHUNK = 65536


class TcpProxy:
    """Passes bytes on between a loopback port and a server, until it is told otherwise."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._sockets: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._hanging = False
        self.port = free_port()

    @classmethod
    def before(cls, url: str) -> tuple[TcpProxy, str]:
        """Return a proxy in front of a database, and the address that goes through it."""
        real = make_url(url)
        assert real.port is not None
        proxy = cls(real.host or "127.0.0.1", real.port)
        through = real.set(host="127.0.0.1", port=proxy.port)
        return proxy, through.render_as_string(hide_password=False)

    def __enter__(self) -> t.Self:
        self.restore()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def cut(self) -> None:
        """Close every connection and take no new one, as a server that is down."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for sock in list(self._sockets):
            _close(sock)
        self._sockets.clear()

    def hang(self) -> None:
        """Take connections and answer none, as a server behind a wall."""
        self.cut()
        self._hanging = True
        self._listen()

    def restore(self) -> None:
        """Pass bytes on again."""
        self.cut()
        self._hanging = False
        self._listen()

    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _address = listener.accept()
            except OSError:
                return
            self._sockets.add(near)
            if self._hanging:
                continue
            far = socket.create_connection(self._target)
            self._sockets.add(far)
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK):
            sink.sendall(data)
    _close(source)
    _close(sink)


def _close(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()
