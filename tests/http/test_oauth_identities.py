"""An account at a provider is known by its subject there, and by nothing that may change hands."""

from __future__ import annotations

import pytest

from tests.http import providers
from tests.http.providers import who
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    site = open_site(make_app)
    providers.offer(site)
    return site


def come(site: Site) -> Visitor:
    visitor = site.visitor()
    providers.come_in(visitor)
    return visitor


def verified(site: Site, user_id: str | None) -> list[str]:
    with site.app.app_context():
        user = site.kit.users.get_user(user_id or "")
        return sorted(each.email_address for each in user.email_addresses if each.verified)


def test_who_takes_the_address_of_another_there_is_still_themselves_here(site: Site) -> None:
    provider = providers.provider()
    mine = providers.somebody()
    eve = come(site)
    victim = site.person()
    provider.subject = {**provider.subject, "email": victim.email_address}
    again = come(site)
    assert who(again) == who(eve)
    assert verified(site, who(eve)) == [mine]
    (account,) = providers.accounts(site, who(eve) or "")
    assert account.email_address == victim.email_address, "it is shown, and proves nothing"
    ada = site.signed_in(victim)
    assert verified(site, who(ada)) == [victim.email_address]
    assert providers.accounts(site, who(ada) or "") == []


def test_who_is_given_the_address_of_another_there_does_not_come_in_as_them(site: Site) -> None:
    provider = providers.provider()
    address = providers.somebody()
    ada = come(site)
    provider.subject = {**provider.subject, "sub": "the next one at that address"}
    eve = site.visitor()
    page = providers.come_in(eve)
    assert (page.status, who(eve)) == (400, None)
    assert f"{address} has an account here. Sign in to it, then connect Acme" in page.words
    assert len(providers.accounts(site, who(ada) or "")) == 1


@pytest.mark.parametrize("told", ["other", "none", "unverified"])
def test_who_is_known_comes_in_whatever_address_is_told(site: Site, told: str) -> None:
    provider = providers.provider()
    address = providers.somebody()
    ada = who(come(site))
    changes: dict[str, dict[str, object]] = {
        "other": {"email": new_address()},
        "none": {"email": None, "email_verified": None},
        "unverified": {"email_verified": False},
    }
    provider.subject = {**provider.subject, **changes[told]}
    assert who(come(site)) == ada
    assert verified(site, ada) == [address]


def test_names_that_change_hands_identify_nobody(site: Site) -> None:
    providers.somebody(preferred_username="countess", name="Ada", nickname="ada")
    first = come(site)
    providers.somebody(preferred_username="countess", name="Ada", nickname="ada")
    second = come(site)
    assert who(second) not in (None, who(first))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", 1),
        ("1", "01"),
        ("1", "1.0"),
        ("ada", "ada\u200b"),
        ("\u00e9", "e\u0301"),
        ("ada", " ada"),
        ("stra\u00dfe", "strasse"),
        ("a" * 255, "a" * 254 + "b"),
    ],
)
def test_subjects_that_look_alike_are_different_people(
    site: Site, one: object, other: object
) -> None:
    providers.somebody(sub=one)
    first = come(site)
    providers.somebody(sub=other)
    second = come(site)
    assert who(first) is not None
    assert who(second) != who(first)
