"""An app that the hostile provider knows."""

from __future__ import annotations

import httpx

from ..hostile_provider import HostileProvider
from ..relying_party import RelyingParty
from .modes import Mode
from .tokens import Claims

CALLBACK = "http://localhost/callback"


class HostileApp(RelyingParty):
    """An app that takes whatever it is given."""

    def __init__(self, provider: HostileProvider) -> None:
        provider.redirect_uris.add(CALLBACK)
        credentials = (provider.client_id, provider.client_secret)
        super().__init__(provider.metadata_url, *credentials, CALLBACK)
        self.provider = provider

    def log_in(self, mode: Mode | None = None) -> Claims:
        """Return the tokens of a whole login."""
        return self.exchange(self.provider.log_in(self.ask(), mode))

    def get(self, path: str) -> httpx.Response:
        """Return what the provider answers at an address."""
        return self.http.get(f"{self.provider.issuer}{path}")
