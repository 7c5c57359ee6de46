"""A provider that lies or fails, met through the pages: nobody comes in, and nothing is kept."""

from __future__ import annotations

import pytest

from tests.http import providers
from tests.http.refused_logins import OPEN
from tests.http.refused_logins import UNAVAILABLE
from tests.http.refused_logins import Refusals
from tests.http.refused_logins import sentence_of
from tests.http.refused_logins import silence
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.hostile.modes import ENDPOINTS
from tests.rig.hostile.modes import MODES
from tests.rig.hostile.modes import OF_ANSWER
from tests.rig.hostile.modes import OF_CALLBACK
from tests.rig.hostile.modes import OF_DISCOVERY
from tests.rig.hostile.modes import OF_ID_TOKEN
from tests.rig.hostile.modes import OTHER
from tests.rig.hostile.modes import Endpoint
from tests.rig.hostile.modes import Mode

#: These have tests of their own: with less time, or with an answer that is a legitimate one.
SLOW: tuple[Mode, ...] = ("hang", "drip")
ODD: tuple[Mode, ...] = (
    "email_unverified",
    "email_str_false",
    "email_str_true",
    "email_one",
    "no_email",
    "entra",
    "case_sub",
    "stale_auth_time",
    "no_auth_time",
)
NO_SUBJECT: tuple[Mode, ...] = ("int_sub", "empty_sub", "long_sub")
REFUSED: tuple[Mode, ...] = (*OF_CALLBACK, *OF_ID_TOKEN, *NO_SUBJECT, *OTHER)


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


@pytest.fixture
def refusals(site: Site, database: Database) -> Refusals:
    return Refusals(site, database)


def test_no_mode_is_left_out() -> None:
    assert {"ok", *REFUSED, *OF_DISCOVERY, *OF_ANSWER, *ODD} == MODES


@pytest.mark.parametrize("mode", REFUSED)
def test_nobody_signs_in_and_nothing_is_connected_by_a_lie(
    site: Site, refusals: Refusals, mode: Mode
) -> None:
    providers.offer(site)
    providers.somebody()
    visitor, ada = site.visitor(), site.signed_in()
    user_id = ada.open("/whoami").json["user_id"]
    before = refusals.before()
    status, sentence = sentence_of(mode)
    page = providers.come_in(visitor, mode)
    assert (page.status, page.alerts) == (status, [sentence])
    refusals.check(page, visitor, before, waiting=int(mode in OPEN))
    page = providers.connect(ada, mode)
    assert len(page.alerts) == 1
    assert page.alerts[0].endswith(".")
    refusals.check(page, ada, before, user_id=user_id, waiting=2 * int(mode in OPEN))


@pytest.mark.parametrize("mode", OF_DISCOVERY)
def test_nobody_is_led_by_a_document_that_lies(site: Site, refusals: Refusals, mode: Mode) -> None:
    provider = providers.offer(site)
    visitor, ada = site.visitor(), site.signed_in()
    user_id = ada.open("/whoami").json["user_id"]
    before = refusals.before()
    provider.mode = mode
    page = providers.begin(visitor)
    assert (page.status, page.alerts) == UNAVAILABLE
    assert page.header("Refresh") is None
    refusals.check(page, visitor, before)
    page = providers.begin_to_connect(ada)
    assert (page.status, page.alerts) == UNAVAILABLE
    assert page.header("Refresh") is None
    refusals.check(page, ada, before, user_id=user_id)


@pytest.mark.parametrize("way", providers.WAYS)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_nonsense_at_any_address_of_it_is_no_answer(
    site: Site, refusals: Refusals, endpoint: Endpoint, way: str
) -> None:
    arrive, begin = providers.WAYS[way]
    visitor = arrive(site)
    user_id = providers.who(visitor)
    before = refusals.before()
    for mode in OF_ANSWER:
        if mode in SLOW:
            continue
        # What was read once is not read again, so each meets a provider that nobody knows.
        name = f"at_{mode}"
        provider = providers.offer(site, name=name)
        provider.tells_all_in_id_token = False
        providers.somebody()
        if endpoint == "discovery":
            provider.at, provider.mode = endpoint, mode
        page = begin(visitor, name=name)
        if endpoint != "discovery":
            back = providers.leave(page)
            provider.at, provider.mode = endpoint, mode
            page = visitor.open(back)
        assert (mode, page.status, page.alerts) == (mode, *silence(way, endpoint))
        assert page.header("Retry-After") == ("30" if page.status == 503 else None)
        refusals.check(page, visitor, before, user_id=user_id)
