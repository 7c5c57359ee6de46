"""What Authlib asks of an app, of a code and of a token."""

from __future__ import annotations

import typing as t
from collections.abc import Collection
from dataclasses import dataclass
from dataclasses import field

from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749 import TokenMixin
from authlib.oauth2.rfc6749 import scope_to_list
from authlib.oidc.core import AuthorizationCodeMixin

from .people import PEOPLE
from .people import Person
from .settings import CLIENT_ID
from .settings import SCOPES
from .settings import SHELF_SCOPE
from .settings import is_client_secret
from .settings import redirect_uri
from .store import LIFETIMES
from .store import Consent


class SignedIn(t.NamedTuple):
    """Somebody who is signed in at Meadow ID, and since when."""

    person: Person
    auth_time: int


@dataclass(frozen=True)
class App(ClientMixin):
    """The one app that Meadow ID knows: the one that it is a part of."""

    client_metadata: dict[str, t.Any] = field(default_factory=dict)

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        # An app says where it wants the answer.
        return ""

    def check_redirect_uri(self, uri: str) -> bool:
        return uri == redirect_uri()

    def get_allowed_scope(self, scope: Collection[str] | str) -> str:
        known = (*SCOPES, SHELF_SCOPE)
        return " ".join(each for each in (scope_to_list(scope) or ["openid"]) if each in known)

    def check_client_secret(self, client_secret: str) -> bool:
        return is_client_secret(client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method != "none"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in ("authorization_code", "refresh_token")


@dataclass(frozen=True)
class Code(AuthorizationCodeMixin):
    """A code, once it was taken."""

    consent: Consent
    code_challenge_method: str = "S256"

    @property
    def person(self) -> Person | None:
        return PEOPLE.get(self.consent.person_id)

    @property
    def code_challenge(self) -> str:
        return self.consent.code_challenge

    def get_redirect_uri(self) -> str:
        return self.consent.redirect_uri

    def get_scope(self) -> str:
        return self.consent.scope

    def get_nonce(self) -> str | None:
        return self.consent.nonce

    def get_auth_time(self) -> int:
        return self.consent.auth_time

    def get_acr(self) -> str:
        # How somebody signed in is not said, here and below.
        return ""

    def get_amr(self) -> list[str]:
        return []


@dataclass(frozen=True)
class Token(TokenMixin):
    """A token that is good."""

    consent: Consent
    scope: str

    def check_client(self, client: App) -> bool:
        return self.consent.client_id == client.get_client_id()

    def get_scope(self) -> str:
        return self.scope

    def get_expires_in(self) -> int:
        return LIFETIMES["access"]

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return False

    def get_user(self) -> Person | None:
        return PEOPLE.get(self.consent.person_id)

    def get_client(self) -> App:
        return App()
