"""Behind a cache that everybody shares: no page of one person reaches another (B68)."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.http.conftest import Walk
from tests.http.cookies import token_of
from tests.http.site import TOKEN
from tests.rig.caching_proxy import CachingProxy
from tests.rig.clients import request
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import sign_in
from tests.rig.people import sign_out
from tests.rig.people import sign_up
from tests.rig.visitor import Visitor
from tests.rig.wsgi import serve

PAGES = (
    "/",
    "/account/",
    "/account/?edit=profile",
    "/members",
    "/members.json",
    "/whoami",
    "/account/sign-in",
    "/account/sign-in?next=/members",
    "/account/sign-up",
)
WAYS: tuple[dict[str, str], ...] = ({}, {"HX-Request": "true"}, {"Accept": "application/json"})


@pytest.fixture
def proxy(app: Flask) -> Iterator[CachingProxy]:
    with serve(app) as origin, CachingProxy(origin) as proxy:
        yield proxy


@pytest.fixture
def nobody(proxy: CachingProxy, walk: Walk) -> Visitor:
    return walk(proxy)


Somebody = Callable[[], tuple[Visitor, Person]]


@pytest.fixture
def somebody(proxy: CachingProxy, mailbox: Mailbox, walk: Walk) -> Somebody:
    """Signs a new person up, who sees the site through the proxy."""

    def begin() -> tuple[Visitor, Person]:
        visitor = walk(proxy)
        return visitor, sign_up(visitor, mailbox)

    return begin


def test_a_then_b_then_nobody_each_see_their_own(somebody: Somebody, nobody: Visitor) -> None:
    first, ada = somebody()
    second, grace = somebody()
    walkers = [(first, ada.email_address), (second, grace.email_address), (nobody, "no one")]
    seen: dict[str, set[str]] = {address: set() for _, address in walkers}
    for url in PAGES:
        for headers in WAYS:
            for visitor, own in walkers * 2:
                body = request(visitor.client, "GET", url, headers=headers).text
                for _, other in walkers:
                    if other in body:
                        assert other == own, f"{url} shows {other} to {own}"
                        seen[own].add(url)
    for own in (ada.email_address, grace.email_address):
        assert {"/", "/account/", "/members"} <= seen[own]


def test_each_form_has_a_token_of_its_own(proxy: CachingProxy, walk: Walk) -> None:
    for url, action in (("/account/sign-in", "/sign-in"), ("/account/sign-up", "/sign-up")):
        tokens, cookies = set(), set()
        for _ in range(3):
            visitor = walk(proxy)
            tokens.add(visitor.open(url).form(action).values[TOKEN])
            cookies.add(token_of(visitor, "userkit-nonce"))
        assert len(tokens) == len(cookies) == 3


def test_a_page_and_its_section_are_not_taken_for_each_other(
    somebody: Somebody,
) -> None:
    visitor, _ada = somebody()
    visitor.open("/account/?edit=profile")
    form = visitor.page.form("/account/profile")
    data = form.filled({"first_name": "Ada", "last_name": ""}, None)
    section = request(visitor.client, "POST", form.action, data, {"HX-Request": "true"})
    assert section.html.find("html") is None
    assert visitor.open("/account/").html.find("html") is not None


def test_after_sign_out_nothing_personal_is_left_in_the_cache(
    proxy: CachingProxy, somebody: Somebody, walk: Walk
) -> None:
    visitor, ada = somebody()
    kept = f"userkit={token_of(visitor)}"
    for url in PAGES:
        visitor.open(url)
    sign_out(visitor)
    for url in PAGES:
        replay = request(walk(proxy).client, "GET", url, headers={"Cookie": kept})
        assert ada.email_address not in replay.text, url


def test_nobodys_own_page_and_the_files_come_from_the_cache(
    somebody: Somebody, nobody: Visitor
) -> None:
    # Without this the tests above would pass behind a cache that keeps nothing.
    visitor, ada = somebody()
    (link,) = visitor.open("/").html.select("link[rel=stylesheet]")
    file = str(link["href"])
    found = []
    for url in ("/", "/plain", file):
        request(nobody.client, "GET", url)
        found.append(request(nobody.client, "GET", url).header("X-Cache"))
    assert found == ["hit", "hit", "hit"]
    assert request(visitor.client, "GET", "/").header("X-Cache") == "miss"
    assert ada.email_address in request(visitor.client, "GET", "/").text
    sign_out(visitor)
    assert sign_in(visitor, ada).status == 200
