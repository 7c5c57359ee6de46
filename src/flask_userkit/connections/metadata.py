"""What a provider says of itself: its addresses, looked up when it is first needed."""

from __future__ import annotations

import threading
import time
import typing as t
from urllib.parse import urlsplit

from .connection import Connection
from .connection import is_safe
from .errors import ProviderUnavailable
from .errors import ProviderUntrusted
from .http import BoundedSession
from .values import is_list

#: For so long a document counts, and a failure: a provider that is down is not asked by each page.
LIFETIME, FAILURE = 3600.0, 3.0


class Metadata(t.NamedTuple):
    """The addresses of a provider (OpenID Connect Discovery section 3, RFC 8414)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str | None
    jwks_uri: str | None
    algorithms: tuple[str, ...] | None
    #: Whether its answers say whose they are (RFC 9207).
    says_iss: bool


class Documents:
    """The document of one provider, kept for an hour."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._loading = threading.Lock()
        self._found: tuple[float, Metadata] | None = None
        self._failed_at: float | None = None
        if not connection.is_openid:
            self._found = (float("inf"), _given(connection))

    def known(self) -> Metadata | None:
        """Return what is known, or None where the provider has to be asked."""
        found = self._found
        return found[1] if found and time.monotonic() - found[0] < LIFETIME else None

    def load(self) -> Metadata:
        """Ask the provider, once for all who wait.

        :raises ProviderUnavailable: it does not answer, or not with a document.
        :raises ProviderUntrusted: it says that it is somebody else, or names unsafe addresses.
        """
        with self._loading:
            known = self.known()
            if known is not None:
                return known
            failed = self._failed_at
            if failed is not None and time.monotonic() - failed < FAILURE:
                raise ProviderUnavailable("no_metadata")
            try:
                found = _read(self._connection)
            except Exception:
                self._failed_at = time.monotonic()
                raise
            self._found, self._failed_at = (time.monotonic(), found), None
            return found


def check_issuer(connection: Connection, metadata: Metadata, iss: str | None) -> None:
    """Refuse an answer that is another provider's (RFC 9207 section 2.4).

    :raises ProviderUntrusted: ``iss`` is not the provider's, or is missing where it always says it.
    """
    if iss is None:
        if metadata.says_iss:
            raise ProviderUntrusted("no_iss")
    elif connection.is_openid:
        # One of several issuers is known when it has signed.
        if connection.is_issuer is None and iss != metadata.issuer:
            raise ProviderUntrusted("iss")
    elif urlsplit(iss).netloc != urlsplit(metadata.issuer).netloc:
        # Of plain OAuth 2, nobody has said more than where it is.
        raise ProviderUntrusted("iss")


def _given(connection: Connection) -> Metadata:
    return Metadata(
        issuer=connection.expected_issuer,
        authorization_endpoint=connection.authorize_url,
        token_endpoint=connection.access_token_url,
        userinfo_endpoint=connection.userinfo_url or None,
        jwks_uri=None,
        algorithms=None,
        says_iss=False,
    )


def _read(connection: Connection) -> Metadata:
    with BoundedSession() as session:
        response = session.get(connection.server_metadata_url)
        if response.status_code != 200:
            raise ProviderUnavailable("no_metadata")
        values = response.json()
    if not isinstance(values, dict):
        raise ProviderUnavailable("no_metadata")
    document = t.cast("dict[str, t.Any]", values)
    issuer = document.get("issuer")
    # Whoever serves another's document would have its tokens taken for that one's
    # (OpenID Connect Discovery section 4.3).
    expected = {connection.expected_issuer}
    if not connection.issuer:
        # Its own may end with a slash, which the address of the document leaves out (section 4.1).
        expected.add(f"{connection.expected_issuer}/")
    if not isinstance(issuer, str) or issuer not in expected:
        raise ProviderUntrusted("issuer")
    names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
    found = {name: document.get(name) for name in names}
    for name, url in found.items():
        if url is not None and not (isinstance(url, str) and is_safe(url)):
            raise ProviderUntrusted(name)
    if not (found["authorization_endpoint"] and found["token_endpoint"] and found["jwks_uri"]):
        raise ProviderUnavailable("no_metadata")
    algorithms = document.get("id_token_signing_alg_values_supported")
    return Metadata(
        issuer=issuer,
        authorization_endpoint=connection.authorize_url or str(found["authorization_endpoint"]),
        token_endpoint=connection.access_token_url or str(found["token_endpoint"]),
        userinfo_endpoint=connection.userinfo_url or found["userinfo_endpoint"],
        jwks_uri=found["jwks_uri"],
        algorithms=tuple(algorithms) if is_list(algorithms) else None,
        says_iss=document.get("authorization_response_iss_parameter_supported") is True,
    )
