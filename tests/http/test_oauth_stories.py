"""What people do with a certified provider: sign up and in, connect, disconnect, confirm."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from urllib.parse import parse_qsl
from urllib.parse import urlencode
from urllib.parse import urlsplit

import httpx
import pytest

from flask_userkit.models import ExternalAccount
from tests.http import certified
from tests.http import providers
from tests.http.providers import who
from tests.http.site import PASSWORD_CARD
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import http_client
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.rig.oidc_pages import Answer
from tests.rig.oidc_pages import log_in
from tests.rig.oidc_provider import OidcProvider
from tests.rig.people import new_password
from tests.rig.people import sign_out
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
def site(make_app: MakeApp, oidc_provider: OidcProvider) -> Site:
    site = open_site(make_app)
    certified.offer(site, oidc_provider, reauthenticates=True, selects_account=True)
    # The provider has a clock of its own, which the site's catches up with at a step-up.
    site.clock.tick(-601)
    return site


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    """A browser that the provider remembers."""
    with http_client("") as client:
        yield client


@pytest.fixture
def name() -> str:
    return f"ada-{secrets.token_hex(4)}"


def accounts(site: Site, visitor: Visitor) -> list[ExternalAccount]:
    return providers.accounts(site, who(visitor) or "")


def test_somebody_signs_up_and_comes_back(site: Site, name: str) -> None:
    visitor = site.visitor()
    page = certified.come_in(visitor, name)
    assert (page.url, page.status) == ("/", 200)
    user_id = who(visitor)
    with site.app.app_context():
        user = site.kit.users.get_user(user_id or "")
        assert user.full_name == f"{name} Example"
        assert [(each.email_address, each.verified) for each in user.email_addresses] == [
            (f"{name}@example.com", True)
        ]
    sign_out(visitor)
    certified.come_in(visitor, name)
    assert who(visitor) == user_id
    other = site.visitor()
    certified.come_in(other, f"{name}-2")
    assert who(other) not in (None, user_id)


@pytest.mark.parametrize("answer", ["deny", "cancel"])
def test_somebody_says_no(site: Site, name: str, answer: Answer) -> None:
    visitor = site.visitor()
    page = certified.come_in(visitor, name, answer)
    assert (page.status, page.alerts) == (403, ["Nothing was shared by Certified."])
    assert who(visitor) is None
    ada = site.signed_in()
    page = certified.connect(ada, name, answer)
    assert page.alerts == ["Nothing was shared, so nothing was connected."]
    assert accounts(site, ada) == []


def test_somebody_connects_an_account_and_comes_in_by_it(site: Site, name: str) -> None:
    ada = site.signed_in()
    page = certified.connect(ada, name)
    assert "The account is connected." in page.words
    assert f"{name}@example.com" in page.words
    (account,) = accounts(site, ada)
    assert account.provider_user_id == name
    elsewhere = site.visitor()
    certified.come_in(elsewhere, name)
    assert who(elsewhere) == who(ada)


def test_what_is_connected_twice_is_there_once_and_another_is_asked_for(
    site: Site, name: str, browser: httpx.Client
) -> None:
    ada = site.signed_in()
    certified.connect(ada, name, browser=browser)
    page = certified.connect(ada, name, browser=browser)
    assert "The account is connected once more." in page.words
    assert len(accounts(site, ada)) == 1
    # The provider remembers who is logged in, and would take them unasked.
    page = certified.connect(ada, f"{name}-2", browser=browser)
    assert "The account is connected." in page.words
    assert [each.provider_user_id for each in accounts(site, ada)] == [name, f"{name}-2"]


def test_what_is_connected_to_somebody_is_not_connected_to_another(site: Site, name: str) -> None:
    ada, eve = site.signed_in(), site.signed_in()
    certified.connect(ada, name)
    page = certified.connect(eve, name)
    assert "That account is connected to somebody else here." in page.alerts[0]
    assert (len(accounts(site, ada)), accounts(site, eve)) == (1, [])


def test_what_is_disconnected_signs_nobody_in_any_more(site: Site, name: str) -> None:
    ada = site.signed_in()
    certified.connect(ada, name)
    (account,) = accounts(site, ada)
    ada.open(f"{providers.CARD}.removal.{account.id}")
    page = ada.submit(f"/{account.id}/removal")
    assert "The account is disconnected." in page.words
    assert accounts(site, ada) == []
    elsewhere = site.visitor()
    certified.come_in(elsewhere, name)
    assert who(elsewhere) not in (None, who(ada))


def test_the_last_way_in_stays_and_says_so_before_the_click(
    make_app: MakeApp, oidc_provider: OidcProvider, name: str
) -> None:
    site = open_site(
        make_app,
        USERKIT_EMAIL_CODE_SIGN_IN=False,
        USERKIT_PHONE_NUMBER="off",
    )
    certified.offer(site, oidc_provider)
    visitor = site.visitor()
    certified.come_in(visitor, name)
    (account,) = accounts(site, visitor)
    why = "This is your only way to sign in. Connect another account first, or set a password."
    page = visitor.open("/account/")
    assert why in page.words
    removal = f"{providers.URL}/{account.id}/removal"
    assert [form.action for form in page.forms if form.action.endswith("/removal")] == []
    page = visitor.open(f"{providers.CARD}.removal.{account.id}")
    # The form as somebody would send it who has the page from before.
    token = page.html.select_one("[name=userkit_csrf]")
    assert token is not None
    sent = request(visitor.client, "POST", removal, {"userkit_csrf": str(token["value"])})
    assert sent.status == 400
    assert why in sent.words
    assert len(accounts(site, visitor)) == 1
    certified.connect(visitor, f"{name}-2")
    visitor.open(f"{providers.CARD}.removal.{account.id}")
    visitor.submit(f"/{account.id}/removal")
    assert [each.provider_user_id for each in accounts(site, visitor)] == [f"{name}-2"]


def test_what_touches_a_credential_waits_for_a_login_at_the_provider(
    site: Site, name: str, browser: httpx.Client
) -> None:
    visitor, typed = site.visitor(), new_password()
    certified.come_in(visitor, name, browser=browser)
    asked = waiting(site, visitor, typed)
    assert "You go to the provider, sign in there once more" in asked
    leaving = visitor.submit(f"/reverification/{certified.NAME}")
    visitor.open(certified.leave(leaving, name, browser=browser))
    assert not enabled(site, visitor), "a GET changes nothing"
    # A password is not kept while somebody is away.
    page = visitor.submit("/account/password")
    assert "Thank you. Fill in what is missing, and send it again." in page.words
    visitor.submit("/account/password", new_password=typed, confirm_password=typed)
    assert enabled(site, visitor)


def test_a_login_that_the_provider_remembers_confirms_nothing(
    site: Site, name: str, browser: httpx.Client
) -> None:
    visitor = site.visitor()
    certified.come_in(visitor, name, browser=browser)
    waiting(site, visitor, new_password())
    url = providers.led_to(visitor.submit(f"/reverification/{certified.NAME}"))
    # Whoever sits at a browser that was left open takes out of the address what asks for more.
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query))
    assert (asked.pop("max_age"), "login" in asked["prompt"].split()) == ("0", True)
    asked["prompt"] = "consent"
    silent = parts._replace(query=urlencode(asked)).geturl()
    page = visitor.open(certified.path_of(log_in(silent, name, browser=browser)))
    assert page.status == 403
    assert "has not asked you to sign in again, so this confirms nothing." in page.words
    assert not enabled(site, visitor)


def test_another_account_of_the_provider_confirms_nothing(site: Site, name: str) -> None:
    visitor = site.visitor()
    certified.come_in(visitor, name)
    waiting(site, visitor, new_password())
    leaving = visitor.submit(f"/reverification/{certified.NAME}")
    page = visitor.open(certified.leave(leaving, f"{name}-2"))
    assert page.status == 400
    assert "This is another account of Certified than the one that is connected." in page.words
    assert not enabled(site, visitor)


def waiting(site: Site, visitor: Visitor, password: str) -> str:
    """Ask for a password to be set, ten minutes after sign-in, and return what is asked first."""
    visitor.open(PASSWORD_CARD)
    site.clock.tick(601)
    page = visitor.submit("/account/password", new_password=password, confirm_password=password)
    assert page.status == 403
    return page.words


def enabled(site: Site, visitor: Visitor) -> bool:
    with site.app.app_context():
        return site.kit.users.get_user(who(visitor) or "").password_enabled
