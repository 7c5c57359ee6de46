"""LinkedIn (Sign In with LinkedIn using OpenID Connect)."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping


def describe() -> Mapping[str, t.Any]:
    """Return what is known of it: it answers no nonce, and takes no proof key beside a secret."""
    return {
        "label": "LinkedIn",
        "icon": "linkedin",
        "server_metadata_url": "https://www.linkedin.com/oauth/.well-known/openid-configuration",
        "scopes": ("openid", "email", "profile"),
        "token_endpoint_auth_method": "client_secret_post",
        "email_verified_claim": "email_verified",
        "nonce": False,
        "pkce": False,
    }
