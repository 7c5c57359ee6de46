"""What an app gets tokens for: a code, once, and a refresh token, once."""

from __future__ import annotations

import secrets

from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749 import TokenMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.grants import BaseGrant
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from . import store
from .people import Person
from .records import Code
from .records import SignedIn
from .records import Token

CLIENT_METHODS = ["client_secret_basic", "client_secret_post"]


class CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_METHODS

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        user: SignedIn | None = request.user
        assert user is not None
        assert request.payload is not None
        assert request.client is not None
        asked = request.payload.data
        consent = store.Consent(
            id=secrets.token_hex(16),
            person_id=user.person.id,
            client_id=request.client.get_client_id(),
            redirect_uri=self.redirect_uri,
            scope=request.scope,
            nonce=asked.get("nonce"),
            code_challenge=asked["code_challenge"],
            auth_time=user.auth_time,
        )
        store.keep(consent, code)

    def query_authorization_code(self, code: str, client: ClientMixin) -> Code | None:
        # It is taken before anything else is looked at, so that nobody tries a verifier twice.
        consent = store.take("code", code)
        return Code(consent) if consent and consent.client_id == client.get_client_id() else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """It is taken already."""

    def authenticate_user(self, authorization_code: Code) -> Person | None:
        return authorization_code.person

    def generate_token(
        self,
        user: Person | None = None,
        scope: str | None = None,
        grant_type: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,
    ) -> dict[str, str | int]:
        asked = include_refresh_token and "offline_access" in (scope or "").split()
        return super().generate_token(user, scope, grant_type, expires_in, asked)


class RefreshGrant(RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:  # type: ignore[override] # None is what it asks for where there is none
        consent = store.take("refresh", refresh_token)
        return Token(consent, consent.scope) if consent else None

    def authenticate_user(self, refresh_token: Token) -> Person | None:
        return refresh_token.get_user()

    def revoke_old_credential(self, refresh_token: TokenMixin) -> None:
        """It is taken already."""


class RequiredChallenge(CodeChallenge):
    """PKCE by SHA-256, of every app."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: BaseGrant, redirect_uri: str) -> None:
        asked = grant.request.payload.data if grant.request.payload else {}
        if not asked.get("code_challenge") or not asked.get("code_challenge_method"):
            raise InvalidRequestError("This provider asks for PKCE by S256.")
        super().validate_code_challenge(grant, redirect_uri)
