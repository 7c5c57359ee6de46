"""Where sign-in and sign-up lead: to a path of this site, whatever was asked for (B59)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs
from urllib.parse import quote
from urllib.parse import urlsplit

import pytest
from flask import Flask

from flask_userkit import login_required
from tests.http.cookies import token_of
from tests.http.site import FORMS
from tests.http.site import Site
from tests.http.site import open_site
from tests.pages.redirects import HARMLESS
from tests.pages.redirects import HOSTILE
from tests.pages.redirects import is_own
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.visitor import Visitor


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    site = open_site(make_app)

    @site.app.get("/files/<path:name>")
    @login_required
    def files(name: str) -> str:
        return name

    return site


Arrive = Callable[[Site, str], Page]


def by_password(site: Site, next: str) -> Page:
    ready = FORMS["sign-in by password"][1](site)
    return ready.send({**ready.data, "next": next})


def by_code(site: Site, next: str) -> Page:
    ready = FORMS["sign-in by code"][1](site)
    assert ready.send({**ready.data, "next": next}).status == 303
    return _type_code(site, ready.visitor, "sign-in", ready.data["identifier"])


def by_sign_up(site: Site, next: str) -> Page:
    ready = FORMS["sign-up"][1](site)
    assert ready.send({**ready.data, "next": next}).status == 303
    return _type_code(site, ready.visitor, "sign-up", ready.data["email_address"])


def _type_code(site: Site, visitor: Visitor, kind: str, address: str) -> Page:
    visitor.open(f"/account/{kind}/verification")
    code = site.mailbox.wait(address).the_code
    return visitor.submit(f"/{kind}/verification", code=code, follow=False)


ARRIVALS: dict[str, Arrive] = {
    "sign-in by password": by_password,
    "sign-in by code": by_code,
    "sign-up": by_sign_up,
}
#: A whole sign-up for each address takes long, and the two that wait for a code keep it alike.
SOME_HOSTILE = HOSTILE[::4]


@pytest.mark.parametrize("way", ARRIVALS)
def test_what_is_posted_as_next_never_leaves_the_site(site: Site, way: str) -> None:
    for value in HOSTILE if way == "sign-in by password" else SOME_HOSTILE:
        page = ARRIVALS[way](site, value)
        assert (page.status, page.location) == (303, "/"), value


@pytest.mark.parametrize("way", ARRIVALS)
def test_a_path_of_this_site_is_kept(site: Site, way: str) -> None:
    for value in HARMLESS if way == "sign-in by password" else HARMLESS[:4]:
        page = ARRIVALS[way](site, value)
        assert page.status == 303
        assert is_own(page.location), value
        assert page.location != "/", value
    assert ARRIVALS[way](site, "/members?tab=2").location == "/members?tab=2"


@pytest.mark.parametrize("kind", ["sign-in", "sign-up"])
def test_what_the_address_asks_for_is_written_into_the_form_only_if_it_is_a_path(
    site: Site, kind: str
) -> None:
    visitor = site.visitor()
    for value in (*HOSTILE, *HARMLESS):
        page = visitor.open(f"/account/{kind}?next={quote(value, safe='')}")
        assert page.status == 200
        kept = page.form(f"/{kind}").values["next"]
        assert (kept == "") == (value in HOSTILE), value
        assert kept == "" or is_own(kept), value
        links = [str(link.get("href")) for link in page.html.select("a[href]")]
        assert all(is_own(link) or link == "#main" for link in links), value


@pytest.mark.parametrize("kind", ["sign-in", "sign-up"])
def test_who_is_signed_in_already_is_led_nowhere_else(site: Site, kind: str) -> None:
    visitor = site.signed_in()
    for value in HOSTILE:
        page = request(visitor.client, "GET", f"/account/{kind}?next={quote(value, safe='')}")
        assert (page.status, page.location) == (303, "/"), value


def test_the_place_of_the_profile_is_a_page_of_this_site(site: Site) -> None:
    ready = FORMS["name"][1](site)
    profile = "userkit-profile=account"
    for value in HOSTILE:
        for place in (value, f"{value}?{profile}", f"{value}&{profile}"):
            page = ready.send({**ready.data, "userkit_place": place})
            assert page.status == 303
            assert is_own(page.location or ""), place
    place = "/files/a?b=1&userkit-profile=account"
    page = ready.send({**ready.data, "userkit_place": place})
    assert page.location == f"{place}&saved=profile"
    page = ready.send({**ready.data, "userkit_place": "/files/a?b=1"})
    assert page.location == "/account/?saved=profile", "no profile is open there"


def test_a_form_that_is_shown_again_links_nowhere_else(site: Site) -> None:
    ready = FORMS["sign-in by password"][1](site)
    for value in HOSTILE:
        page = ready.send({**ready.data, "password": "wrong", "next": value})
        assert page.status == 422
        sent = request(
            ready.visitor.client,
            "GET",
            str(page.html.select("main a[href*='sign-up']")[0]["href"]),
        )
        assert sent.form("/sign-up").values["next"] == "", value


def test_a_guarded_view_leads_to_sign_in_with_a_path_of_this_site(site: Site) -> None:
    client = site.visitor().client
    for value in (*HOSTILE, *HARMLESS):
        page = request(client, "GET", "/files/" + quote(value, safe="/?#%\\@:"))
        if page.status in (308, 404):
            continue
        assert page.status == 303, value
        assert is_own(page.location), value
        asked = parse_qs(urlsplit(page.location or "").query).get("next", ["/"])[0]
        assert is_own(asked.encode("ascii", "xmlcharrefreplace").decode()), value


def test_the_page_that_htmx_shows_leads_nowhere_else(site: Site) -> None:
    stranger, signed_in = site.visitor().client, site.signed_in().client
    # The rest cannot be sent in a header.
    values = [value for value in HOSTILE if value.isascii() and value.isprintable()]
    for value in values:
        for url in (value, f"http://localhost/{value}", f"http://localhost{value}"):
            headers = {"HX-Request": "true", "HX-Current-URL": url}
            page = request(stranger, "GET", "/members", headers=headers)
            assert page.status == 401, url
            target = page.header("HX-Redirect")
            assert target is not None
            assert target.startswith("/account/sign-in"), url
            assert is_own(target), url
            assert is_own(request(signed_in, "GET", target).location), url


def test_no_header_chooses_where_to_go(site: Site) -> None:
    ready = FORMS["sign-in by password"][1](site)
    page = ready.send(
        None,
        **{
            "Referer": "https://evil.example/",
            "X-Forwarded-Host": "evil.example",
            "X-Original-URL": "//evil.example",
            "Forwarded": "host=evil.example",
            "HX-Current-URL": "https://evil.example/",
        },
    )
    assert (page.status, page.location) == (303, "/")
    for name in ("HX-Redirect", "HX-Location", "HX-Push-Url", "HX-Replace-Url", "HX-Retarget"):
        assert page.header(name) is None


def test_a_host_of_somebody_elses_choice_is_in_no_address(app: Flask) -> None:
    client = app.test_client()
    for url in ("/account/sign-in", "/account/sign-up", "/", "/members", "/account/"):
        answer = client.get(url, headers={"Host": "evil.example"})
        assert "evil.example" not in answer.text, url
        assert "evil.example" not in str(answer.headers), url


def test_mail_links_to_the_configured_host_whatever_the_request_says(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_BASE_URL="http://localhost:5000")
    ada = site.person()
    ready = FORMS["sign-up"][1](site)
    poison = {
        "Cookie": f"userkit-nonce={token_of(ready.visitor, 'userkit-nonce')}",
        "Forwarded": "host=evil.example",
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
    }
    data = {**ready.data, "email_address": ada.email_address}
    stranger = site.app.test_client(use_cookies=False)
    assert request(stranger, "POST", ready.url, data, poison).status == 303
    letter = site.mailbox.wait(ada.email_address)
    assert letter.links == ("http://localhost:5000/account/sign-in",)
    assert "evil.example" not in letter.text
