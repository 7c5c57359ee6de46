"""The certified provider as people of a site meet it."""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

from flask_userkit import Connection
from tests.http import providers
from tests.http.site import Site
from tests.rig.oidc_pages import log_in
from tests.rig.oidc_provider import OidcProvider
from tests.rig.pages import Page
from tests.rig.visitor import Visitor

NAME = "oidc"
LABEL = "Certified"


def offer(site: Site, provider: OidcProvider, **changes: t.Any) -> None:
    """Let people of a site sign in with the provider."""
    with site.app.app_context():
        known = provider.register(f"{site.kit.kit.base_url}/account/oauth/{NAME}/callback")
        values: dict[str, t.Any] = {
            "scopes": ("openid", "email", "profile", "offline_access"),
            # Without consent asked for, the provider gives out no refresh token.
            "authorize_params": {"prompt": "consent"},
            "email_verified_claim": "email_verified",
            **changes,
        }
        site.kit.add_connection(
            Connection(
                name=NAME,
                label=LABEL,
                client_id=known.client_id,
                client_secret=known.client_secret,
                server_metadata_url=provider.metadata_url,
                **values,
            )
        )


def leave(page: Page, name: str, *arguments: t.Any, **options: t.Any) -> str:
    """Log in by a name where a page leads to, and return the address of the way back.

    The rest is for ``log_in()``.
    """
    return path_of(log_in(providers.led_to(page), name, *arguments, **options))


def path_of(url: str) -> str:
    back = urlsplit(url)
    return f"{back.path}?{back.query}"


def come_in(visitor: Visitor, name: str, *arguments: t.Any, **options: t.Any) -> Page:
    """Sign in with the provider, and end where that leads."""
    page = providers.begin(visitor, name=NAME)
    return visitor.open(leave(page, name, *arguments, **options))


def connect(visitor: Visitor, name: str, *arguments: t.Any, **options: t.Any) -> Page:
    """Connect an account, and end where that leads."""
    page = providers.begin_to_connect(visitor, name=NAME)
    return visitor.open(leave(page, name, *arguments, **options))
