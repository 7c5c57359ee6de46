"""Profiles: who somebody is, from an ID token and what the provider tells besides."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from urllib.parse import urljoin

from .connection import Claims
from .connection import Connection
from .connection import Profile
from .connection import Tokens
from .errors import ProviderUnavailable
from .errors import ProviderUntrusted
from .metadata import Metadata
from .values import as_mapping

SUBJECT_LENGTH = 255


def profile_of(
    connection: Connection,
    metadata: Metadata,
    session: t.Any,
    tokens: Tokens,
    claims: Claims,
    extra: Mapping[str, str],
) -> Profile:
    """Return who somebody is.

    :param claims: of the ID token, which was checked; empty where there is none.
    :param extra: what else came with the code.
    :raises ProviderUnavailable: what is missing cannot be had.
    :raises ProviderUntrusted: it is about somebody else, or about nobody.
    """

    def get_json(url: str) -> t.Any:
        headers = {"Authorization": f"Bearer {tokens.access_token}", "Accept": "application/json"}
        address = urljoin(metadata.userinfo_endpoint or "", url)
        response = session.request("GET", address, withhold_token=True, headers=headers)
        if response.status_code != 200:
            raise ProviderUnavailable(f"userinfo_{response.status_code}")
        return response.json()

    told: Claims
    if connection.read_profile is not None:
        told = {**claims, **connection.read_profile(get_json, claims, extra)}
    elif _is_complete(connection, claims) or metadata.userinfo_endpoint is None:
        told = claims
    else:
        told = _merged(connection, claims, as_mapping(get_json("")))
    email_address = _text(told.get(connection.claim("email_address")))
    first_name = _text(told.get(connection.claim("first_name")))
    last_name = _text(told.get(connection.claim("last_name")))
    if not first_name and not last_name:
        # Some tell the whole name alone.
        first_name = _text(told.get("name"))
    return Profile(
        provider_user_id=_subject(connection, told),
        issuer=str(claims.get("iss", metadata.issuer)),
        email_address=email_address,
        email_verified=email_address is not None and _is_verified(connection, told),
        first_name=first_name,
        last_name=last_name,
        username=_text(told.get(connection.claim("username"))),
        image_url=_text(told.get(connection.claim("image_url"))),
        auth_time=_seconds(claims.get("auth_time")),
    )


def _is_complete(connection: Connection, claims: Claims) -> bool:
    """Tell whether the ID token says all that the scopes let it say."""
    if not claims:
        return False
    wanted = {"email": "email_address", "profile": "first_name"}
    return all(
        connection.claim(name) in claims
        for scope, name in wanted.items()
        if scope in connection.scopes
    )


def _merged(connection: Connection, claims: Claims, told: Claims) -> Claims:
    """Return what an ID token and a profile say together.

    :raises ProviderUntrusted: they are of two people.
    """
    # A token that was swapped for another's tells of that other (OpenID Connect Core 5.3.2).
    if claims and told.get("sub") != claims.get("sub"):
        raise ProviderUntrusted("userinfo_sub")
    merged = {**told, **claims}
    verified = connection.email_verified_claim
    if verified is not None:
        # It is said of the address that stands beside it, which may not be that of the other.
        source = claims if connection.claim("email_address") in claims else told
        merged[verified] = source.get(verified)
    return merged


def _subject(connection: Connection, told: Claims) -> str:
    value = told.get(connection.claim("provider_user_id"))
    if isinstance(value, int) and not isinstance(value, bool) and not connection.is_openid:
        value = str(value)
    if (
        not isinstance(value, str)
        or not 0 < len(value) <= SUBJECT_LENGTH
        or not value.isprintable()
    ):
        raise ProviderUntrusted("subject")
    return value


def _is_verified(connection: Connection, told: Claims) -> bool:
    claim = connection.email_verified_claim
    # Not "true" nor 1: what means yes there may mean anything.
    return claim is not None and told.get(claim) is True


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _seconds(value: object) -> int | None:
    # What is no moment at all, such as a number without end, is none.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**11:
        return None
    return int(value)
