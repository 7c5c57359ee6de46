"""Google (Sign in with Google, OpenID Connect)."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping


def describe() -> Mapping[str, t.Any]:
    """Return what is known of it: a refresh token comes only where somebody is asked to allow it.

    What was allowed earlier stays allowed, as a later token would let the app do less.
    """
    return {
        "label": "Google",
        "icon": "google",
        "server_metadata_url": "https://accounts.google.com/.well-known/openid-configuration",
        "scopes": ("openid", "email", "profile"),
        "authorize_params": {"access_type": "offline", "include_granted_scopes": "true"},
        "email_verified_claim": "email_verified",
        "selects_account": True,
    }
