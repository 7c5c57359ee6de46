"""What a provider may say although it is odd: it proves no address, and takes nobody's account."""

from __future__ import annotations

import pytest

from tests.http import providers
from tests.http.providers import who
from tests.http.rows import column
from tests.http.rows import counts
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.hostile.modes import Mode
from tests.rig.people import new_address

UNPROVEN: tuple[Mode, ...] = (
    "email_unverified",
    "email_str_false",
    "email_str_true",
    "email_one",
    "entra",
)


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


@pytest.mark.parametrize("mode", UNPROVEN)
def test_an_unproven_address_of_somebody_else_opens_nothing_and_is_not_finished(
    site: Site, database: Database, mode: Mode
) -> None:
    providers.offer(site)
    ada = site.person()
    providers.somebody(email=ada.email_address)
    eve = site.visitor()
    page = providers.come_in(eve, mode)
    assert (page.url, who(eve)) == ("/account/oauth/sign-up", None)
    before = counts(database)
    eve.submit("/oauth/sign-up", email_address=ada.email_address)
    assert site.mailbox.wait(ada.email_address).code is None, "Ada is told, and no code is sent"
    page = eve.submit("/sign-up/verification", code="000000")
    assert (page.status, who(eve)) == (422, None)
    after = counts(database)
    for table in ("userkit_user", "userkit_session", "userkit_external_account"):
        assert after.get(table) == before.get(table)


@pytest.mark.parametrize("mode", UNPROVEN)
def test_an_unproven_address_is_not_ones_own_by_connecting_it(
    site: Site, database: Database, mode: Mode
) -> None:
    providers.offer(site)
    victim = new_address()
    providers.somebody(email=victim)
    eve = site.signed_in()
    page = providers.connect(eve, mode)
    assert "The account is connected." in page.words
    keys = column(database, "SELECT verified_key FROM userkit_email_address")
    assert len(keys) == 1
    assert victim not in keys
    providers.somebody(email=victim)
    owner = site.visitor()
    providers.come_in(owner)
    assert who(owner) not in (None, who(eve))


def test_where_no_address_is_told_one_is_asked_for_and_proven(site: Site) -> None:
    providers.offer(site)
    providers.somebody()
    visitor, address = site.visitor(), new_address()
    page = providers.come_in(visitor, "no_email")
    assert page.form("/oauth/sign-up").values["email_address"] == ""
    visitor.submit("/oauth/sign-up", email_address=address)
    assert who(visitor) is None
    visitor.submit("/sign-up/verification", code=site.mailbox.wait(address).the_code)
    user_id = who(visitor)
    assert user_id is not None
    (account,) = providers.accounts(site, user_id)
    assert account.email_address is None
    again = site.visitor()
    providers.come_in(again, "no_email")
    assert who(again) == user_id


def test_a_subject_in_another_case_is_somebody_else(site: Site) -> None:
    provider = providers.offer(site)
    providers.somebody()
    first, second = site.visitor(), site.visitor()
    providers.come_in(first)
    provider.subject = {**provider.subject, "email": new_address()}
    providers.come_in(second, "case_sub")
    assert who(second) not in (None, who(first))


@pytest.mark.parametrize("mode", ["stale_auth_time", "no_auth_time"])
def test_an_old_login_there_signs_in_and_confirms_nothing(site: Site, mode: Mode) -> None:
    providers.offer(site, reauthenticates=True)
    providers.somebody()
    site.clock.tick(-900)
    visitor = site.visitor()
    providers.come_in(visitor, mode)
    user_id = who(visitor)
    assert user_id is not None
    site.clock.tick(900)
    visitor.open("/account/reverification")
    page = visitor.open(providers.leave(visitor.submit("/reverification/acme"), mode))
    assert page.status == 403
    assert page.alerts == ["Acme has not asked you to sign in again, so this confirms nothing."]
    page = visitor.open(providers.leave(visitor.submit("/reverification/acme")))
    assert (page.status, page.alerts, who(visitor)) == (200, [], user_id)
