"""Tokens, as a token endpoint gives them."""

from __future__ import annotations

import time
import typing as t
from collections.abc import Mapping
from collections.abc import Sequence

from .connection import Tokens
from .errors import ProviderUnavailable

#: A token that lasts longer is a mistake of its provider.
LONGEST: t.Final = 10**9


def tokens_of(answer: Mapping[str, t.Any], asked: Sequence[str]) -> Tokens:
    """Return the tokens of an answer (RFC 6749 section 5.1).

    :param asked: the scopes that are granted where it does not say.
    :raises ProviderUnavailable: there is none.
    """
    access_token = _text(answer.get("access_token"))
    if access_token is None:
        raise ProviderUnavailable("no_access_token")
    granted = answer.get("scope")
    # Some part them by commas.
    scopes = granted.replace(",", " ").split() if isinstance(granted, str) else [*asked]
    refresh_token = _text(answer.get("refresh_token"))
    if refresh_token and "offline_access" in asked:
        # Some say it by the token alone (OpenID Connect Core section 11).
        scopes.append("offline_access")
    return Tokens(
        access_token=access_token,
        refresh_token=refresh_token,
        scopes=tuple(dict.fromkeys(scopes)),
        expires_at=_expires_at(answer.get("expires_in")),
        id_token=_text(answer.get("id_token")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _expires_at(seconds: object) -> int | None:
    if not isinstance(seconds, int | float | str):
        return None
    try:
        lifetime = int(seconds)
    except (ValueError, OverflowError):
        return None
    return int(time.time()) + lifetime if 0 < lifetime < LONGEST else None
