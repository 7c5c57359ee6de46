"""A provider that people of a site come from, and the way there and back."""

from __future__ import annotations

import typing as t
from functools import cache
from urllib.parse import urlsplit

from flask_userkit import Connection
from flask_userkit.models import ExternalAccount
from tests.rig.clients import request
from tests.rig.hostile.modes import Mode
from tests.rig.hostile_provider import HostileProvider
from tests.rig.pages import Page
from tests.rig.people import new_address
from tests.rig.visitor import Visitor

if t.TYPE_CHECKING:
    from tests.http.site import Site

NAME = "acme"
CALLBACK = f"/account/oauth/{NAME}/callback"
CARD = "/account/?edit=connected_accounts"
URL = "/account/connected-accounts"


@cache
def provider() -> HostileProvider:
    """Return the one provider of this process; each test says who is logged in there."""
    return HostileProvider().__enter__()


def offer(
    site: Site, *, name: str = NAME, by: HostileProvider | None = None, **changes: t.Any
) -> HostileProvider:
    """Let people of a site sign in with the provider, or another one, and return it."""
    fresh = by or provider()
    fresh.mode, fresh.at = "ok", "token"
    fresh.grants_only, fresh.access_token_seconds = None, 3600
    fresh.tells_all_in_id_token = True
    with site.app.app_context():
        fresh.redirect_uris.add(f"{site.kit.kit.base_url}/account/oauth/{name}/callback")
        values: dict[str, t.Any] = {
            "label": "Acme",
            "client_id": fresh.client_id,
            "client_secret": fresh.client_secret,
            "server_metadata_url": fresh.metadata_url,
            "scopes": ("openid", "email", "profile", "offline_access"),
            "email_verified_claim": "email_verified",
        }
        if changes or site.kit.kit.connections.find(name) is None:
            site.kit.add_connection(Connection(name=name, **{**values, **changes}))
    return fresh


def somebody(**claims: t.Any) -> str:
    """Log somebody new in at the provider, and return their address."""
    address = new_address()
    provider().subject = {
        "sub": f"sub-{address}",
        "email": address,
        "email_verified": True,
        "given_name": "Ada",
        "family_name": "Lovelace",
        **claims,
    }
    return address


def led_to(page: Page) -> str:
    """Return the address at a provider that a page leads to."""
    url = (page.header("Refresh") or page.header("HX-Redirect") or "").partition("url=")[2]
    assert url, page.text
    return url


def leave(page: Page, mode: Mode | None = None) -> str:
    """Go to the provider that a page leads to, and return the address of the way back."""
    back = urlsplit(provider().log_in(led_to(page), mode))
    return f"{back.path}?{back.query}"


def begin(visitor: Visitor, *, next: str = "", name: str = NAME) -> Page:
    """Press the provider's button on the page of sign-in."""
    visitor.open("/account/sign-in")
    return visitor.submit(f"/sign-in/{name}", next=next)


def come_in(visitor: Visitor, mode: Mode | None = None, *, next: str = "") -> Page:
    """Sign in with the provider, and end where that leads."""
    return visitor.open(leave(begin(visitor, next=next), mode))


def begin_to_connect(visitor: Visitor, *, name: str = NAME) -> Page:
    """Press the provider's button on the account page."""
    visitor.open(CARD)
    return visitor.submit("/connected-accounts", button=("provider", name))


#: Who goes to the provider, and how; by name.
WAYS: dict[str, tuple[t.Callable[[Site], Visitor], t.Callable[..., Page]]] = {
    "sign-in": (lambda site: site.visitor(), begin),
    "connecting": (lambda site: site.signed_in(), begin_to_connect),
}


def connect(visitor: Visitor, mode: Mode | None = None) -> Page:
    """Connect an account, and end where that leads."""
    return visitor.open(leave(begin_to_connect(visitor), mode))


def who(visitor: Visitor) -> str | None:
    """Return who is signed in, and leave the browser at the page that it shows."""
    user_id: str | None = request(visitor.client, "GET", "/whoami").json["user_id"]
    return user_id


def accounts(site: Site, user_id: str) -> list[ExternalAccount]:
    """Return the connected accounts of somebody."""
    with site.app.app_context():
        return list(site.kit.users.get_user(user_id).external_accounts)
