"""A login at a provider counts in the browser that began it, for what it was begun, and once."""

from __future__ import annotations

import pytest

from tests.http import providers
from tests.http.providers import who
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import Person
from tests.rig.people import sign_in
from tests.rig.people import sign_out
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.usefixtures("backend")
NOT_BEGUN = "This was not begun in this browser, took too long, or is done already. Start again."


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def connected(site: Site, visitor: Visitor) -> list[str]:
    """Return the accounts at providers of whoever is signed in."""
    user_id = who(visitor)
    assert user_id is not None
    return [account.provider for account in providers.accounts(site, user_id)]


def assert_not_begun(visitor: Visitor, back: str) -> None:
    page = visitor.open(back)
    assert (page.status, page.alerts) == (400, [NOT_BEGUN])


def test_what_an_attacker_began_to_connect_is_not_connected_to_who_opens_it(site: Site) -> None:
    providers.offer(site)
    providers.somebody()
    eve, ada = site.signed_in(), site.signed_in()
    back = providers.leave(providers.begin_to_connect(eve))
    assert_not_begun(ada, back)
    assert (connected(site, ada), connected(site, eve)) == ([], [])
    # Whoever opens the address of another does not use it up either.
    assert "The account is connected." in eve.open(back).words
    assert (connected(site, ada), connected(site, eve)) == ([], ["acme"])


@pytest.mark.parametrize("victim", ["new", "begun", "signed in"])
def test_what_an_attacker_began_signs_nobody_else_in_as_them(site: Site, victim: str) -> None:
    providers.offer(site)
    providers.somebody()
    eve, ada = site.visitor(), site.visitor()
    back = providers.leave(providers.begin(eve))
    if victim == "begun":
        providers.begin(ada)
    elif victim == "signed in":
        sign_in(ada, site.person())
    before = who(ada)
    assert_not_begun(ada, back)
    assert who(ada) == before
    eve.open(back)
    assert who(eve) not in (None, before)


def test_an_answer_counts_once(site: Site) -> None:
    providers.offer(site)
    providers.somebody()
    visitor = site.visitor()
    back = providers.leave(providers.begin(visitor))
    visitor.open(back)
    user_id = who(visitor)
    assert user_id is not None
    assert_not_begun(visitor, back)
    assert who(visitor) == user_id
    sign_out(visitor)
    assert_not_begun(visitor, back)
    assert who(visitor) is None


def test_an_answer_that_was_refused_does_not_count_the_second_time(site: Site) -> None:
    providers.offer(site)
    providers.somebody()
    visitor = site.visitor()
    back = providers.leave(providers.begin(visitor), "tampered_iss")
    assert visitor.open(back).status == 400
    assert_not_begun(visitor, back)
    assert who(visitor) is None


def test_an_answer_that_comes_after_ten_minutes_counts_for_nothing(site: Site) -> None:
    providers.offer(site)
    providers.somebody()
    visitor = site.visitor()
    back = providers.leave(providers.begin(visitor))
    site.clock.tick(601)
    assert_not_begun(visitor, back)
    assert who(visitor) is None


def test_an_answer_that_comes_after_sign_out_connects_and_signs_in_nobody(site: Site) -> None:
    providers.offer(site)
    providers.somebody()
    ada = site.person()
    visitor = site.signed_in(ada)
    back = providers.leave(providers.begin_to_connect(visitor))
    sign_out(visitor)
    assert_not_begun(visitor, back)
    assert who(visitor) is None
    sign_in(visitor, ada)
    assert_not_begun(visitor, back)
    assert connected(site, visitor) == []


def test_what_one_person_began_is_not_connected_to_the_next_one_at_the_browser(site: Site) -> None:
    providers.offer(site)
    providers.somebody()
    ada, grace = site.person(), site.person()
    visitor = site.signed_in(ada)
    back = providers.leave(providers.begin_to_connect(visitor))
    sign_out(visitor)
    sign_in(visitor, grace)
    assert_not_begun(visitor, back)
    assert connected(site, visitor) == []
    assert connected(site, site.signed_in(ada)) == []


def test_nor_where_the_next_one_comes_in_their_place_by_a_provider(site: Site) -> None:
    provider = providers.offer(site)
    providers.somebody()
    grace = provider.subject
    visitor = site.visitor()
    # Begun while nobody is signed in, and opened while Ada is.
    coming = providers.leave(providers.begin(visitor))
    ada = site.person()
    sign_in(visitor, ada)
    providers.somebody()
    connecting = providers.leave(providers.begin_to_connect(visitor))
    provider.subject = grace
    visitor.open(coming)
    assert connected(site, visitor) == ["acme"]
    page = visitor.open(connecting)
    assert page.status == 401
    assert "Whoever began this is not signed in here any more." in page.words
    assert connected(site, visitor) == ["acme"]
    assert connected(site, site.signed_in(ada)) == []


@pytest.mark.parametrize(
    ("how", "status"),
    # Elsewhere somebody leaves a browser its token, and with it the name of who was there.
    [("signed out elsewhere", 401), ("password reset", 400), ("banned", 400), ("deleted", 400)],
)
def test_what_a_session_began_ends_with_it(site: Site, how: str, status: int) -> None:
    providers.offer(site)
    providers.somebody()
    ada = site.person()
    thief = site.signed_in(ada)
    user_id = who(thief)
    assert user_id is not None
    back = providers.leave(providers.begin_to_connect(thief))
    put_out(site, ada, user_id, how)
    page = thief.open(back)
    assert (page.status, len(page.alerts)) == (status, 1)
    assert who(thief) is None
    if how != "deleted":
        assert providers.accounts(site, user_id) == []
    # The account at the provider is nobody's, and can be of somebody new.
    stranger = site.visitor()
    providers.come_in(stranger)
    assert connected(site, stranger) == ["acme"]


def put_out(site: Site, ada: Person, user_id: str, how: str) -> None:
    if how == "signed out elsewhere":
        other = site.signed_in(ada)
        other.open("/account/security")
        other.submit("/sessions/revocation")
        return
    with site.app.app_context():
        users = site.kit.users
        if how == "password reset":
            users.update_user(
                user_id,
                password=Person().password,
                skip_password_checks=True,
                sign_out_of_other_sessions=True,
            )
        elif how == "banned":
            users.ban_user(user_id)
        else:
            users.delete_user(user_id)


def test_a_login_that_was_begun_to_sign_in_connects_nothing(site: Site) -> None:
    providers.offer(site)
    providers.somebody()
    ada = site.person()
    visitor = site.visitor()
    back = providers.leave(providers.begin(visitor))
    sign_in(visitor, ada)
    visitor.open(back)
    assert connected(site, site.signed_in(ada)) == []


def test_a_login_that_was_begun_to_confirm_neither_connects_nor_signs_in(site: Site) -> None:
    provider = providers.offer(site, reauthenticates=True)
    providers.somebody()
    visitor = site.visitor()
    providers.come_in(visitor)
    adas, ada = provider.subject, who(visitor)
    providers.somebody()
    visitor.open("/account/reverification")
    page = visitor.open(providers.leave(visitor.submit("/reverification/acme")))
    assert page.status == 400
    assert "This is another account of Acme than the one that is connected." in page.words
    assert (who(visitor), connected(site, visitor)) == (ada, ["acme"])
    provider.subject = adas
    visitor.open("/account/reverification")
    back = providers.leave(visitor.submit("/reverification/acme"))
    stranger = site.visitor()
    assert_not_begun(stranger, back)
    sign_out(visitor)
    assert_not_begun(visitor, back)
    assert who(visitor) is None
