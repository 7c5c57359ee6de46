"""Facebook (OAuth 2 with the Graph API)."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from .connection import Claims
from .connection import GetJson
from .values import as_mapping
from .values import value_in

#: It tells only what is asked for.
FIELDS = ("id", "first_name", "last_name", "email", "picture.type(large)")


def describe() -> Mapping[str, t.Any]:
    """Return what is known of it: it does not say whether an address is proven."""
    return {
        "label": "Facebook",
        "icon": "facebook",
        "issuer": "https://www.facebook.com",
        "authorize_url": "https://www.facebook.com/dialog/oauth",
        "access_token_url": "https://graph.facebook.com/oauth/access_token",
        "userinfo_url": f"https://graph.facebook.com/me?fields={','.join(FIELDS)}",
        "scopes": ("email", "public_profile"),
        "token_endpoint_auth_method": "client_secret_post",
        "claims": {
            "provider_user_id": "id",
            "first_name": "first_name",
            "last_name": "last_name",
        },
        "read_profile": read_profile,
    }


def read_profile(get_json: GetJson, claims: Claims, extra: Mapping[str, str]) -> Claims:
    """Return somebody's claims, with the address of their picture."""
    person = as_mapping(get_json(""))
    return {**person, "picture": value_in(person, "picture", "data", "url")}
