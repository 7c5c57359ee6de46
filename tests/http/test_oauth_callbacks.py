"""The address that a provider leads back to, opened with anything: it shows none of it."""

from __future__ import annotations

from urllib.parse import parse_qsl
from urllib.parse import urlencode

import pytest

from tests.http import providers
from tests.http.refused_logins import Refusals
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.hostile.callbacks import SCRIPT

NAMES = ("code", "state", "iss", "error", "user")
LONG = "x" * 4097


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


@pytest.fixture
def refusals(site: Site, database: Database) -> Refusals:
    return Refusals(site, database)


def right_answer(back: str) -> dict[str, str]:
    return dict(parse_qsl(back.partition("?")[2]))


@pytest.mark.parametrize("name", NAMES)
def test_one_that_is_there_twice_or_too_long_is_refused_and_the_right_one_still_counts(
    site: Site, refusals: Refusals, name: str
) -> None:
    providers.offer(site)
    providers.somebody()
    visitor = site.visitor()
    back = providers.leave(providers.begin(visitor))
    before = refusals.before()
    answer = right_answer(back)
    twice = [*answer.items(), (name, answer.get(name, "x")), (name, answer.get(name, "x"))]
    for query in (twice, [*{**answer, name: LONG}.items()]):
        page = visitor.open(f"{providers.CALLBACK}?{urlencode(query)}")
        assert page.status == 400
        assert page.alerts == ["The provider's answer cannot be read. Start again."]
        refusals.check(page, visitor, before, waiting=1)
    assert visitor.open(back).status == 200
    assert visitor.open("/whoami").json["user_id"] is not None


@pytest.mark.parametrize("name", NAMES)
def test_what_is_four_kilobytes_long_is_no_reason_to_fail(
    site: Site, refusals: Refusals, name: str
) -> None:
    providers.offer(site)
    providers.somebody()
    visitor = site.visitor()
    back = providers.leave(providers.begin(visitor))
    before = refusals.before()
    query = urlencode({**right_answer(back), name: "x" * 4096})
    page = visitor.open(f"{providers.CALLBACK}?{query}")
    if name == "user":
        # Only some providers send it, and this is not one of them.
        assert (page.status, providers.who(visitor) is not None) == (200, True)
        return
    assert page.status == 400
    assert len(page.alerts) == 1
    assert "xxxx" not in page.words
    refusals.check(page, visitor, before, waiting=int(name == "state"))


@pytest.mark.parametrize("missing", [("code",), ("state",), ("iss",), ("code", "state", "iss")])
def test_one_that_is_missing_is_refused(
    site: Site, refusals: Refusals, missing: tuple[str, ...]
) -> None:
    providers.offer(site)
    providers.somebody()
    visitor = site.visitor()
    back = providers.leave(providers.begin(visitor))
    before = refusals.before()
    answer = {name: value for name, value in right_answer(back).items() if name not in missing}
    page = visitor.open(f"{providers.CALLBACK}?{urlencode(answer)}")
    assert page.status == 400
    assert len(page.alerts) == 1
    refusals.check(page, visitor, before, waiting=int("state" in missing))


@pytest.mark.parametrize(
    "value",
    [SCRIPT, "a\x00b", "\ud7ff\U0001f600", "ver_" + "0" * 32 + "." + "A" * 43, "%00", "../"],
)
def test_what_somebody_wrote_into_it_is_not_shown(
    site: Site, refusals: Refusals, value: str
) -> None:
    providers.offer(site)
    visitor = site.visitor()
    providers.begin(visitor)
    before = refusals.before()
    for name in (*NAMES, "error_description", "error_uri"):
        page = visitor.open(f"{providers.CALLBACK}?{urlencode({'state': value, name: value})}")
        assert page.status == 400
        assert value not in page.words
        refusals.check(page, visitor, before, waiting=1)


def test_a_text_that_is_no_utf_8_is_refused(site: Site, refusals: Refusals) -> None:
    providers.offer(site)
    visitor = site.visitor()
    providers.begin(visitor)
    before = refusals.before()
    page = visitor.open(f"{providers.CALLBACK}?state=%ff%fe&code=%ff")
    assert page.status == 400
    refusals.check(page, visitor, before, waiting=1)


def test_a_form_of_another_site_does_no_more_than_a_link(site: Site, refusals: Refusals) -> None:
    providers.offer(site)
    visitor = site.visitor()
    providers.begin(visitor)
    before = refusals.before()
    # As a form that is sent across sites: without the cookie of the browser.
    stranger = site.visitor()
    sent = request(stranger.client, "POST", providers.CALLBACK, {"state": "x", "error": SCRIPT})
    assert sent.status == 303
    assert sent.location is not None
    page = visitor.open(sent.location)
    assert page.status == 400
    refusals.check(page, visitor, before, waiting=1)


def test_a_start_is_a_form_with_its_token(site: Site) -> None:
    providers.offer(site)
    visitor = site.visitor()
    for page in ("/account/sign-in/acme", "/account/connected-accounts"):
        assert request(visitor.client, "GET", page).status in (404, 405)
    sent = request(visitor.client, "POST", "/account/sign-in/acme", {"next": ""})
    assert (sent.status, sent.header("Refresh")) == (422, None)
