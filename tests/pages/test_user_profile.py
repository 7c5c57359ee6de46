"""The profile as a page, and inside a page of an app: with its options, with and without htmx."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask import render_template_string

from flask_userkit import ProfilePage
from flask_userkit import ProfileSection
from flask_userkit import SetupError
from flask_userkit import login_required
from flask_userkit.sections import profile
from flask_userkit.web.profile_options import FIELD
from tests.http.rows import scalar
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page

HTMX = {"HX-Request": "true"}
MODAL = {**HTMX, "Userkit-Modal": "true"}
URL = "/account/profile"
#: Where the forms of the profile are sent that are not on every page.
PERSONAL = ["/account/avatar", URL]
TEMPLATE = "userkit/sections/profile/section.html"


def embed(app: Flask, url: str, arguments: str = "") -> None:
    """Give an app a page that the profile stands in."""
    source = (
        '{% from "userkit/macros.html" import user_profile %}<title>Settings</title>'
        "{{ user_profile(ARGUMENTS) }}".replace("ARGUMENTS", arguments)
    )

    @app.get(url, endpoint=url)
    @login_required
    def settings(**_parts: str) -> str:
        return render_template_string(source)


def add(site: Site, name: str, page: str = "account", **more: t.Any) -> None:
    """Give the profile a section that looks like the first."""
    context = profile.SECTION.context
    section = ProfileSection(name, page, context=context, template=TEMPLATE, **more)
    site.kit.add_section(section)


def links(page: Page) -> list[tuple[str, str, bool]]:
    """Return the navigation: text, address, and whether it is the current page."""
    return [
        (link.get_text().strip(), str(link["href"]), link.get("aria-current") == "page")
        for link in page.html.select(".userkit-nav a")
    ]


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    """A site of one page; what there is besides, each test adds."""
    site = open_site(make_app)
    site.kit.sections = [each for each in site.kit.sections if each.page == "account"]
    return site


def test_a_page_without_sections_is_absent(site: Site) -> None:
    site.kit.add_page(ProfilePage("extras", "Extras"))
    visitor = site.signed_in()
    assert links(visitor.open("/account/")) == [("Profile", "/account/", True)]
    assert visitor.open("/account/extras").status == 404
    add(site, "extra", "extras")
    here = [("Profile", "/account/", False), ("Extras", "/account/extras", True)]
    assert links(visitor.open("/account/extras")) == here


def test_a_section_that_is_off_takes_its_page_along(site: Site) -> None:
    site.kit.add_page(ProfilePage("extras", "Extras"))
    add(site, "extra", "extras", is_active=lambda: False)
    assert site.signed_in().open("/account/extras").status == 404


def test_the_account_leads_to_the_first_page_there_is(site: Site) -> None:
    site.kit.add_page(ProfilePage("extras", "Extras"))
    add(site, "extra", "extras")
    site.kit.sections = [section for section in site.kit.sections if section.name == "extra"]
    page = request(site.signed_in().client, "GET", "/account/")
    assert (page.status, page.location) == (303, "/account/extras")


def test_a_link_stands_in_the_navigation_and_is_never_current(site: Site) -> None:
    site.kit.add_page(ProfilePage("help", "Help", url="https://example.com/help"))
    visitor = site.signed_in()
    assert links(visitor.open("/account/"))[1:] == [("Help", "https://example.com/help", False)]
    assert visitor.open("/account/help").status == 404


@pytest.mark.parametrize("before", ["account", None])
def test_pages_and_sections_stand_where_they_were_put(site: Site, before: str | None) -> None:
    site.kit.add_page(ProfilePage("extras", "Extras"), before=before)
    add(site, "extra", "extras")
    titles = [title for title, _url, _current in links(site.signed_in().open("/account/"))]
    assert titles == (["Extras", "Profile"] if before else ["Profile", "Extras"])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda kit: kit.add_page(ProfilePage("account", "Again")),
        lambda kit: kit.add_page(ProfilePage("sign-in", "Taken")),
        lambda kit: kit.add_page(ProfilePage("a/b", "No part of an address")),
        lambda kit: kit.add_page(ProfilePage("..", "The way up")),
        lambda kit: kit.add_page(ProfilePage("", "Nothing")),
        lambda kit: kit.add_page(ProfilePage("x", "Nowhere"), before="nothing"),
        lambda kit: kit.add_page(ProfilePage("x", "First", url="/x"), before="account"),
        lambda kit: kit.add_section(ProfileSection("profile")),
        lambda kit: kit.add_section(ProfileSection("x", page="nothing")),
        lambda kit: kit.add_section(ProfileSection("x"), before="nothing"),
    ],
)
def test_what_cannot_be_added_is_refused(site: Site, wrong: t.Callable[[t.Any], None]) -> None:
    before = (list(site.kit.pages), list(site.kit.sections))
    with pytest.raises(SetupError):
        wrong(site.kit)
    assert (site.kit.pages, site.kit.sections) == before


@pytest.mark.usefixtures("backend")
def test_within_an_apps_page_a_save_comes_back_there_and_says_so(
    site: Site, database: Database
) -> None:
    embed(site.app, "/settings")
    visitor = site.signed_in()
    form = visitor.open("/settings?tab=2&x=%C3%A9&edit=profile").form(URL)
    page = request(visitor.client, "POST", URL, form.filled({"first_name": "Augusta"}, None))
    assert (page.status, page.location) == (303, "/settings?tab=2&x=%C3%A9&saved=profile")
    assert page.location is not None
    assert "Your name is saved." in visitor.open(page.location).words
    assert scalar(database, "SELECT first_name FROM userkit_user") == "Augusta"


def test_within_an_apps_page_an_error_is_a_page_of_the_kit_that_leads_back(site: Site) -> None:
    site.kit.add_page(ProfilePage("extras", "Extras"))
    add(site, "extra", "extras")
    embed(site.app, "/settings", 'hide=["extra"]')
    visitor = site.signed_in()
    form = visitor.open("/settings?edit=profile").form(URL)
    sent = form.filled({"first_name": "x" * 300, "last_name": "King"}, None)
    page = request(visitor.client, "POST", URL, sent)
    assert page.status == 422
    again = page.form(URL)
    assert (again.values["first_name"], again.values["last_name"]) == ("x" * 300, "King")
    assert links(page) == [("Profile", "/settings", True)]
    back = page.html.select_one("#userkit-profile form a")
    assert back is not None
    assert back["href"] == "/settings"
    page = request(visitor.client, "POST", URL, again.filled({"first_name": "Augusta"}, None))
    assert page.location == "/settings?saved=profile"


def test_a_swapped_section_renders_the_same(site: Site) -> None:
    embed(site.app, "/settings", 'read_only=["other"]')
    add(site, "other")
    visitor = site.signed_in()
    first = visitor.open("/settings?edit=profile").form(URL)
    answer = request(visitor.client, "POST", URL, first.filled({"first_name": "A"}, None), HTMX)
    assert answer.status == 200
    assert answer.html.find("h3", id="userkit-profile-title"), "one below the page's own"
    refused = request(
        visitor.client, "POST", URL, first.filled({"first_name": "x" * 300}, None), HTMX
    )
    assert refused.status == 422
    assert refused.html.find("h3", id="userkit-profile-title")
    assert refused.form(URL).values[FIELD] == first.values[FIELD]


def test_only_the_forms_of_an_embedded_profile_carry_options(site: Site) -> None:
    embed(site.app, "/settings")
    visitor = site.signed_in()
    forms = {form.action: form.values for form in visitor.open("/settings?edit=profile").forms}
    assert [action for action, values in forms.items() if FIELD in values] == PERSONAL
    assert FIELD not in visitor.open("/account/?edit=profile").form(URL).values


@pytest.mark.parametrize("damage", ["", "x", "AAAA", "é", lambda value: value[:-4] + "AAAA"])
def test_options_that_are_not_ours_count_for_nothing(
    site: Site, damage: str | t.Callable[[str], str]
) -> None:
    embed(site.app, "/settings")
    visitor = site.signed_in()
    sent = visitor.open("/settings?edit=profile").form(URL).filled({"first_name": "A"}, None)
    sent[FIELD] = damage if isinstance(damage, str) else damage(sent[FIELD])
    page = request(visitor.client, "POST", URL, sent)
    assert (page.status, page.location) == (303, "/account/?saved=profile")


@pytest.mark.parametrize(
    ("arguments", "titles"),
    [
        ("", ["Profile", "Extras"]),
        ('pages=["extras", "account"]', ["Extras", "Profile"]),
        ('pages=["extras"]', ["Extras"]),
        ('hide=["extra"]', ["Profile"]),
        ('sections=["extra"]', ["Extras"]),
        ('page="extras"', ["Profile", "Extras"]),
    ],
)
def test_a_macro_chooses_pages_and_sections(site: Site, arguments: str, titles: list[str]) -> None:
    site.kit.add_page(ProfilePage("extras", "Extras"))
    add(site, "extra", "extras")
    embed(site.app, "/settings", arguments)
    visitor = site.signed_in()
    shown = links(visitor.open("/settings"))
    assert [title for title, _url, _current in shown] == titles
    first = "Extras" if "page=" in arguments else titles[0]
    assert [title for title, _url, current in shown if current] == [first]
    for title, url, _current in shown:
        assert url.startswith("/settings")
        assert [name for name, _url, current in links(visitor.open(url)) if current] == [title]


@pytest.mark.parametrize(
    "query", ["?profile=nothing", "?profile=%00", "?profile=", "?saved=x&edit=y"]
)
def test_an_address_that_names_no_page_shows_the_first(site: Site, query: str) -> None:
    embed(site.app, "/settings")
    page = site.signed_in().open(f"/settings{query}")
    assert (page.status, links(page)[0][2]) == (200, True)


@pytest.mark.parametrize(
    "arguments",
    [
        'page="nothing", pages=["nothing"]',
        'hide=["nothing"]',
        'hide=["profile", "username", "email_addresses", "phone_numbers"]',
    ],
)
def test_a_macro_that_names_what_is_not_there_is_an_error(site: Site, arguments: str) -> None:
    embed(site.app, "/settings", arguments)
    with pytest.raises(ValueError, match="profile has"):
        site.signed_in().open("/settings")


def test_the_address_of_the_apps_page_is_kept_a_path_of_the_site(site: Site) -> None:
    embed(site.app, "/<path:anything>")
    visitor = site.signed_in()
    for path in ("/a%20b/c%C3%A9", "/x%3Fy=1%23z", "/%5c%5cevil.example"):
        sent = visitor.open(f"{path}?edit=profile").form(URL).filled({"first_name": "A"}, None)
        page = request(visitor.client, "POST", URL, sent)
        assert page.status == 303
        assert page.location is not None
        assert page.location.startswith("/")
        assert not page.location.startswith(("//", "/\\"))
        assert visitor.open(page.location).status == 200


def test_the_modal_is_given_the_profile_alone(site: Site) -> None:
    visitor = site.signed_in()
    page = visitor.open("/account/", **MODAL)
    assert page.html.select_one(".userkit-dialog__profile #userkit-profile")
    assert page.html.find("html") is None
    site.kit.add_page(ProfilePage("extras", "Extras"))
    add(site, "extra", "extras")
    site.kit.sections = [section for section in site.kit.sections if section.name == "extra"]
    first = request(visitor.client, "GET", "/account/", headers=MODAL)
    assert (first.status, links(first)) == (200, [("Extras", "/account/extras", True)])


def test_the_modal_of_whoever_is_signed_out_is_led_to_sign_in_and_back(site: Site) -> None:
    shown = "http://localhost/page?userkit-profile=account"
    headers = {**MODAL, "HX-Current-URL": shown}
    answer = request(site.visitor().client, "GET", "/account/", headers=headers)
    assert answer.status == 401
    back = "/account/sign-in?next=/page?userkit-profile%3Daccount"
    assert answer.header("HX-Redirect") == back
