"""Sign-in and sign-up at a provider: who comes in, as whom, and who does not."""

from __future__ import annotations

import typing as t

import pytest

from flask_userkit.models import User
from tests.http import providers
from tests.http.rows import scalar
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address

pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def users(site: Site, address: str) -> list[User]:
    with site.app.app_context():
        return site.kit.users.get_user_list(email_address=[address]).data


def count(database: Database, table: str) -> int:
    return t.cast(int, scalar(database, f"SELECT count(*) FROM userkit_{table}"))


def test_somebody_new_has_an_account_with_name_and_proven_address(site: Site) -> None:
    providers.offer(site)
    address = providers.somebody()
    visitor = site.visitor()
    page = providers.come_in(visitor, next="/members")
    assert (page.url, page.status) == ("/members", 200)
    (user,) = users(site, address)
    assert (user.full_name, user.password_enabled) == ("Ada Lovelace", False)
    assert [email.verified for email in user.email_addresses] == [True]
    (account,) = providers.accounts(site, user.id)
    assert (account.provider, account.email_address) == ("acme", address)
    assert site.mailbox.all() == [], "nobody is told of their own sign-up"


def test_whoever_comes_again_is_the_same_also_with_another_address(site: Site) -> None:
    provider = providers.offer(site)
    address = providers.somebody()
    providers.come_in(site.visitor())
    provider.subject = {**provider.subject, "email": new_address()}
    visitor = site.visitor()
    providers.come_in(visitor)
    (user,) = users(site, address)
    assert visitor.open("/whoami").json == {"user_id": user.id}
    assert [email.email_address for email in user.email_addresses] == [address]


def test_where_the_address_is_proven_on_both_sides_it_is_connected_and_told(site: Site) -> None:
    providers.offer(site)
    ada = site.person()
    providers.somebody(email=ada.email_address)
    visitor = site.visitor()
    providers.come_in(visitor)
    (user,) = users(site, ada.email_address)
    assert visitor.open("/whoami").json == {"user_id": user.id}
    assert len(providers.accounts(site, user.id)) == 1
    assert "An account was connected" in site.mailbox.wait(ada.email_address).subject


@pytest.mark.parametrize("said", [False, "false", "true", 1, None])
def test_an_address_that_is_not_verified_there_is_nobodys_here(site: Site, said: object) -> None:
    providers.offer(site)
    ada = site.person()
    claims: dict[str, t.Any] = {"email": ada.email_address, "email_verified": said}
    providers.somebody(**claims)
    visitor = site.visitor()
    page = providers.come_in(visitor)
    assert (page.url, page.status) == ("/account/oauth/sign-up", 200)
    assert "Sign in to it, then connect Acme on your account page." in page.words
    assert visitor.open("/whoami").json == {"user_id": None}
    (user,) = users(site, ada.email_address)
    assert providers.accounts(site, user.id) == []


def test_a_taken_and_a_free_address_look_alike_where_neither_is_proven(site: Site) -> None:
    providers.offer(site)
    ada = site.person()
    pages = []
    for address in (ada.email_address, new_address()):
        providers.somebody(email=address, email_verified=False)
        visitor = site.visitor()
        shown = providers.come_in(visitor).words.replace(address, "…")
        sent = visitor.submit("/oauth/sign-up", email_address=address)
        pages.append((shown, sent.status, sent.url, sent.words.replace(address, "…")))
    assert pages[0] == pages[1]


def test_what_is_missing_is_filled_in_and_the_address_proven_by_a_code(site: Site) -> None:
    providers.offer(site)
    address = providers.somebody(email_verified=False)
    visitor = site.visitor()
    page = providers.come_in(visitor, next="/members")
    assert page.form("/oauth/sign-up").values["email_address"] == address
    visitor.submit("/oauth/sign-up", email_address=address)
    page = visitor.submit("/sign-up/verification", code=site.mailbox.wait(address).the_code)
    assert page.url == "/members"
    (user,) = users(site, address)
    assert len(providers.accounts(site, user.id)) == 1
    assert user.full_name == "Ada Lovelace"


def test_a_username_that_everybody_has_is_asked_for_alone(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_USERNAME="required")
    providers.offer(site)
    address = providers.somebody(preferred_username="countess")
    visitor = site.visitor()
    page = providers.come_in(visitor)
    form = page.form("/oauth/sign-up")
    assert "email_address" not in form.names
    assert form.values["username"] == "countess"
    assert visitor.submit("/oauth/sign-up", username="a").status == 422
    assert visitor.submit("/oauth/sign-up", username="countess").url == "/"
    (user,) = users(site, address)
    assert (user.username, user.email_addresses[0].verified) == ("countess", True)


def test_no_code_is_promised_to_an_address_that_is_not_asked_for(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_EMAIL_ADDRESS="off", USERKIT_PHONE_NUMBER="required")
    providers.offer(site)
    providers.somebody(email_verified=False)
    page = providers.come_in(site.visitor())
    assert "Acme has told us who you are, but not how to reach you." in page.words
    assert "phone_number" in page.form("/oauth/sign-up").names


