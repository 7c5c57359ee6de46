"""The parts of Authlib that make a provider, and what each has to be told."""

from __future__ import annotations

import json
import secrets
import sqlite3
import typing as t
from functools import cache
from pathlib import Path

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2 import ResourceProtector
from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import UserInfo
from authlib.oidc.core import UserInfoEndpoint
from authlib.oidc.core.grants import OpenIDCode
from flask import current_app
from joserfc.jwk import KeySet
from joserfc.jwk import RSAKey

from ..keys import kept_secret
from . import store
from .grants import CodeGrant
from .grants import RefreshGrant
from .grants import RequiredChallenge
from .people import PEOPLE
from .people import Person
from .people import claims
from .records import App
from .records import Code
from .records import Token
from .settings import CLIENT_ID
from .settings import SCOPES
from .settings import SHELF_SCOPE
from .settings import issuer

ALGORITHM = "RS256"


def signing_keys() -> KeySet:
    """Return the key that ID tokens are signed with; the first process to ask makes it."""
    return _read_keys(Path(current_app.instance_path))


@cache
def _read_keys(folder: Path) -> KeySet:
    values = json.loads(kept_secret(folder, "meadow_key", _new_key))
    return KeySet([RSAKey.import_key(values)])


def _new_key() -> str:
    kid = secrets.token_hex(8)
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": ALGORITHM, "kid": kid})
    return json.dumps(key.as_dict(private=True))


def _client(client_id: str) -> App | None:
    return App() if client_id == CLIENT_ID else None


def _save_token(token: dict[str, t.Any], request: OAuth2Request) -> None:
    came_by: Code | Token | None = request.authorization_code or request.refresh_token
    assert came_by is not None
    consent = came_by.consent
    try:
        store.add(consent.id, "access", token["access_token"], token["scope"])
        if "refresh_token" in token:
            store.add(consent.id, "refresh", token["refresh_token"], consent.scope)
    except sqlite3.IntegrityError:
        # Somebody brought the code a second time this very moment.
        raise InvalidGrantError from None


class MeadowCode(OpenIDCode):
    """What ID tokens say."""

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        # It is the app that knows which nonce is new.
        return False

    def resolve_client_private_key(self, client: App) -> KeySet:
        return signing_keys()

    def get_client_algorithm(self, client: App) -> str:
        return ALGORITHM

    def get_client_claims(self, client: App) -> dict[str, t.Any]:
        return {"iss": issuer(), "aud": [client.get_client_id()]}

    def generate_user_info(self, user: Person, scope: str) -> UserInfo:
        return claims(user, scope)


class MeadowIssuer(IssuerParameter):
    def get_issuer(self) -> str:
        return issuer()


class MeadowUserInfo(UserInfoEndpoint):
    def generate_user_info(self, user: Person, scope: str) -> UserInfo:
        return claims(user, scope)


class TokenValidator(BearerTokenValidator):
    def authenticate_token(self, token_string: str) -> Token | None:
        found = store.find("access", token_string)
        return Token(*found) if found and found[0].person_id in PEOPLE else None


def _random(**_about: t.Any) -> str:
    return secrets.token_urlsafe(32)


#: Its types do not know that it answers by what Flask sends.
server: t.Any = AuthorizationServer(query_client=_client, save_token=_save_token)
server.scopes_supported = [*SCOPES, SHELF_SCOPE]
server.register_token_generator(
    "default",
    BearerTokenGenerator(_random, _random, lambda _client, _kind: store.LIFETIMES["access"]),
)
server.register_grant(CodeGrant, [RequiredChallenge(), MeadowCode(require_nonce=True)])
server.register_grant(RefreshGrant)
says_issuer = MeadowIssuer()
server.register_extension(says_issuer)
protector: t.Any = ResourceProtector()
protector.register_token_validator(TokenValidator())
server.register_endpoint(MeadowUserInfo(resource_protector=protector))
