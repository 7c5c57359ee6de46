"""Two providers, one of which would have what is for the other (RFC 9700 section 4.4)."""

from __future__ import annotations

from urllib.parse import parse_qsl
from urllib.parse import urlencode
from urllib.parse import urlsplit

import pytest

from tests.http import providers
from tests.http.providers import who
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.fixtures.apps import MakeApp
from tests.rig.hostile_provider import HostileProvider
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.usefixtures("backend")
EVILS_CALLBACK = "/account/oauth/evil/callback"


@pytest.fixture
def site(make_app: MakeApp, hostile_provider: HostileProvider) -> Site:
    """A site with two providers, at one of which everybody is whoever it says."""
    site = open_site(make_app)
    providers.offer(site)
    providers.somebody()
    providers.offer(site, name="evil", by=hostile_provider, label="Evil")
    hostile_provider.subject = dict(providers.provider().subject)
    return site


def answer_of(back: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(back).query))


def asked(provider: HostileProvider) -> int:
    return len(provider.asked("/token"))


def refused_for_good(visitor: Visitor, back: str) -> None:
    assert visitor.open(back).status == 400
    assert who(visitor) is None


def test_an_answer_at_the_address_of_another_provider_is_used_up_and_its_code_kept_from_it(
    site: Site, hostile_provider: HostileProvider
) -> None:
    visitor = site.visitor()
    back = providers.leave(providers.begin(visitor))
    known = asked(hostile_provider)
    page = visitor.open(back.replace(providers.CALLBACK, EVILS_CALLBACK))
    assert page.status == 400
    assert "This was not begun in this browser" in page.words
    assert asked(hostile_provider) == known, "a code of one is not sent to the other"
    refused_for_good(visitor, back)


@pytest.mark.parametrize("iss", ["evil's", "acme's"])
def test_a_code_of_one_is_not_redeemed_as_the_others(
    site: Site, hostile_provider: HostileProvider, iss: str
) -> None:
    providers.come_in(site.visitor())
    visitor = site.visitor()
    state = answer_of(providers.leave(providers.begin(visitor)))["state"]
    evils = answer_of(providers.leave(providers.begin(visitor, name="evil")))
    said = hostile_provider if iss == "evil's" else providers.provider()
    answer = {"code": evils["code"], "state": state, "iss": said.issuer}
    known = asked(providers.provider()), asked(hostile_provider)
    page = visitor.open(f"{providers.CALLBACK}?{urlencode(answer)}")
    assert page.status == 400
    assert len(page.alerts) == 1
    assert asked(hostile_provider) == known[1]
    if iss == "evil's":
        assert asked(providers.provider()) == known[0], "nobody is asked before it is known whom"
    assert who(visitor) is None


def test_the_same_subject_at_another_provider_is_somebody_else(site: Site) -> None:
    first, second = site.visitor(), site.visitor()
    providers.come_in(first)
    evils = providers.leave(providers.begin(second, name="evil"))
    second.open(evils)
    # Both say that the address is theirs, so it is one person here by two accounts.
    ada = who(first)
    assert (ada is not None, who(second)) == (True, ada)
    found = {account.provider: account for account in providers.accounts(site, ada or "")}
    assert sorted(found) == ["acme", "evil"]
    assert found["acme"].provider_user_id == found["evil"].provider_user_id
    assert found["acme"].issuer != found["evil"].issuer


def test_the_same_subject_elsewhere_opens_nothing_without_the_address(
    site: Site, hostile_provider: HostileProvider
) -> None:
    first = site.visitor()
    providers.come_in(first)
    hostile_provider.subject |= {"email": None, "email_verified": None}
    eve = site.visitor()
    eve.open(providers.leave(providers.begin(eve, name="evil")))
    assert (eve.page.url, who(eve)) == ("/account/oauth/sign-up", None)


def test_what_was_begun_to_connect_one_is_not_connected_at_the_address_of_the_other(
    site: Site,
) -> None:
    visitor = site.signed_in()
    back = providers.leave(providers.begin_to_connect(visitor))
    assert visitor.open(back.replace(providers.CALLBACK, EVILS_CALLBACK)).status == 400
    assert visitor.open(back).status == 400
    assert providers.accounts(site, who(visitor) or "") == []


def test_an_answer_at_the_address_of_no_provider_signs_nobody_in(site: Site) -> None:
    visitor = site.visitor()
    back = providers.leave(providers.begin(visitor))
    page = visitor.open(back.replace(providers.CALLBACK, "/account/oauth/unknown/callback"))
    assert (page.status, "There is no such provider here." in page.words) == (404, True)
    assert who(visitor) is None
