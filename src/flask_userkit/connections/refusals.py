"""What a token endpoint says where it gives no token, as the kit's own errors."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from authlib.integrations.base_client.errors import OAuthError

from .errors import ProviderError
from .errors import ProviderRefused
from .errors import ProviderUnavailable

R = t.TypeVar("R")
#: Codes by which it says that it may be tried again.
_PASSING = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
_KNOWN = frozenset(
    {
        "access_denied",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)


def mapped(work: Callable[[], R]) -> R:
    """Run a call of Authlib's to a token endpoint.

    :raises ProviderRefused: it says no (RFC 6749 section 5.2).
    :raises ProviderUnavailable: it cannot answer now, or answers nonsense.
    """
    problem: ProviderError
    try:
        return work()
    except OAuthError as error:
        problem = _said(str(error.error))
    except ValueError as error:
        if isinstance(error, OSError):
            # An error of requests, which knows better what it means.
            raise
        problem = ProviderUnavailable("no_json")
    # Outside of the handler, since the other error holds the provider's own text, and the code.
    raise problem


def check_status(response: t.Any) -> t.Any:
    """Let an answer through that says something of the code or the token.

    :raises ProviderUnavailable: the provider has too much to do, or is broken.
    """
    status = response.status_code
    # Before its text counts: a token that was not refused is not given up.
    if status == 429 or status >= 500:
        raise ProviderUnavailable(f"status_{status}")
    return response


def _said(code: str) -> ProviderError:
    if code in _PASSING:
        return ProviderUnavailable(code)
    # Its own text may hold anything.
    return ProviderRefused(code if code in _KNOWN else "refused")
