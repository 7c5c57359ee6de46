"""What an account allows here: kept through sign-ins, and asked for anew."""

from __future__ import annotations

from urllib.parse import parse_qs
from urllib.parse import urlsplit

import pytest

from flask_userkit import UserKitError
from flask_userkit.services.oauth_tokens import OAuthAccessToken
from tests.http import providers
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.fixtures.apps import MakeApp
from tests.rig.hostile_provider import HostileProvider
from tests.rig.people import new_address
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.usefixtures("backend")
SIGN_IN = ("openid", "email", "profile", "offline_access")
WIDER = (*SIGN_IN, "books")


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def come_in(site: Site, provider: HostileProvider) -> tuple[Visitor, str]:
    """Come as somebody new, and return their browser and who they are."""
    provider.subject = {**provider.subject, "sub": new_address(), "email": new_address()}
    visitor = site.visitor()
    providers.come_in(visitor)
    return visitor, str(visitor.open("/whoami").json["user_id"])


def token_of(site: Site, user_id: str) -> OAuthAccessToken:
    with site.app.app_context():
        (token,) = site.kit.users.get_user_oauth_access_token(user_id, providers.NAME)
    return token


def test_a_sign_in_that_allows_less_does_not_take_what_was_allowed(site: Site) -> None:
    provider = providers.offer(site, scopes=WIDER)
    _visitor, user_id = come_in(site, provider)
    allowed = token_of(site, user_id)
    provider.grants_only = frozenset(SIGN_IN)
    provider.subject = {**provider.subject, "preferred_username": "countess"}
    providers.come_in(site.visitor())
    assert token_of(site, user_id) == allowed
    (account,) = providers.accounts(site, user_id)
    assert account.username == "countess", "who they are there is read anew"


def test_one_that_allows_more_takes_its_place(site: Site) -> None:
    provider = providers.offer(site, scopes=WIDER)
    provider.grants_only = frozenset(SIGN_IN)
    _visitor, user_id = come_in(site, provider)
    assert "books" not in token_of(site, user_id).scopes
    provider.grants_only = None
    providers.come_in(site.visitor())
    assert "books" in token_of(site, user_id).scopes


@pytest.mark.parametrize("lost", [True, False], ids=["taken back", "for good"])
def test_what_cannot_be_refreshed_any_more_is_replaced(site: Site, lost: bool) -> None:
    provider = providers.offer(site, scopes=WIDER)
    provider.access_token_seconds = 1
    if not lost:
        provider.grants_only = frozenset({"openid", "books"})
    _visitor, user_id = come_in(site, provider)
    if lost:
        provider.grants.forget()
        with site.app.app_context(), pytest.raises(UserKitError, match="takes the access back"):
            site.kit.users.get_user_oauth_access_token(user_id, providers.NAME)
    provider.grants_only, provider.access_token_seconds = frozenset({"openid"}), 3600
    providers.come_in(site.visitor())
    assert token_of(site, user_id).scopes == ("openid",)


def test_who_connects_once_more_is_asked_to_allow_it_anew(site: Site) -> None:
    provider = providers.offer(site)
    provider.access_token_seconds = 1
    visitor, user_id = come_in(site, provider)
    provider.grants.forget()
    with site.app.app_context(), pytest.raises(UserKitError, match="takes the access back"):
        site.kit.users.get_user_oauth_access_token(user_id, providers.NAME)
    (account,) = providers.accounts(site, user_id)
    visitor.open("/account/")
    page = visitor.submit(f"/{account.id}/reconnection")
    url = (page.header("Refresh") or "").partition("url=")[2]
    assert parse_qs(urlsplit(url).query)["prompt"] == ["consent"]
    provider.access_token_seconds = 3600
    page = visitor.open(providers.leave(page))
    assert "The account is connected once more." in page.words
    assert token_of(site, user_id).token
