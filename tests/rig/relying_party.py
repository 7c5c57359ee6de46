"""An app that signs people in by Authlib alone, and knows no more than the protocol."""

from __future__ import annotations

import secrets
import ssl
import typing as t
from functools import cache
from urllib.parse import parse_qsl
from urllib.parse import urlsplit

import httpx
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jwk import KeySetSerialization

Claims = dict[str, t.Any]
SCOPE = "openid email profile offline_access"
STATE, NONCE = "a-state", "a-nonce"


@cache
def certificates() -> ssl.SSLContext:
    """Return those of this machine: reading them takes longer than a login."""
    return ssl.create_default_context()


class RelyingParty:
    """An app that a provider knows.

    :param callback: where the provider sends people back to.
    """

    def __init__(
        self, metadata_url: str, client_id: str, client_secret: str, callback: str
    ) -> None:
        self.metadata_url = metadata_url
        self.http = httpx.Client(trust_env=False, verify=certificates(), timeout=30)
        self.session = OAuth2Session(
            client_id,
            client_secret,
            scope=SCOPE,
            redirect_uri=callback,
            code_challenge_method="S256",
        )
        self.session.trust_env = False
        self.verifier = secrets.token_urlsafe(48)

    @property
    def metadata(self) -> Claims:
        """Return what the provider says of itself now."""
        found: Claims = self.http.get(self.metadata_url).json()
        return found

    @property
    def keys(self) -> KeySetSerialization:
        """Return the keys that are published now."""
        return t.cast("KeySetSerialization", self.http.get(self.metadata["jwks_uri"]).json())

    def ask(self, **parameters: str) -> str:
        """Return an authorization URL."""
        url, _state = self.session.create_authorization_url(
            self.metadata["authorization_endpoint"],
            state=STATE,
            nonce=NONCE,
            code_verifier=self.verifier,
            **parameters,
        )
        return str(url)

    def exchange(self, callback: str) -> Claims:
        """Return the tokens for a code."""
        answer: Claims = self.session.fetch_token(
            self.metadata["token_endpoint"],
            authorization_response=callback,
            code_verifier=self.verifier,
        )
        return answer

    def refresh(self, token: str) -> Claims:
        """Return the tokens for a refresh token."""
        answer: Claims = self.session.refresh_token(self.metadata["token_endpoint"], token)
        return answer

    def claims(self, answer: Claims) -> Claims:
        """Return what an ID token says, if its signature is by a published key."""
        keys = KeySet.import_key_set(self.keys)
        return jwt.decode(answer["id_token"], keys, algorithms=["RS256"]).claims

    def user(self) -> Claims:
        """Return what the provider tells of the one who has logged in."""
        told: Claims = self.session.get(self.metadata["userinfo_endpoint"]).json()
        return told

    def __enter__(self) -> t.Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        self.session.close()


def parameters_of(url: str) -> dict[str, str]:
    """Return the query of an address; of what stands in it twice, the last."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
