"""A configured provider: plain data, plus named hooks where the provider needs one."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from difflib import get_close_matches
from urllib.parse import urlsplit

from ..config import is_loopback
from ..errors import SetupError

_NAME = re.compile(r"[a-z][a-z0-9_]{0,23}", re.ASCII)
#: What the address of a discovery document ends with (OpenID Connect Discovery section 4).
WELL_KNOWN = "/.well-known/openid-configuration"
#: OpenID's standard claims, by what the kit takes from each (OpenID Connect Core section 5.1).
STANDARD_CLAIMS: t.Final[Mapping[str, str]] = {
    "provider_user_id": "sub",
    "email_address": "email",
    "first_name": "given_name",
    "last_name": "family_name",
    "username": "preferred_username",
    "image_url": "picture",
}
AuthMethod = t.Literal["client_secret_basic", "client_secret_post", "none"]
Claims = Mapping[str, t.Any]
#: Asks the provider for JSON with the access token that it has given out, at an address that is
#: relative to that of its profiles.
GetJson = Callable[[str], t.Any]


class Profile(t.NamedTuple):
    """Who somebody is at a provider.

    :param provider_user_id: the subject, or the id of a plain OAuth 2 provider; never a name
        that may change.
    :param issuer: whose subject it is.
    :param email_verified: whether the provider says that the address is theirs.
    :param auth_time: when they have signed in there, in seconds since the epoch.
    """

    provider_user_id: str
    issuer: str
    email_address: str | None = None
    email_verified: bool = False
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    image_url: str | None = None
    auth_time: int | None = None


class Tokens(t.NamedTuple):
    """What a token endpoint has answered.

    :param scopes: as granted; those asked for where the answer does not say.
    :param expires_at: in seconds since the epoch.
    """

    access_token: str
    refresh_token: str | None
    scopes: tuple[str, ...]
    expires_at: int | None
    id_token: str | None = None


class ReadProfile(t.Protocol):
    """Reads the claims of somebody where a provider has its own way to tell them."""

    def __call__(
        self, get_json: GetJson, claims: Claims, extra: Mapping[str, str], /
    ) -> Claims: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A provider that people sign in with.

    OpenID Connect needs ``server_metadata_url``; plain OAuth 2 needs ``authorize_url``,
    ``access_token_url`` and ``userinfo_url``.

    :param name: its stem, as in addresses and in ``oauth_<name>``.
    :param label: what people call it.
    :param icon: the name of an icon of the kit, or markup of the app's own.
    :param server_metadata_url: where its discovery document is.
    :param issuer: who it says that it is; by default what the discovery document stands under.
    :param scopes: what is asked for.
    :param authorize_params: what else it is asked with.
    :param token_endpoint_auth_method: how the app names itself there (OpenID Connect Core
        section 9).
    :param pkce: whether it takes a proof key (RFC 7636); off only where it breaks on one.
    :param nonce: whether its ID tokens answer a nonce; off only where they never do.
    :param email_verified_claim: which claim proves that the address is verified, by being true;
        by default none, and an address proves nothing.
    :param claims: the names of its claims, where they are not OpenID's.
    :param reauthenticates: whether it has people sign in again when asked to, and says when.
    :param selects_account: whether it has people choose one of their accounts when asked to.
    :param client_secret_of: makes the secret anew for each request.
    :param read_profile: returns the claims of somebody.
    :param is_issuer: whether an ID token's issuer is the provider's, where it has several.
    :raises SetupError: what is missing or cannot be.
    """

    name: str
    label: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    icon: str = "link"
    server_metadata_url: str = ""
    issuer: str = ""
    authorize_url: str = ""
    access_token_url: str = ""
    userinfo_url: str = ""
    scopes: tuple[str, ...] = ()
    authorize_params: Mapping[str, str] = field(default_factory=dict[str, str])
    token_endpoint_auth_method: AuthMethod = "client_secret_basic"
    pkce: bool = True
    nonce: bool = True
    email_verified_claim: str | None = None
    claims: Mapping[str, str] = field(default_factory=dict[str, str])
    reauthenticates: bool = False
    selects_account: bool = False
    client_secret_of: Callable[[], str] | None = field(default=None, repr=False)
    read_profile: ReadProfile | None = None
    is_issuer: Callable[[str, Claims], bool] | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name == "verification":
            raise SetupError(
                f"A connection cannot be called {self.name!r}: up to 24 small letters, digits "
                "and underscores, the first one a letter."
            )
        if not self.client_id:
            raise SetupError(f"The connection {self.name!r} has no client_id.")
        for key in ("client_id", "client_secret"):
            value = getattr(self, key)
            # RFC 6749 appendix A. A line break comes with what is read from a file.
            if not (value.isascii() and value.isprintable()):
                raise SetupError(
                    f"The {key} of the connection {self.name!r} has a letter that none can have, "
                    "or a line break."
                )
        endpoints = (self.authorize_url, self.access_token_url, self.userinfo_url)
        if not self.server_metadata_url and not all(endpoints):
            raise SetupError(
                f"The connection {self.name!r} needs a server_metadata_url, or an authorize_url, "
                "an access_token_url and a userinfo_url."
            )
        for key in ("server_metadata_url", "authorize_url", "access_token_url", "userinfo_url"):
            url = getattr(self, key)
            if url and not is_safe(url):
                raise SetupError(
                    f"The {key} of the connection {self.name!r} is no address with https: tokens "
                    "would travel in the open."
                )
        if self.token_endpoint_auth_method not in t.get_args(AuthMethod):
            raise SetupError(
                f"The token_endpoint_auth_method of the connection {self.name!r} is "
                f"{self.token_endpoint_auth_method!r}; it is one of "
                f"{', '.join(t.get_args(AuthMethod))}."
            )
        if isinstance(self.scopes, str):
            raise SetupError(
                f"The scopes of the connection {self.name!r} are one text, not several."
            )
        unknown = [name for name in self.claims if name not in STANDARD_CLAIMS]
        if unknown:
            near = get_close_matches(unknown[0], STANDARD_CLAIMS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise SetupError(
                f"The claims of the connection {self.name!r} have {unknown[0]!r}, which the kit "
                f"does not take.{hint}"
            )

    @property
    def is_openid(self) -> bool:
        """Whether it says who somebody is by an ID token."""
        return bool(self.server_metadata_url)

    @property
    def expected_issuer(self) -> str:
        """Who it has to say that it is; of plain OAuth 2, whose ids the kit keeps."""
        if self.issuer or not self.is_openid:
            return self.issuer or f"https://{urlsplit(self.authorize_url).hostname}"
        return self.server_metadata_url.removesuffix(WELL_KNOWN)

    def claim(self, name: str) -> str:
        """Return what the provider calls something."""
        return self.claims.get(name, STANDARD_CLAIMS[name])


def is_safe(url: str) -> bool:
    """Tell whether an address is https, or on this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    )
