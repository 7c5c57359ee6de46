"""Who plants something before its owner comes by a provider gets nothing by it (B36)."""

from __future__ import annotations

import pytest

from tests.http import providers
from tests.http import reset_forms
from tests.http.address_forms import claimed
from tests.http.providers import who
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import Person
from tests.rig.people import begin_sign_up
from tests.rig.people import new_address
from tests.rig.people import new_password
from tests.rig.people import sign_in
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    site = open_site(make_app)
    providers.offer(site)
    return site


def owner_comes(site: Site, address: str) -> Visitor:
    """Bring in who has proven an address to the provider."""
    providers.somebody(email=address)
    visitor = site.visitor()
    providers.come_in(visitor)
    assert who(visitor) is not None
    return visitor


def addresses(site: Site, visitor: Visitor) -> list[str]:
    with site.app.app_context():
        user = site.kit.users.get_user(who(visitor) or "")
        return sorted(each.email_address for each in user.email_addresses if each.verified)


def test_p1_a_password_that_was_planted_at_sign_up_opens_nothing(site: Site) -> None:
    eve, victim = site.visitor(), Person()
    begin_sign_up(eve, victim)
    code = site.mailbox.wait(victim.email_address).the_code
    ada = owner_comes(site, victim.email_address)
    page = eve.submit("/sign-up/verification", code=code)
    assert (page.status, who(eve)) == (422, None)
    sign_in(eve, victim)
    assert who(eve) is None
    assert addresses(site, ada) == [victim.email_address]
    with site.app.app_context():
        assert not site.kit.users.get_user(who(ada) or "").password_enabled


def test_p1_an_account_that_only_claims_the_address_is_not_joined(site: Site) -> None:
    victim = new_address()
    eve, claim, _address = claimed(site, address=victim)
    code = site.mailbox.wait(victim).the_code
    ada = owner_comes(site, victim)
    assert who(ada) != who(eve)
    assert providers.accounts(site, who(eve) or "") == []
    page = eve.submit(f"{claim}/verification", code=code)
    assert page.status == 422
    assert victim not in addresses(site, eve)
    assert addresses(site, ada) == [victim]


def test_p2_a_session_from_before_stays_with_its_own_account(site: Site) -> None:
    victim = new_address()
    eve, _claim, _address = claimed(site, address=victim)
    before = who(eve)
    ada = owner_comes(site, victim)
    assert who(eve) == before
    assert who(ada) != before
    assert providers.accounts(site, before or "") == []


@pytest.mark.parametrize("proven", [True, False])
def test_p3_a_login_that_was_planted_does_not_reach_the_owners_account(
    site: Site, proven: bool
) -> None:
    victim = new_address()
    planted = providers.somebody(email_verified=proven)
    evil = providers.provider().subject
    eve, _claim, _address = claimed(site, address=victim)
    providers.connect(eve)
    ada = owner_comes(site, victim)
    providers.provider().subject = evil
    again = site.visitor()
    providers.come_in(again)
    assert who(again) == who(eve) != who(ada)
    assert len(providers.accounts(site, who(ada) or "")) == 1
    assert planted not in addresses(site, ada)


def test_p3_whoever_sets_a_password_anew_reads_of_a_login_that_was_planted(site: Site) -> None:
    ada = site.person()
    thief = site.signed_in(ada)
    planted = providers.somebody()
    providers.connect(thief)
    told = site.mailbox.wait(ada.email_address)
    assert "One signs in to your account with Acme now." in told.text
    visitor, _ada = reset_forms.asked(site, ada)
    code = site.mailbox.wait(ada.email_address, about="").the_code
    visitor.submit("/password-reset/verification", code=code, password=new_password())
    assert (who(visitor) is not None, who(thief)) == (True, None)
    notice = site.mailbox.wait(ada.email_address, about="Your password was reset")
    assert f"One signs in to it with: {ada.email_address}, Acme ({planted})." in notice.text
    assert planted in visitor.open("/account/").words


def test_p4_a_login_that_was_begun_before_a_reset_connects_nothing_after_it(site: Site) -> None:
    ada = site.person()
    thief = site.signed_in(ada)
    providers.somebody()
    back = providers.leave(providers.begin_to_connect(thief))
    visitor, _ada = reset_forms.asked(site, ada)
    code = site.mailbox.wait(ada.email_address).the_code
    visitor.submit("/password-reset/verification", code=code, password=new_password())
    assert thief.open(back).status == 400
    assert providers.accounts(site, who(visitor) or "") == []


def test_p4_a_change_to_the_owners_address_that_waits_is_dead(site: Site) -> None:
    victim = new_address()
    eve, claim, _address = claimed(site, address=victim)
    ada = owner_comes(site, victim)
    with site.app.app_context():
        site.kit.users.delete_user(who(ada) or "")
    code = site.mailbox.wait(victim).the_code
    assert eve.submit(f"{claim}/verification", code=code).status == 422
    assert victim not in addresses(site, eve)


def test_p5_a_provider_that_verifies_nothing_proves_nothing(make_app: MakeApp) -> None:
    site = open_site(make_app)
    providers.offer(site, email_verified_claim=None)
    ada = site.person()
    providers.somebody(email=ada.email_address)
    eve = site.visitor()
    page = providers.come_in(eve)
    assert (page.url, who(eve)) == ("/account/oauth/sign-up", None)
    known = site.signed_in()
    providers.connect(known)
    assert ada.email_address not in addresses(site, known)
    sign_in(eve, ada)
    assert addresses(site, eve) == [ada.email_address]
    assert providers.accounts(site, who(eve) or "") == []


def test_p5_a_sign_up_that_waits_for_the_owners_code_takes_nothing_from_them(site: Site) -> None:
    victim = providers.somebody(email_verified=False)
    eve = site.visitor()
    providers.come_in(eve)
    eve.submit("/oauth/sign-up", email_address=victim)
    code = site.mailbox.wait(victim).the_code
    ada = owner_comes(site, victim)
    page = eve.submit("/sign-up/verification", code=code)
    assert (page.status, who(eve)) == (422, None)
    assert len(providers.accounts(site, who(ada) or "")) == 1
