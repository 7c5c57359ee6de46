"""What an app does for people at a certified provider: tokens refreshed, refused, and widened."""

from __future__ import annotations

import secrets

import pytest
from flask import render_template_string

from flask_userkit import UserKitError
from flask_userkit.connections import keys
from tests.http import certified
from tests.http import providers
from tests.http.providers import who
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.fixtures.apps import MakeApp
from tests.rig.oidc_provider import OidcProvider
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.usefixtures("backend")
SETTINGS = """<!doctype html>
{% from "userkit/macros.html" import userkit_head, user_profile %}
<html lang="en"><head><meta charset="utf-8"><title>Settings</title>{{ userkit_head() }}</head>
<body>{{ user_profile(additional_oauth_scopes={"oidc": ["books"]}) }}</body></html>
"""
MISSING = "Reconnect to grant access."


@pytest.fixture
def site(make_app: MakeApp, oidc_provider: OidcProvider) -> Site:
    site = open_site(make_app)
    certified.offer(site, oidc_provider)
    site.app.add_url_rule("/settings", "settings", lambda: render_template_string(SETTINGS))
    return site


@pytest.fixture
def name() -> str:
    return f"ada-{secrets.token_hex(4)}"


def token(site: Site, visitor: Visitor, provider: str = certified.NAME) -> tuple[str, set[str]]:
    """Return the app's token, and what it allows."""
    user_id = who(visitor)
    with site.app.app_context():
        (found,) = site.kit.users.get_user_oauth_access_token(user_id or "", provider)
        return found.token, set(found.scopes)


def reconnect(visitor: Visitor, name: str, page: str, without: tuple[str, ...] = ()) -> str:
    visitor.open(page)
    leaving = visitor.submit("/reconnection")
    return visitor.open(certified.leave(leaving, name, without=without)).words


def test_a_token_is_refreshed_when_it_runs_out_and_once(site: Site, name: str) -> None:
    visitor = site.visitor()
    certified.come_in(visitor, name)
    first = token(site, visitor)
    assert token(site, visitor) == first
    site.clock.tick(3595)
    second = token(site, visitor)
    assert (second[0] != first[0], second[1]) == (True, first[1])
    # The provider takes each refresh token once, and this is the one that came with the second.
    site.clock.tick(-3595)
    assert token(site, visitor) == second, "it is kept until it runs out as well"
    site.clock.tick(3595)
    assert token(site, visitor)[0] not in (first[0], second[0])


@pytest.mark.timeout(60)
def test_a_token_that_never_lives_for_long_is_refreshed_once_for_each_who_asks(site: Site) -> None:
    provider = providers.offer(site)
    providers.somebody()
    provider.access_token_seconds = 5
    visitor = site.visitor()
    providers.come_in(visitor)
    known = len(provider.asked("/token"))
    found = [token(site, visitor, providers.NAME)[0] for _ in range(2)]
    assert found[0] != found[1]
    assert len(provider.asked("/token")) == known + 2


def test_where_access_was_taken_back_people_reconnect(
    site: Site, oidc_provider: OidcProvider, name: str
) -> None:
    visitor = site.visitor()
    certified.come_in(visitor, name)
    first = token(site, visitor)
    oidc_provider.withdraw_consents(name)
    site.clock.tick(3595)
    with pytest.raises(UserKitError) as caught:
        token(site, visitor)
    assert caught.value.code == "oauth_token_retrieval_error"
    page = visitor.open("/account/")
    assert "Reconnect needed" in page.words
    assert "Certified takes the access back." in page.words
    site.clock.tick(-3595)
    assert "The account is connected once more." in reconnect(visitor, name, "/account/")
    assert "Reconnect needed" not in visitor.open("/account/").words
    assert token(site, visitor)[0] != first[0]


def test_another_account_is_not_taken_for_the_one_that_is_reconnected(
    site: Site, oidc_provider: OidcProvider, name: str
) -> None:
    visitor = site.visitor()
    certified.come_in(visitor, name)
    oidc_provider.withdraw_consents(name)
    site.clock.tick(3595)
    with pytest.raises(UserKitError):
        token(site, visitor)
    site.clock.tick(-3595)
    words = reconnect(visitor, f"{name}-2", "/account/")
    assert "That was another account of the provider." in words
    (account,) = providers.accounts(site, who(visitor) or "")
    assert account.provider_user_id == name
    assert "Reconnect needed" in visitor.open("/account/").words


def test_a_new_key_of_the_provider_is_taken_at_once(
    site: Site, oidc_provider: OidcProvider, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "REFETCH", 0.0)
    first, second = site.visitor(), site.visitor()
    certified.come_in(first, name)
    begun = providers.begin(second, name=certified.NAME)
    oidc_provider.rotate_keys()
    second.open(certified.leave(begun, name))
    assert who(second) == who(first) is not None


def test_a_page_that_needs_more_has_people_grant_it(site: Site, name: str) -> None:
    visitor = site.visitor()
    certified.come_in(visitor, name)
    assert MISSING not in visitor.open("/account/").words
    assert MISSING in visitor.open("/settings").words
    reconnect(visitor, name, "/settings", without=("books",))
    assert "books" not in token(site, visitor)[1]
    assert MISSING in visitor.open("/settings").words
    assert "The account is connected once more." in reconnect(visitor, name, "/settings")
    assert "books" in token(site, visitor)[1]
    assert MISSING not in visitor.open("/settings").words
