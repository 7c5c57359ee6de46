"""Where Meadow ID is, and what the app has to know of it."""

from __future__ import annotations

import hmac
import typing as t
from urllib.parse import urlsplit

from flask import Flask
from flask import current_app
from flask import url_for
from markupsafe import Markup

from flask_userkit.config import is_loopback

from ..keys import derived_secret

#: What the app calls the connection.
NAME = "meadow"
LABEL = "Meadow ID"
CLIENT_ID = "reading-list"
#: The sun comes up behind a hill; drawn as the kit's icons are.
ICON = Markup(
    '<svg class="userkit-icon" viewBox="0 0 16 16" aria-hidden="true"><path d="'
    "M1.5 12.75c3.75-3.25 9.25-3.25 13 0M4.5 10.5a3.5 3.5 0 0 1 7 0"
    'M8 2.5v1.75M2.75 4.75L4 6M13.25 4.75L12 6"/></svg>'
)
#: What the app always asks for.
SCOPES = ("openid", "email", "profile", "offline_access")
#: What lets the app read somebody's shelf there; it is asked for where the shelf is shown.
SHELF_SCOPE = "books"


def base_url(app: Flask) -> str:
    """Return the address of the app, as the kit knows it."""
    return str(app.config.get("USERKIT_BASE_URL") or "http://localhost:5000").rstrip("/")


def is_at_home(app: Flask) -> bool:
    """Tell whether the app runs on this machine alone.

    At Meadow ID anybody is whoever they like, so that no other app may trust it.
    """
    return is_loopback(urlsplit(base_url(app)).hostname or "")


def connection(app: Flask) -> dict[str, t.Any]:
    """Return what ``USERKIT_CONNECTIONS`` says of it."""
    return {
        "label": LABEL,
        "icon": ICON,
        "server_metadata_url": f"{base_url(app)}/provider/.well-known/openid-configuration",
        "client_id": CLIENT_ID,
        "client_secret": _client_secret(app),
        "scopes": SCOPES,
        "email_verified_claim": "email_verified",
        "reauthenticates": True,
    }


def issuer() -> str:
    """Return who Meadow ID says that it is."""
    return f"{base_url(current_app)}/provider"


def redirect_uri() -> str:
    """Return the one address that it leads back to."""
    return base_url(current_app) + url_for("userkit.oauth_callback", provider=NAME)


def is_client_secret(sent: str) -> bool:
    """Tell whether it is the app that asks."""
    return hmac.compare_digest(sent.encode(), _client_secret(current_app).encode())


def _client_secret(app: Flask) -> str:
    return derived_secret(app.config["SECRET_KEY"], "the client secret at Meadow ID")
