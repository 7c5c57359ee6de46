"""Who is slowed down, and who is not (B79, B80)."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from flask_userkit.services.limits import DEFAULTS
from tests.http.site import FORMS
from tests.http.site import TOKEN
from tests.http.site import UNLIMITED
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import Person
from tests.rig.people import new_address
from tests.rig.people import sign_in

HEADERS = ("X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "Forwarded")


def limited(make_app: MakeApp, **limits: str) -> Site:
    few = {name.replace("__", ":"): limit for name, limit in limits.items()}
    return open_site(make_app, USERKIT_RATE_LIMITS=UNLIMITED | few)


def guess(site: Site, address: str, remote: str = "203.0.113.1", **headers: str) -> int:
    """Send a wrong password from an address, with a browser of its own."""
    ready = FORMS["sign-in by password"][1](site)
    assert isinstance(ready.visitor.client, FlaskClient)
    answer = ready.visitor.client.post(
        ready.url,
        data={TOKEN: ready.data[TOKEN], "identifier": address, "password": "wrong"},
        environ_overrides={"REMOTE_ADDR": remote},
        headers=headers,
    )
    return answer.status_code


def test_the_names_of_the_limits_are_those_that_tests_lift() -> None:
    assert set(UNLIMITED) == set(DEFAULTS)


@pytest.mark.usefixtures("backend")
def test_one_address_of_the_net_guesses_so_often_and_no_more(make_app: MakeApp) -> None:
    site = limited(make_app, sign_in__ip="3/minute")
    assert [guess(site, new_address()) for _ in range(5)] == [422, 422, 422, 429, 429]
    assert guess(site, new_address(), "203.0.113.2") == 422
    for number, header in enumerate(HEADERS):
        for value in (f"198.51.100.{number}", "127.0.0.1", f"for=198.51.100.{number}"):
            assert guess(site, new_address(), **{header: value}) == 429, header


def test_one_address_is_counted_as_one_however_it_is_written(make_app: MakeApp) -> None:
    site = limited(make_app, sign_in__ip="2/minute")
    first = ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9")
    assert [guess(site, new_address(), remote) for remote in first] == [422, 422]
    assert guess(site, new_address(), "2001:DB8:1:2:0:0:0:3") == 429
    assert guess(site, new_address(), "2001:db8:1:3::1") == 422
    mapped = ("198.51.100.7", "::ffff:198.51.100.7", "::ffff:c633:6407")
    assert [guess(site, new_address(), remote) for remote in mapped] == [422, 422, 429]


def test_one_account_is_counted_as_one_however_it_is_written(make_app: MakeApp) -> None:
    site = limited(make_app, sign_in__account="3/hour")
    ada = site.person(username="ada_lovelace").email_address
    spelled = (ada, ada.upper(), f"  {ada} ")
    assert [guess(site, typed) for typed in spelled] == [422, 422, 422]
    assert guess(site, ada.title()) == 403
    assert guess(site, "someone." + ada) == 422


def test_a_strangers_guesses_slow_the_stranger_down_and_not_the_owner(make_app: MakeApp) -> None:
    site = limited(make_app, sign_in__account_ip="3/10 minutes")
    ada = site.person()
    visitor = site.signed_in(ada)
    guesses = [guess(site, ada.email_address) for _ in range(5)]
    assert guesses == [422, 422, 422, 403, 403]
    assert visitor.open("/members").url == "/members"
    owner = site.visitor()
    sign_in(owner, ada)
    assert owner.open("/members").url == "/members"


def test_success_takes_back_its_own_hit_and_no_other(make_app: MakeApp) -> None:
    site = limited(make_app, sign_in__account="3/hour")
    ada = site.person()
    for _ in range(5):
        site.signed_in(ada)
    assert [guess(site, ada.email_address) for _ in range(2)] == [422, 422]
    site.signed_in(ada)
    assert [guess(site, ada.email_address) for _ in range(2)] == [422, 403]


def test_a_limit_passes_with_its_window(make_app: MakeApp) -> None:
    site = limited(make_app, sign_in__account="2/hour")
    ada = site.person()
    assert [guess(site, ada.email_address) for _ in range(3)] == [422, 422, 403]
    site.clock.tick(3599)
    assert guess(site, ada.email_address) == 403
    site.clock.tick(2)
    assert guess(site, ada.email_address) == 422


def test_a_limit_is_told_with_what_was_typed(make_app: MakeApp) -> None:
    site = limited(make_app, sign_in__account="1/hour", sign_up__ip="1/hour")
    ready = FORMS["sign-in by password"][1](site)
    wrong = {**ready.data, "password": "wrong"}
    assert ready.send(wrong).status == 422
    page = ready.send(wrong)
    assert (page.status, page.header("Retry-After")) == (403, "3600")
    assert page.alerts == [
        "Too many attempts. Sign in with a code, reset your password, or try again in 60 minutes."
    ]
    assert page.form("/sign-in").values["identifier"] == ready.data["identifier"]
    first, second = FORMS["sign-up"][1](site), FORMS["sign-up"][1](site)
    assert first.send().status == 303
    page = second.send()
    assert page.status == 429
    assert page.form("/sign-up").values["email_address"] == second.data["email_address"]


def test_codes_are_guessed_no_more_often_than_one_network_may(make_app: MakeApp) -> None:
    site = limited(make_app, verification__ip="7/minute")
    statuses = []
    for _ in range(3):
        ready = FORMS["code of a sign-up"][1](site)
        wrong = f"{(int(ready.data['code']) + 1) % 1_000_000:06}"
        statuses += [ready.send({**ready.data, "code": wrong}).status for _ in range(3)]
    assert statuses == [422] * 7 + [429] * 2


def test_mail_to_one_address_is_limited_over_all_forms(make_app: MakeApp) -> None:
    site = limited(make_app, message__address="2/hour")
    ada = Person()
    statuses = []
    for form, field in (("sign-in by code", "identifier"), ("sign-up", "email_address")) * 2:
        ready = FORMS[form][1](site)
        statuses.append(ready.send({**ready.data, field: ada.email_address}).status)
    assert statuses == [303, 303, 429, 429]


def test_the_defaults_stop_a_guesser_well_before_a_thousand_tries(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_RATE_LIMITS={})
    ada = site.person()
    statuses = [guess(site, ada.email_address) for _ in range(15)]
    assert statuses.index(403) == 10
