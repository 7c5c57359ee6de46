"""The way to each form that has to do with a provider, and what is typed there."""

from __future__ import annotations

import typing as t

import pytest

from flask_userkit import UserKitError
from tests.http import providers
from tests.http.address_forms import Way
from tests.rig.hostile_provider import HostileProvider
from tests.rig.visitor import Visitor

if t.TYPE_CHECKING:
    from tests.http.site import Site

SIGN_UP = "/account/oauth/sign-up"


def sign_in(site: Site) -> Way:
    _offer(site)
    return Way(site.visitor(), "/account/sign-in", f"/account/sign-in/{providers.NAME}", {})


def sign_up(site: Site) -> Way:
    """Come from a provider that does not vouch for one's address."""
    _offer(site)
    address = providers.somebody(email_verified=False)
    visitor = site.visitor()
    providers.come_in(visitor)
    return Way(visitor, SIGN_UP, SIGN_UP, {"email_address": address})


def connection(site: Site) -> Way:
    _offer(site)
    return Way(site.signed_in(), providers.CARD, providers.URL, {"provider": providers.NAME})


def reconnection(site: Site) -> Way:
    """Have an account whose access was taken back."""
    provider = _offer(site)
    provider.access_token_seconds = 1
    visitor, account_id = _connected(site)
    provider.grants.forget()
    with site.app.app_context(), pytest.raises(UserKitError):
        site.kit.users.get_user_oauth_access_token(providers.who(visitor) or "", providers.NAME)
    return Way(visitor, "/account/", f"{providers.URL}/{account_id}/reconnection", {})


def removal(site: Site) -> Way:
    _offer(site)
    visitor, account_id = _connected(site)
    card = f"{providers.CARD}.removal.{account_id}"
    return Way(visitor, card, f"{providers.URL}/{account_id}/removal", {})


def reverification(site: Site) -> Way:
    """Be somebody who has nothing but a provider to prove themselves by."""
    _offer(site)
    providers.somebody()
    visitor = site.visitor()
    providers.come_in(visitor)
    page = "/account/reverification"
    return Way(visitor, page, f"{page}/{providers.NAME}", {})


def _offer(site: Site) -> HostileProvider:
    known = site.kit.kit.connections.find(providers.NAME) is not None
    return providers.offer(site) if known else providers.offer(site, reauthenticates=True)


def _connected(site: Site) -> tuple[Visitor, str]:
    providers.somebody()
    visitor = site.signed_in()
    providers.connect(visitor)
    (account,) = providers.accounts(site, providers.who(visitor) or "")
    return visitor, account.id
