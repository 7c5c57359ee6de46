"""The pages of a forgotten password, as anybody walks through them."""

from __future__ import annotations

import pytest

from flask_userkit.services import verifications
from tests.http.reset_forms import CODE
from tests.http.reset_forms import DELIVERY
from tests.http.reset_forms import URL
from tests.http.reset_forms import asked
from tests.http.site import FORMS
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import Person
from tests.rig.people import new_password
from tests.rig.people import sign_in

UNKNOWN = "nobody.here@example.com"
CODE_DIGITS = "123456"


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def test_the_way_from_sign_in_and_back_to_where_it_was_asked_for(site: Site) -> None:
    ada, new = site.person(), new_password()
    visitor = site.visitor()
    page = visitor.open("/account/sign-in?next=/members")
    (link,) = [a for a in page.html.select("a") if a.get_text() == "Forgot password?"]
    page = visitor.open(str(link["href"]))
    assert page.url.startswith(URL)
    visitor.submit("/password-reset", identifier=ada.email_address)
    code = site.mailbox.wait(ada.email_address).the_code
    page = visitor.submit("/password-reset/verification", code=code, password=new)
    assert page.url == "/members"
    other = site.visitor()
    sign_in(other, ada)
    assert other.open("/whoami").json == {"user_id": None}
    sign_in(other, Person(email_address=ada.email_address, password=new))
    assert other.open("/whoami").json != {"user_id": None}


@pytest.mark.parametrize("next_url", ["https://evil.example", "//evil.example", "javascript:1"])
def test_it_leads_to_no_other_site(site: Site, next_url: str) -> None:
    ada, visitor = site.person(), site.visitor()
    visitor.open(f"{URL}?next={next_url}")
    visitor.submit("/password-reset", identifier=ada.email_address)
    code = site.mailbox.wait(ada.email_address).the_code
    page = visitor.submit("/verification", code=code, password=new_password(), follow=False)
    assert (page.status, page.location) == (303, "/")


def test_every_other_browser_is_signed_out_at_once(site: Site) -> None:
    ada = site.person()
    inside = site.signed_in(ada)
    ready = FORMS["code of a password reset"][1](site)
    visitor, _ = asked(site, ada)
    code = site.mailbox.wait(ada.email_address).the_code
    visitor.open(CODE)
    visitor.submit("/verification", code=code, password=new_password())
    assert visitor.open("/whoami").json != {"user_id": None}
    assert inside.open("/whoami").json == {"user_id": None}
    assert ready.send().status == 303, "somebody else's goes on"


def test_a_weak_password_is_told_at_its_field_and_the_code_stays_typed(site: Site) -> None:
    ready = FORMS["code of a password reset"][1](site)
    for _ in range(6):
        page = ready.send({**ready.data, "password": "short"})
        assert page.status == 422
        assert page.alerts == ["A password has 8 characters or more."]
    form = page.form("/verification")
    assert form.values["code"] == ready.data["code"]
    assert form.values.get("password", "") == ""
    (focused,) = page.html.select("[autofocus]")
    assert focused["name"] == "password"
    assert ready.send().status == 303


def test_a_wrong_code_is_told_at_its_field(site: Site) -> None:
    ready = FORMS["code of a password reset"][1](site)
    wrong = f"{(int(ready.data['code']) + 1) % 10**6:06}"
    page = ready.send({**ready.data, "code": wrong})
    assert (page.status, page.alerts) == (422, ["That code is not right. 4 attempts left."])
    page = ready.send({**ready.data, "code": "12"})
    assert (page.status, page.alerts) == (422, ["Enter the 6 digits of the code."])
    assert page.form("/verification").values["code"] == "12"


def test_the_page_helps_password_managers(site: Site) -> None:
    visitor, ada = asked(site)
    page = visitor.open(CODE)
    (name,) = page.html.select("input[autocomplete=username]")
    assert name["value"] == ada.email_address
    assert "name" not in name.attrs, "it is not sent"
    (password,) = page.html.select("input[type=password]")
    assert password["autocomplete"] == "new-password"
    (code,) = page.html.select("input[autocomplete=one-time-code]")
    assert code.parent is not None
    assert password.find_parent("form") == name.find_parent("form") == code.find_parent("form")


def test_a_code_to_sign_in_resets_nothing_and_one_to_reset_signs_nobody_in(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifications, "new_code", lambda: CODE_DIGITS)
    ada, visitor = site.person(), site.visitor()
    visitor.open(URL)
    visitor.submit("/password-reset", identifier=ada.email_address)
    page = visitor.open("/account/sign-in/verification")
    assert page.url == "/account/sign-in", "there is no sign-in under way"
    visitor.submit("/sign-in", button=("strategy", "email_code"), identifier=ada.email_address)
    page = visitor.open(CODE)
    assert page.url == URL, "there is no reset under way"
    signing_in = visitor.open("/account/sign-in/verification").form("/sign-in/verification")
    data = {**signing_in.filled({"code": CODE_DIGITS}, None), "password": new_password()}
    assert request(visitor.client, "POST", CODE, data).status == 400
    assert visitor.open("/whoami").json == {"user_id": None}


def test_another_code_comes_when_it_is_asked_for(site: Site) -> None:
    ready = FORMS["new code of a password reset"][1](site)
    ada = str(ready.visitor.open(CODE).html.select_one("bdi"))
    page = ready.send()
    assert (page.status, page.location) == (303, f"{CODE}?sent=1")
    page = ready.visitor.open(f"{CODE}?sent=1")
    assert page.html.select("[role=status]")
    assert ada in page.text
    site.clock.tick(5)
    page = ready.visitor.submit(DELIVERY) if page.form(DELIVERY) else page
    assert page.status == 429


def test_who_comes_too_late_begins_again(site: Site) -> None:
    ready = FORMS["code of a password reset"][1](site)
    site.clock.tick(601)
    page = ready.send()
    assert page.status == 400
    assert page.alerts == ["This took too long. Start again."]
    assert page.form("/password-reset").names


def test_nothing_typed_is_told_at_its_field(site: Site) -> None:
    ready = FORMS["password reset"][1](site)
    page = ready.send({**ready.data, "identifier": " "})
    assert page.status == 422
    assert page.alerts == ["Enter your email address, phone number or username."]


def test_whoever_is_signed_in_is_led_away(site: Site) -> None:
    visitor = site.signed_in()
    for url in (URL, CODE):
        page = request(visitor.client, "GET", url)
        assert (page.status, page.location) == (303, "/"), url


def test_where_there_are_no_passwords_there_is_no_way_to_one(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_PASSWORD="off")
    visitor = site.visitor()
    page = visitor.open("/account/sign-in")
    assert "password-reset" not in page.text
    token = page.form("/sign-in").values["userkit_csrf"]
    assert visitor.open(URL).status == 403
    data = {"identifier": site.person().email_address, "userkit_csrf": token}
    for url in (URL, CODE, DELIVERY):
        assert request(visitor.client, "POST", url, data).status == 403, url
    assert site.mailbox.all() == []


def test_somebody_banned_and_nobody_see_the_same_and_get_no_mail(site: Site) -> None:
    banned = site.person()
    with site.app.app_context():
        (user,) = site.kit.users.get_user_list(email_address=[banned.email_address]).data
        site.kit.users.ban_user(user.id)
    pages = []
    for address in (banned.email_address, UNKNOWN):
        visitor = site.visitor()
        visitor.open(URL)
        page = visitor.submit("/password-reset", identifier=address)
        pages.append(page.html.get_text().replace(address, "ADDRESS"))
    assert pages[0] == pages[1]
    assert site.mailbox.all() == []
