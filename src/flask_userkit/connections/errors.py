"""What can go wrong between the app and a provider."""

from __future__ import annotations


class ProviderError(Exception):
    """A provider has not said who somebody is.

    :param reason: a short word for the log and the audit trail, never a secret or the provider's
        own text.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProviderUnavailable(ProviderError):
    """It is down, slow, or answers nonsense; it may be tried again."""


class ProviderRefused(ProviderError):
    """It says no."""


class ProviderUntrusted(ProviderError):
    """What it says cannot be trusted."""
