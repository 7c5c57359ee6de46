"""ID tokens: what a provider signs of who somebody is, checked by Authlib."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Callable
from collections.abc import Mapping

from authlib.integrations.base_client.sync_openid import OpenIDMixin
from joserfc.errors import ClaimError
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64decode

from .connection import Claims
from .connection import Connection
from .connection import Tokens
from .errors import ProviderUntrusted
from .keys import Keys
from .metadata import Metadata

#: Signatures that only the provider can make: with a shared key the app could as well, and none
#: is none at all.
ALGORITHMS: t.Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
LONGEST: t.Final = 64 * 1024


class _Reader(OpenIDMixin):
    """Authlib's check of an ID token, with the provider's document and keys as they are kept."""

    def __init__(
        self, connection: Connection, metadata: Metadata, session: t.Any, keys: Keys
    ) -> None:
        self.client_id = connection.client_id
        self._metadata = metadata
        self._session = session
        self._keys = keys

    def load_server_metadata(self) -> dict[str, t.Any]:
        offered = self._metadata.algorithms
        algorithms = [each for each in ALGORITHMS if offered is None or each in offered]
        if not algorithms:
            # With an empty list any would do.
            raise ProviderUntrusted("algorithms")
        return {"id_token_signing_alg_values_supported": algorithms}

    def fetch_jwk_set(self, force: bool = False) -> Mapping[str, t.Any]:
        return self._keys.get(self._session, self._metadata.jwks_uri or "", force=force)


def read_id_token(
    connection: Connection,
    metadata: Metadata,
    session: t.Any,
    keys: Keys,
    tokens: Tokens,
    nonce: str,
) -> Mapping[str, t.Any]:
    """Return the claims of an ID token that is the provider's, for this app and this request.

    OpenID Connect Core section 3.1.3.7.

    :raises ProviderUntrusted: it is not.
    :raises ProviderUnavailable: the provider's keys cannot be had.
    """
    if tokens.id_token is None:
        raise ProviderUntrusted("no_id_token")
    if connection.nonce and not nonce:
        # Authlib would not look for one.
        raise ValueError("a nonce was not made")
    hook = connection.is_issuer
    if hook is None:
        issuer: dict[str, t.Any] = {"essential": True, "values": [metadata.issuer]}
    else:
        issuer = {"essential": True, "validate": _asking(hook)}
    wanted: dict[str, t.Any] = {
        "iss": issuer,
        # Authlib takes another's token for ours if only its azp is the app.
        "aud": {"essential": True, "value": connection.client_id},
        "sub": {"essential": True},
    }
    token = {"id_token": tokens.id_token, "access_token": tokens.access_token}
    try:
        _check_form(tokens.id_token)
        reader: t.Any = _Reader(connection, metadata, session, keys)
        claims = reader.parse_id_token(
            token, nonce=nonce if connection.nonce else None, claims_options=wanted
        )
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        reason = _reason(error)
    else:
        return t.cast("Mapping[str, t.Any]", claims)
    # Outside of the handler, since the other error holds the token.
    raise ProviderUntrusted(reason)


def _asking(hook: Callable[[str, Claims], bool]) -> Callable[[Claims, str], bool]:
    return lambda claims, value: hook(value, claims)


def _check_form(token: str) -> None:
    """Refuse a token that readers read differently (RFC 7515 section 4, RFC 7519 section 4).

    :raises ValueError: it is too long, or says something twice.
    """
    if len(token) > LONGEST:
        raise ValueError("it is too long")
    for part in token.split(".")[:2]:
        json.loads(urlsafe_b64decode(part.encode("ascii")), object_pairs_hook=_once)


def _once(pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("it says something twice")
    return found


def _reason(error: Exception) -> str:
    # A claim that is missing may be one of several.
    claim = error.claim.partition(",")[0] if isinstance(error, ClaimError) else ""
    return f"id_token_{claim}" if claim else "id_token"
