"""The conversation with a provider, by Authlib; it ends in time, whatever the provider does."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

from authlib.integrations.requests_client import OAuth2Session

from . import metadata as documents
from .connection import Claims
from .connection import Connection
from .connection import Profile
from .connection import Tokens
from .errors import ProviderUntrusted
from .http import TOTAL
from .http import Bounded
from .http import Slots
from .http import within
from .id_tokens import read_id_token
from .keys import Keys
from .metadata import Metadata
from .profiles import profile_of
from .refusals import check_status
from .refusals import mapped
from .tokens import tokens_of

R = t.TypeVar("R")
#: Conversations with one provider at once: each holds a thread that other pages need.
AT_ONCE: t.Final = 4
#: A sign-in there that is older does not count, where one is asked for.
MAX_AGE: t.Final = "0"


class ProviderSession(Bounded, OAuth2Session):
    """A conversation that gives up in time, in size and at a redirect."""


class Client:
    """Talks to one provider for all requests of a process."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._slots = Slots(AT_ONCE)
        self._documents = documents.Documents(connection)
        self._keys = Keys()

    def authorization_url(
        self,
        *,
        redirect_uri: str,
        state: str,
        nonce: str,
        code_verifier: str,
        scopes: Sequence[str] = (),
        reauthenticate: bool = False,
        select_account: bool = False,
        consent: bool = False,
        login_hint: str | None = None,
    ) -> str:
        """Return where a browser is led, with a proof key (RFC 7636) and a nonce.

        :param scopes: what is asked for besides what the connection always asks for.
        :param reauthenticate: have the person sign in there again, and be told when they did.
        :param select_account: have the person choose one of their accounts.
        :param consent: have the person allow it anew: some give a refresh token only then.
        :param login_hint: which account is meant, such as its address.
        :raises ProviderError: its addresses cannot be had.
        """
        connection = self._connection
        metadata = self._documents.known() or self._talk(self._documents.load)
        asked = dict(connection.authorize_params)
        prompts = asked.pop("prompt", "").split()
        prompts += _prompts(connection, reauthenticate, select_account, consent)
        if connection.is_openid and connection.nonce:
            asked["nonce"] = nonce
        if login_hint:
            asked["login_hint"] = login_hint
        if reauthenticate:
            asked["max_age"] = MAX_AGE
        if prompts:
            asked["prompt"] = " ".join(dict.fromkeys(prompts))
        # The one of Authlib's ways to this address that writes no verifier into the log.
        with _session(
            client_id=connection.client_id,
            code_challenge_method="S256" if connection.pkce else None,
        ) as session:
            url, _state = session.create_authorization_url(
                metadata.authorization_endpoint,
                state=state,
                code_verifier=code_verifier,
                redirect_uri=redirect_uri,
                scope=" ".join(dict.fromkeys([*connection.scopes, *scopes])),
                **asked,
            )
        return str(url)

    def exchange(
        self,
        *,
        redirect_uri: str,
        code: str,
        nonce: str,
        code_verifier: str,
        iss: str | None,
        scopes: Sequence[str] = (),
        extra: Mapping[str, str] | None = None,
    ) -> tuple[Tokens, Profile]:
        """Return the tokens for a code, and who they are of.

        :param iss: who says that the answer is theirs (RFC 9207).
        :param scopes: what was asked for besides what the connection always asks for.
        :param extra: what else came with the code.
        :raises ProviderError: it is down, refuses the code, or cannot be trusted.
        """
        connection = self._connection
        proof = {"code_verifier": code_verifier} if connection.pkce else {}

        def work() -> tuple[Tokens, Profile]:
            metadata = self._documents.known() or self._documents.load()
            documents.check_issuer(connection, metadata, iss)
            with self._known_session() as session:
                answer = mapped(
                    lambda: session.fetch_token(
                        metadata.token_endpoint,
                        grant_type="authorization_code",
                        code=code,
                        redirect_uri=redirect_uri,
                        **proof,
                    )
                )
                tokens = tokens_of(answer, [*connection.scopes, *scopes])
                claims = self._claims(session, metadata, tokens, nonce)
                if iss is not None and claims.get("iss", iss) != iss:
                    raise ProviderUntrusted("iss")
                profile = profile_of(connection, metadata, session, tokens, claims, extra or {})
                return tokens, profile

        return self._talk(work)

    def refresh(self, refresh_token: str, scopes: Sequence[str]) -> Tokens:
        """Return a new token for a refresh token (RFC 6749 section 6).

        :param scopes: what the old one allows.
        :raises ProviderError: it is down, or takes the access back.
        """

        def work() -> Tokens:
            metadata = self._documents.known() or self._documents.load()
            with self._known_session() as session:
                answer = mapped(
                    lambda: session.refresh_token(
                        metadata.token_endpoint, refresh_token=refresh_token
                    )
                )
            # Authlib keeps the refresh token where there is no new one.
            return tokens_of(answer, scopes)

        return self._talk(work)

    def _claims(self, session: t.Any, metadata: Metadata, tokens: Tokens, nonce: str) -> Claims:
        if not self._connection.is_openid:
            return {}
        return read_id_token(self._connection, metadata, session, self._keys, tokens, nonce)

    def _known_session(self) -> t.Any:
        connection = self._connection
        made = connection.client_secret_of
        secret = made() if made is not None else connection.client_secret
        session = _session(
            client_id=connection.client_id,
            client_secret=secret or None,
            # Who has no secret says only who they are.
            token_endpoint_auth_method=connection.token_endpoint_auth_method if secret else "none",
        )
        for hook in ("access_token_response", "refresh_token_response"):
            session.register_compliance_hook(hook, check_status)
        return session

    def _talk(self, work: Callable[[], R]) -> R:
        return within(work, seconds=TOTAL, slots=self._slots)


def _session(**options: t.Any) -> t.Any:
    return ProviderSession(**options)


def _prompts(
    connection: Connection, reauthenticate: bool, select_account: bool, consent: bool
) -> list[str]:
    found: list[str] = []
    if select_account and connection.selects_account:
        found.append("select_account")
    elif reauthenticate or (select_account and connection.reauthenticates):
        # Who signs in anew chooses as well.
        found.append("login")
    if consent and connection.is_openid:
        found.append("consent")
    return found
