"""The cookie of known devices: set where somebody signs in, read there, and nowhere else."""

from __future__ import annotations

import pytest

from tests.http.cookies import SetCookie
from tests.http.cookies import in_process
from tests.http.cookies import parse
from tests.http.site import FORMS
from tests.http.site import UNLIMITED
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.people import sign_in
from tests.rig.people import sign_out
from tests.rig.visitor import Visitor

NAME = "userkit-device"
COMPLETED = (
    "sign-in by password",
    "code of a sign-in",
    "code of a sign-up",
    "code of a password reset",
    # They make a known device a stranger's, but the one where that is done.
    "password",
    "removal of the password",
    "sign-out of a device",
    "sign-out of all other devices",
)


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def devices(page: Page) -> list[SetCookie]:
    return [cookie for cookie in map(parse, page.cookies) if cookie.name.endswith("-device")]


def device_of(visitor: Visitor) -> str:
    cookie = in_process(visitor).get_cookie(NAME)
    return cookie.value if cookie else ""


@pytest.mark.parametrize("form", COMPLETED)
def test_whoever_signs_in_or_puts_others_out_gets_it(site: Site, form: str) -> None:
    (cookie,) = devices(FORMS[form][1](site).send())
    assert cookie.name == NAME
    assert cookie.attributes.keys() == {"expires", "max-age", "httponly", "path", "samesite"}
    assert cookie.attributes["path"] == "/"
    assert cookie.attributes["samesite"] == "Lax"
    assert 0 < int(cookie.attributes["max-age"]) <= 400 * 86400


def test_over_https_it_is_the_hosts_own(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_BASE_URL="https://example.com")
    (cookie,) = devices(FORMS["sign-in by password"][1](site).send())
    assert cookie.name == "__Host-userkit-device"
    assert "secure" in cookie.attributes
    assert "domain" not in cookie.attributes


@pytest.mark.parametrize("form", sorted(FORMS.keys() - {*COMPLETED}))
def test_nothing_else_sets_it(site: Site, form: str) -> None:
    ready = FORMS[form][1](site)
    # With an account goes what its browser was known by.
    assert [cookie for cookie in devices(ready.send()) if cookie.value] == []


def test_a_failure_and_a_page_set_none(site: Site) -> None:
    ready = FORMS["sign-in by password"][1](site)
    assert devices(ready.send({**ready.data, "password": "wrong"})) == []
    visitor = site.signed_in()
    for url in ("/", "/account/", "/whoami", "/members"):
        assert devices(visitor.open(url)) == []


def test_it_outlives_sign_out_and_lets_the_owner_in_while_strangers_guess(
    make_app: MakeApp,
) -> None:
    site = open_site(make_app, USERKIT_RATE_LIMITS=UNLIMITED | {"sign_in:account": "10/hour"})
    ada = site.person()
    visitor = site.signed_in(ada)
    sign_out(visitor)
    device = device_of(visitor)
    assert device
    ready = FORMS["sign-in by password"][1](site)
    wrong = {**ready.data, "identifier": ada.email_address, "password": "wrong"}
    assert [ready.send(wrong).status for _ in range(11)] == [422] * 10 + [403]
    right = ready.send({**wrong, "password": ada.password})
    assert right.status == 403
    sign_in(visitor, ada)
    assert visitor.open("/whoami").json != {"user_id": None}
    assert device_of(visitor) == device


@pytest.mark.parametrize("value", ["", "nonsense", "~" * 400, "A" * 4000, '"quoted"', "ä"])
def test_what_is_none_is_replaced(site: Site, value: str) -> None:
    ready = FORMS["sign-in by password"][1](site)
    in_process(ready.visitor).set_cookie(NAME, value)
    (cookie,) = devices(ready.send())
    assert cookie.value.count("~") == 0
    assert len(cookie.value) == 22 + 1 + 43


def test_who_is_locked_sees_what_who_is_banned_sees(site: Site) -> None:
    told = []
    for act in (site.kit.users.ban_user, site.kit.users.lock_user):
        ready = FORMS["sign-in by password"][1](site)
        with site.app.app_context():
            (user,) = site.kit.users.get_user_list(email_address=[ready.data["identifier"]]).data
            act(user.id)
        page = ready.send()
        told.append((page.status, page.alerts, page.header("Retry-After")))
    assert told == [(403, ["This account cannot sign in."], None)] * 2
