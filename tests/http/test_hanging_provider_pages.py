"""A provider that takes its time: who comes from it is told, and nobody else waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from flask_userkit.connections import client as clients
from flask_userkit.connections.deadline import PATIENCE
from flask_userkit.connections.deadline import TOTAL
from tests.http import providers
from tests.http.providers import who
from tests.http.refused_logins import UNAVAILABLE
from tests.http.refused_logins import Refusals
from tests.http.refused_logins import silence
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.hostile.modes import ENDPOINTS
from tests.rig.hostile.modes import Endpoint
from tests.rig.hostile.modes import Mode
from tests.rig.hostile_provider import HostileProvider
from tests.rig.pages import Page
from tests.rig.people import sign_in
from tests.rig.visitor import Visitor

#: What a conversation is given, of a provider that needs none of it.
SECONDS = 0.5
#: Longer than any of these tests takes: who waits is let go by the test.
FOREVER = 200.0
BUSY = 60


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


@pytest.fixture
def refusals(site: Site, database: Database) -> Refusals:
    return Refusals(site, database)


@pytest.fixture(autouse=True)
def _no_conversation_is_left() -> Iterator[None]:
    yield
    for thread in threading.enumerate():
        if thread.name == "userkit-talk":
            thread.join(20)
            assert not thread.is_alive()


@pytest.mark.parametrize("way", providers.WAYS)
@pytest.mark.parametrize("mode", ["hang", "drip"])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_who_comes_from_it_is_told_that_it_does_not_answer(
    site: Site,
    refusals: Refusals,
    monkeypatch: pytest.MonkeyPatch,
    endpoint: Endpoint,
    mode: Mode,
    way: str,
) -> None:
    arrive, begin = providers.WAYS[way]
    provider = providers.offer(site)
    provider.tells_all_in_id_token = False
    providers.somebody()
    visitor = arrive(site)
    user_id = who(visitor)
    before = refusals.before()
    back = "" if endpoint == "discovery" else providers.leave(begin(visitor))
    monkeypatch.setattr(clients, "TOTAL", SECONDS)
    provider.at, provider.mode = endpoint, mode
    page = visitor.open(back) if back else begin(visitor)
    assert (page.status, page.alerts) == silence(way, endpoint)
    refusals.check(page, visitor, before, user_id=user_id)
    if back:
        # The answer was taken with what it was worth, and is not asked about again.
        provider.mode = "ok"
        assert visitor.open(back).status == 400


def test_it_is_given_up_after_its_seconds(site: Site, refusals: Refusals) -> None:
    assert TOTAL + PATIENCE < 10, "with what one waits for a place"
    provider = providers.offer(site)
    providers.somebody()
    visitor = site.visitor()
    back = providers.leave(providers.begin(visitor))
    before = refusals.before()
    # It hangs for as long as it runs.
    provider.mode = "hang"
    page = visitor.open(back)
    assert (page.status, page.alerts) == UNAVAILABLE
    refusals.check(page, visitor, before)


@pytest.mark.usefixtures("backend")
def test_twenty_who_wait_for_it_keep_nobody_else_waiting(
    site: Site, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = site.person()
    inside = site.signed_in(ada)
    with HostileProvider() as slow:
        backs = leave_for(site, slow, 20)
        refusals = Refusals(site, database)
        before = refusals.before()
        monkeypatch.setattr(clients, "TOTAL", FOREVER)
        slow.mode = "hang"
        pages: list[tuple[Visitor, Page]] = []

        def come_back(visitor: Visitor, back: str) -> None:
            pages.append((visitor, visitor.open(back)))

        threads = [threading.Thread(target=come_back, args=each, daemon=True) for each in backs]
        for thread in threads:
            thread.start()
        # Whoever finds no place is told at once, while the others still hang.
        until = time.monotonic() + BUSY
        while len(pages) < len(threads) - clients.AT_ONCE and time.monotonic() < until:
            time.sleep(0.02)
        assert len(pages) == len(threads) - clients.AT_ONCE
        assert who(site.visitor()) is None
        assert ada.email_address in inside.open("/account/").words
        coming = site.visitor()
        sign_in(coming, ada)
        assert who(coming) is not None
        providers.offer(site)
        providers.somebody()
        elsewhere = site.visitor()
        providers.come_in(elsewhere)
        assert who(elsewhere) is not None
        assert sum(thread.is_alive() for thread in threads) == clients.AT_ONCE
        slow.stopping.set()
        for thread in threads:
            thread.join(BUSY)
    assert {(page.status, *page.alerts) for _visitor, page in pages} == {
        (UNAVAILABLE[0], *UNAVAILABLE[1])
    }
    assert [who(visitor) for visitor, _page in pages] == [None] * len(threads)
    rows = refusals.before()
    # One who came in by password, and one by the other provider.
    assert rows["userkit_user"] == before["userkit_user"] + 1
    assert rows["userkit_session"] == before["userkit_session"] + 2


def leave_for(site: Site, provider: HostileProvider, many: int) -> list[tuple[Visitor, str]]:
    """Send so many to a provider, and return each with the address of the way back."""
    providers.offer(site, name="slow", by=provider)
    found: list[tuple[Visitor, str]] = []
    for _ in range(many):
        visitor = site.visitor()
        found.append((visitor, providers.leave(providers.begin(visitor, name="slow"))))
    return found
