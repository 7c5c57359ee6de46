"""What a provider says of somebody: asked for outside of any transaction, and made plain."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping

from ..connections.connection import Profile
from ..connections.connection import Tokens
from ..connections.errors import ProviderError
from ..connections.errors import ProviderUnavailable
from ..connections.errors import ProviderUntrusted
from ..errors import ForbiddenError
from ..errors import FormError
from ..errors import UserKitError
from ..events import EventDraft
from ..events import EventName
from ..models.user import NAME_LENGTH
from ..security.text import is_plain
from ..security.text import is_visible
from ..security.text import normalize_line
from ..translations import gettext as _
from . import email_addresses
from .identifier_kinds import Typed
from .kit import Kit
from .oauth_states import Flow
from .oauth_states import redirect_uri
from .oauth_states import unavailable
from .purposes import Purpose

#: The longest address of a picture that is kept.
URL_LENGTH = 2048


class Answer(t.NamedTuple):
    """What a browser brings back from a provider.

    :param extra: what only some providers send, such as a name.
    """

    code: str = ""
    iss: str | None = None
    error: str = ""
    extra: Mapping[str, str] = {}


class Proof(t.NamedTuple):
    """Who somebody is at a provider, and what lets the app act for them there."""

    provider: str
    profile: Profile
    tokens: Tokens

    @property
    def address(self) -> Typed | None:
        """The address, if there is one that mail can be sent to."""
        try:
            parsed = email_addresses.parse(self.profile.email_address or "")
        except FormError:
            return None
        return email_addresses.typed(parsed)

    @property
    def proven_address(self) -> Typed | None:
        """The address, if the provider says that it is theirs."""
        return self.address if self.profile.email_verified is True else None


def exchange(kit: Kit, flow: Flow, answer: Answer) -> Proof:
    """Ask the provider who the browser came back as.

    :raises ForbiddenError: ``oauth_access_denied``: the person did not allow it.
    :raises UserKitError: ``oauth_token_exchange_error``: the provider refuses the code;
        ``oauth_fetch_user_error``: what it says cannot be trusted.
    :raises UnavailableError: ``oauth_fetch_user_error``: it does not answer.
    """
    if answer.error == "access_denied":
        raise _failed(
            flow,
            ForbiddenError(
                _("Nothing was shared by %(provider)s.", provider=flow.connection.label),
                code="oauth_access_denied",
            ),
            "access_denied",
        )
    if answer.error or not answer.code:
        raise _failed(flow, _refused(flow), "refused")
    try:
        tokens, profile = kit.connections.client(flow.connection).exchange(
            redirect_uri=redirect_uri(kit, flow.connection),
            code=answer.code,
            nonce=flow.nonce,
            code_verifier=flow.code_verifier,
            iss=answer.iss,
            scopes=flow.kept.scopes,
            extra=answer.extra,
        )
    except ProviderUnavailable as error:
        raise _failed(flow, unavailable(flow.connection), error.reason) from error
    except ProviderUntrusted as error:
        untrusted = UserKitError(
            _(
                "What %(provider)s says of you cannot be trusted, so nothing was done.",
                provider=flow.connection.label,
            ),
            code="oauth_fetch_user_error",
        )
        raise _failed(flow, untrusted, error.reason) from error
    except ProviderError as error:
        raise _failed(flow, _refused(flow), error.reason) from error
    return Proof(flow.connection.name, _plain(profile), tokens)


def to_text(proof: Proof) -> str:
    """Return a proof as text, to be encrypted."""
    profile, tokens = proof.profile._asdict(), proof.tokens._asdict()
    return json.dumps({"provider": proof.provider, "profile": profile, "tokens": tokens})


def from_text(text: str) -> Proof:
    """Return the proof that a text holds."""
    values = json.loads(text)
    tokens = values["tokens"]
    tokens["scopes"] = tuple(tokens["scopes"])
    return Proof(values["provider"], Profile(**values["profile"]), Tokens(**tokens))


def _plain(profile: Profile) -> Profile:
    """Return a profile without what no text may hold."""
    url = profile.image_url
    return profile._replace(
        first_name=_plain_line(profile.first_name),
        last_name=_plain_line(profile.last_name),
        username=_plain_line(profile.username),
        image_url=url if url and len(url) <= URL_LENGTH and is_plain(url) else None,
    )


def _plain_line(value: str | None) -> str | None:
    if not value or not is_plain(value) or not is_visible(value):
        return None
    return normalize_line(value)[:NAME_LENGTH] or None


def _refused(flow: Flow) -> UserKitError:
    return UserKitError(
        _("%(provider)s refused the request. Start again.", provider=flow.connection.label),
        code="oauth_token_exchange_error",
    )


def _failed(flow: Flow, error: UserKitError, reason: str) -> UserKitError:
    name = (
        EventName.SIGN_IN_FAILED
        if flow.purpose is Purpose.OAUTH_SIGN_IN
        else EventName.EXTERNAL_ACCOUNT_FAILED
    )
    data = {"strategy": flow.strategy, "code": error.code, "reason": reason}
    return error.audited(EventDraft(name, flow.user_id, data))
