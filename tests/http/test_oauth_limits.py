"""Who goes to providers on and on is told to wait, and asks none of them."""

from __future__ import annotations

import pytest

from tests.http import providers
from tests.http.site import UNLIMITED
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page

pytestmark = pytest.mark.usefixtures("backend")
WAIT = "Too many attempts."


def site_with(make_app: MakeApp, **limits: str) -> Site:
    return open_site(make_app, USERKIT_RATE_LIMITS={**UNLIMITED, **limits})


def assert_told_to_wait(page: Page) -> None:
    assert page.status == 429
    assert WAIT in page.words
    assert int(page.header("Retry-After") or 0) > 0
    assert page.header("Refresh") is None


def test_so_many_go_to_providers_from_one_network(make_app: MakeApp) -> None:
    site = site_with(make_app, **{"oauth:ip": "2/hour"})
    providers.offer(site)
    providers.somebody()
    for _ in range(2):
        assert providers.begin(site.visitor()).status == 200
    assert_told_to_wait(providers.begin(site.visitor()))
    assert_told_to_wait(providers.begin_to_connect(site.signed_in()))
    site.clock.tick(3601)
    visitor = site.visitor()
    providers.come_in(visitor)
    assert providers.who(visitor) is not None


def test_so_many_accounts_are_connected_and_disconnected_by_one_person(make_app: MakeApp) -> None:
    site = site_with(make_app, **{"external_account:account": "2/hour"})
    providers.offer(site)
    ada, bea = site.signed_in(), site.signed_in()
    for _ in range(2):
        assert providers.begin_to_connect(ada).status == 200
    assert_told_to_wait(providers.begin_to_connect(ada))
    assert providers.begin_to_connect(bea).status == 200, "others go on"
