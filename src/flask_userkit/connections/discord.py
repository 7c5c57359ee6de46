"""Discord (OAuth 2)."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from .connection import Claims
from .connection import GetJson
from .values import as_mapping

PICTURES = "https://cdn.discordapp.com/avatars"


def describe() -> Mapping[str, t.Any]:
    """Return what is known of it: an address is proven or not, and somebody has one name."""
    return {
        "label": "Discord",
        "icon": "discord",
        "issuer": "https://discord.com",
        "authorize_url": "https://discord.com/oauth2/authorize",
        "access_token_url": "https://discord.com/api/oauth2/token",
        "userinfo_url": "https://discord.com/api/v10/users/@me",
        "scopes": ("identify", "email"),
        "email_verified_claim": "verified",
        "claims": {
            "provider_user_id": "id",
            "username": "username",
            "first_name": "global_name",
        },
        "read_profile": read_profile,
    }


def read_profile(get_json: GetJson, claims: Claims, extra: Mapping[str, str]) -> Claims:
    """Return somebody's claims, with the address of their picture, of which they give a digest."""
    person = as_mapping(get_json(""))
    digest = person.get("avatar")
    picture = f"{PICTURES}/{person.get('id')}/{digest}.png" if digest else None
    return {**person, "picture": picture}
