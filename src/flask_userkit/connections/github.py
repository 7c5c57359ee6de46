"""GitHub (OAuth 2; it has no ID tokens)."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from .connection import Claims
from .connection import GetJson
from .values import as_list
from .values import as_mapping


def describe() -> Mapping[str, t.Any]:
    """Return what is known of it: the addresses have a place of their own."""
    return {
        "label": "GitHub",
        "icon": "github",
        "issuer": "https://github.com",
        "authorize_url": "https://github.com/login/oauth/authorize",
        "access_token_url": "https://github.com/login/oauth/access_token",
        "userinfo_url": "https://api.github.com/user",
        "scopes": ("read:user", "user:email"),
        "token_endpoint_auth_method": "client_secret_post",
        "email_verified_claim": "verified",
        "selects_account": True,
        "claims": {
            "provider_user_id": "id",
            "username": "login",
            "first_name": "name",
            "image_url": "avatar_url",
        },
        "read_profile": read_profile,
    }


def read_profile(get_json: GetJson, claims: Claims, extra: Mapping[str, str]) -> Claims:
    """Return somebody's claims, with the address that is primary among those they have.

    The one in the profile is for show, and proven to nobody.
    """
    person = as_mapping(get_json(""))
    addresses = [as_mapping(each) for each in as_list(get_json("user/emails"))]
    nothing: Claims = {}
    primary = next((each for each in addresses if each.get("primary") is True), nothing)
    return {
        **person,
        "email": primary.get("email"),
        "verified": primary.get("verified"),
    }