def test_who_has_disconnected_a_provider_is_not_connected_without_being_asked(site: Site) -> None:
    providers.offer(site)
    ada = site.person()
    providers.somebody(email=ada.email_address)
    visitor = site.visitor()
    providers.come_in(visitor)
    (user,) = users(site, ada.email_address)
    (account,) = providers.accounts(site, user.id)
    visitor.open(f"/account/?edit=connected_accounts.removal.{account.id}")
    assert visitor.submit(f"/{account.id}/removal").status == 200
    assert providers.accounts(site, user.id) == []
    stranger = site.visitor()
    page = providers.come_in(stranger)
    assert (page.status, providers.accounts(site, user.id)) == (400, [])
    assert "Sign in to it, then connect Acme" in page.words


def test_another_account_with_the_same_address_is_not_the_same_person(site: Site) -> None:
    provider = providers.offer(site)
    address = providers.somebody()
    providers.come_in(site.visitor())
    provider.subject = {**provider.subject, "sub": "given to somebody else"}
    visitor = site.visitor()
    assert providers.come_in(visitor).status == 400
    assert visitor.open("/whoami").json == {"user_id": None}
    assert len(users(site, address)) == 1


@pytest.mark.parametrize("change", [str.upper, lambda sub: f"{sub} ", lambda sub: f"{sub}é"])
def test_subjects_are_compared_exactly(site: Site, change: t.Callable[[str], str]) -> None:
    provider = providers.offer(site)
    providers.somebody()
    first, second = site.visitor(), site.visitor()
    providers.come_in(first)
    providers.somebody(sub=change(provider.subject["sub"]))
    providers.come_in(second)
    assert first.open("/whoami").json != second.open("/whoami").json


def test_somebody_banned_reads_the_refusal_that_all_such_do(site: Site) -> None:
    providers.offer(site)
    address = providers.somebody()
    providers.come_in(site.visitor())
    (user,) = users(site, address)
    with site.app.app_context():
        site.kit.users.ban_user(user.id)
    visitor = site.visitor()
    page = providers.come_in(visitor)
    assert (page.status, "This account cannot sign in." in page.words) == (403, True)


def test_where_nobody_signs_up_nobody_is_created(make_app: MakeApp, database: Database) -> None:
    site = open_site(make_app, USERKIT_SIGN_UP=False)
    providers.offer(site)
    providers.somebody()
    page = providers.come_in(site.visitor())
    assert (page.status, "Nobody can sign up here." in page.words) == (403, True)
    assert count(database, "user") == 0


def test_an_app_with_providers_alone_shows_no_form(make_app: MakeApp) -> None:
    site = open_site(
        make_app,
        USERKIT_PASSWORD="off",
        USERKIT_EMAIL_CODE_SIGN_IN=False,
        USERKIT_PHONE_NUMBER="off",
        USERKIT_CONNECTIONS={"google": {"client_id": "x", "client_secret": "y"}},
    )
    visitor = site.visitor()
    for page in ("/account/sign-in", "/account/sign-up"):
        shown = visitor.open(page)
        assert [form.action for form in shown.forms] == ["/account/sign-in/google"]


def test_the_provider_that_was_used_last_is_marked(site: Site) -> None:
    providers.offer(site)
    providers.somebody()
    visitor = site.visitor()
    assert "Last used" not in visitor.open("/account/sign-in").words
    providers.come_in(visitor)
    visitor.open("/")
    visitor.submit("/sign-out")
    assert "Last used" in visitor.open("/account/sign-in").words


def test_no_token_is_anywhere_in_the_open(site: Site, database: Database) -> None:
    providers.offer(site)
    address = providers.somebody()
    providers.come_in(site.visitor())
    (user,) = users(site, address)
    (account,) = providers.accounts(site, user.id)
    keys = site.kit.kit.keys
    assert account.access_token is not None
    assert account.refresh_token is not None
    for stored in (account.access_token, account.refresh_token):
        plain = keys.decrypt(stored)
        assert plain is not None
        assert plain not in stored


def test_forty_that_were_given_up_do_no_harm(site: Site) -> None:
    providers.offer(site)
    providers.somebody()
    visitor = site.visitor()
    for _ in range(40):
        providers.begin(visitor)
    assert providers.come_in(visitor, next="/members").url == "/members"


def test_who_asks_for_a_provider_that_is_not_there_reads_so(site: Site) -> None:
    providers.offer(site)
    visitor = site.visitor()
    visitor.open("/account/sign-in")
    token = visitor.page.form("/sign-in/acme").values["userkit_csrf"]
    from tests.rig.clients import request

    data = {"userkit_csrf": token, "next": ""}
    page = request(visitor.client, "POST", "/account/sign-in/unknown", data)
    assert (page.status, "There is no such provider here." in page.words) == (404, True)
