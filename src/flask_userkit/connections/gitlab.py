"""GitLab, also one of an app's own (OpenID Connect)."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from .connection import WELL_KNOWN


def describe(*, base_url: str = "https://gitlab.com") -> Mapping[str, t.Any]:
    """Return what is known of it.

    :param base_url: where a self-managed one is.
    """
    return {
        "label": "GitLab",
        "icon": "gitlab",
        "server_metadata_url": f"{base_url.rstrip('/')}{WELL_KNOWN}",
        "scopes": ("openid", "email", "profile"),
        "email_verified_claim": "email_verified",
    }
