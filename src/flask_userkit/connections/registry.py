"""The connections of one app, each with the client that talks to its provider."""

from __future__ import annotations

import threading
import typing as t
from collections.abc import Callable
from collections.abc import Mapping

from . import connection_of
from .connection import Connection

if t.TYPE_CHECKING:
    from .client import Client


class Connections:
    """Finds connections by name; a client is made when a provider is first asked.

    :param settings: returns the app's settings of each, or the connection itself.
    """

    def __init__(self, settings: Callable[[], Mapping[str, t.Any]]) -> None:
        self._settings = settings
        self._made: dict[str, tuple[object, Connection]] = {}
        self._clients: dict[str, tuple[Connection, Client]] = {}
        self._making = threading.Lock()

    def all(self) -> list[Connection]:
        """Return the connections in the order of the app's settings.

        :raises SetupError: what is wrong with the settings of one.
        """
        return [self._get(name, settings) for name, settings in self._settings().items()]

    def labels(self) -> dict[str, str]:
        """Return by name what each is called."""
        return {connection.name: connection.label for connection in self.all()}

    def find(self, name: str) -> Connection | None:
        """Return the connection of a name, or None."""
        settings = self._settings().get(name)
        return None if settings is None else self._get(name, settings)

    def client(self, connection: Connection) -> Client:
        """Return the one client of a connection in this process."""
        # Authlib takes a second to import, and most requests ask no provider.
        from .client import Client

        with self._making:
            known = self._clients.get(connection.name)
            if known is None or known[0] is not connection:
                known = (connection, Client(connection))
                self._clients[connection.name] = known
        return known[1]

    def _get(self, name: str, settings: object) -> Connection:
        if isinstance(settings, Connection):
            return settings
        known = self._made.get(name)
        if known is None or known[0] is not settings:
            made = connection_of(name, t.cast("Mapping[str, t.Any]", settings))
            known = self._made[name] = (settings, made)
        return known[1]
