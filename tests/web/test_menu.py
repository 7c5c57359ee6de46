"""The menu of the button: what an app puts there, in which order, and what is kept out of it."""

from __future__ import annotations

import typing as t

import pytest
from bs4 import Tag
from flask import render_template_string
from markupsafe import Markup

from flask_userkit import MenuAction
from flask_userkit import MenuLink
from flask_userkit import ProfilePage
from flask_userkit import ProfileSection
from flask_userkit.sections import profile
from flask_userkit.translations import current_locale
from flask_userkit.web.menu import MenuItem
from tests.http.site import TOKEN
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.fixtures.apps import MakeApp

ROWS = ".userkit-user-button__row"
HELP = MenuLink("Help", "/help")
CHAT = MenuAction("Chat")
MANAGE, OUT = "Manage account", "Sign out"
CODE = (
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)",
    "\x00\x1fjava\r\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "blob:https://example.com/x",
    "file:///etc/passwd",
)
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "/a//evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "help",
    "?x=1",
    "/a b",
)


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def rows(site: Site, arguments: str = "", **context: t.Any) -> list[Tag]:
    """Return the rows of the menu, as somebody sees them who is signed in."""
    source = '{% from "userkit/macros.html" import user_button %}{{ user_button(ARGUMENTS) }}'
    source = source.replace("ARGUMENTS", arguments)
    site.app.add_url_rule("/menu", "menu", lambda: render_template_string(source, **context))
    return site.signed_in().open("/menu").html.select(ROWS)


def labels(site: Site, *items: MenuItem | None) -> list[str]:
    found = rows(site, "menu_items=items", items=items)
    return [row.get_text().strip() for row in found]


def add_extras(site: Site, **more: t.Any) -> None:
    """Give the profile a second page."""
    site.kit.add_page(ProfilePage("extras", "Extras"))
    context = profile.SECTION.context
    template = "userkit/sections/profile/section.html"
    site.kit.add_section(
        ProfileSection("extra", "extras", context=context, template=template, **more)
    )


@pytest.mark.parametrize(
    ("items", "order"),
    [
        ([], [MANAGE, OUT]),
        ([HELP, CHAT], [MANAGE, "Help", "Chat", OUT]),
        ([HELP, "manage_account", CHAT], ["Help", MANAGE, "Chat", OUT]),
        (["sign_out", HELP], [MANAGE, OUT, "Help"]),
        (["sign_out"], [MANAGE, OUT]),
        (["sign_out", HELP, "manage_account"], [OUT, "Help", MANAGE]),
        ([HELP, HELP], [MANAGE, "Help", "Help", OUT]),
        ([None, HELP, None], [MANAGE, "Help", OUT]),
    ],
)
def test_items_stand_as_declared_then_what_is_left_and_the_account_first(
    site: Site, items: list[MenuItem | None], order: list[str]
) -> None:
    assert labels(site, *items) == order


@pytest.mark.parametrize(
    "items", [["manage_account", "manage_account"], ["sign_out", HELP, "sign_out"], ["manage"]]
)
def test_an_own_item_that_is_unknown_or_there_twice_is_refused(
    site: Site, items: list[MenuItem]
) -> None:
    with pytest.raises(ValueError, match="no item of the menu"):
        labels(site, *items)


def test_what_the_app_has_registered_shows_where_a_template_declares_nothing(site: Site) -> None:
    site.kit.add_menu_item(HELP)
    site.kit.add_menu_item("sign_out")
    site.kit.add_menu_item(CHAT)
    assert [row.get_text().strip() for row in rows(site)] == [MANAGE, "Help", OUT, "Chat"]


def test_a_template_that_declares_its_own_shows_these_alone(site: Site) -> None:
    site.kit.add_menu_item(HELP)
    assert labels(site, CHAT) == [MANAGE, "Chat", OUT]


def test_an_item_is_asked_in_each_request_whether_it_is_there(site: Site) -> None:
    is_open: list[bool] = []
    link = MenuLink("Desk", "/desk", when=lambda: bool(is_open))
    action = MenuAction("Ring", when=lambda: not is_open)
    site.kit.add_menu_item(link)
    site.kit.add_menu_item(action)
    visitor = site.signed_in()
    for shown in ("Ring", "Desk", "Desk"):
        found = [row.get_text().strip() for row in visitor.open("/").html.select(ROWS)]
        assert found == [MANAGE, shown, OUT]
        is_open.append(True)


def test_an_icon_is_the_kits_by_name_or_markup_of_the_apps_own_or_none(site: Site) -> None:
    own = Markup('<img src="/own.svg" alt="">')
    items = [
        MenuLink("Named", "/", icon="info"),
        MenuLink("Own", "/", icon=own),
        MenuLink("None", "/"),
        MenuLink("Text", "/", icon="star"),
    ]
    found = {row.get_text().strip(): row for row in rows(site, "menu_items=items", items=items)}
    named = found["Named"].select_one("svg[aria-hidden=true] path")
    assert named is not None
    assert named["d"]
    assert [tag.name for tag in found["Own"].find_all(True)] == ["img", "span"]
    assert [tag.name for tag in found["None"].find_all(True)] == ["span"]


@pytest.mark.parametrize("url", CODE)
def test_a_link_is_never_code(url: str) -> None:
    with pytest.raises(ValueError, match="not a scheme"):
        MenuLink("x", url)
    with pytest.raises(ValueError, match="not a scheme"):
        ProfilePage("x", "x", url=url)


@pytest.mark.parametrize(
    "url",
    ["/help", "help", "?a=b:c", "#here", "//cdn.example/x", "HTTPS://x.example/", "mailto:a@b.c"],
)
def test_a_link_leads_wherever_else_the_app_says(site: Site, url: str) -> None:
    found = rows(site, "menu_items=[userkit.menu_link('There', href=url)]", url=url)
    assert (found[1].name, found[1]["href"]) == ("a", url)


@pytest.mark.parametrize("url", ELSEWHERE)
def test_the_tokens_of_an_action_go_to_a_path_of_this_site_alone(url: str) -> None:
    with pytest.raises(ValueError, match="a path of this site"):
        MenuAction("x", action=url)


def test_an_action_posts_with_the_tokens_that_a_form_of_the_app_needs(make_app: MakeApp) -> None:
    site = open_site(make_app, HOST_CSRF=True)
    sent: list[str] = []

    @site.app.post("/pause")
    def pause() -> str:
        sent.append("paused")
        return "Paused"

    site.kit.add_menu_item(MenuAction("Pause", action="/pause"))
    visitor = site.signed_in()
    assert set(visitor.open("/").form("/pause").values) == {TOKEN, "csrf_token"}
    assert visitor.submit("/pause").text == "Paused"
    assert sent == ["paused"]


def test_an_action_does_one_thing() -> None:
    with pytest.raises(ValueError, match="either"):
        MenuAction("x", open="account", action="/x")


def test_an_action_without_an_address_is_a_button_for_a_script(site: Site) -> None:
    item = MenuAction("Chat", attributes={"data-chat": True})
    button = rows(site, "menu_items=[item]", item=item)[1]
    assert (button.name, button["type"], button.get("data-chat")) == ("button", "button", "")
    assert button.find_parent("form") is None
    popover = button.find_parent(popover=True)
    assert popover is not None
    assert button["popovertarget"] == popover["id"]
    assert button["popovertargetaction"] == "hide"


@pytest.mark.parametrize(
    "item",
    [
        MenuLink("x", "/", attributes={"title": '"><script>', "data-x": "a&b"}),
        MenuAction("x", attributes={"title": '"><script>', "data-x": "a&b"}),
        MenuAction("x", action="/x", attributes={"title": '"><script>', "data-x": "a&b"}),
        MenuAction("x", open="account", attributes={"title": '"><script>', "data-x": "a&b"}),
    ],
    ids=["link", "button", "form", "page"],
)
def test_values_of_attributes_are_text(site: Site, item: MenuItem) -> None:
    row = rows(site, "menu_items=[item]", item=item)[1]
    assert (row["title"], row["data-x"]) == ('"><script>', "a&b")
    assert row.find("script") is None


@pytest.mark.parametrize("label", ["<b>Help</b>", '"><script>x</script>', "{{ 7 * 7 }}", "&amp;"])
def test_a_label_is_text_and_never_markup(site: Site, label: str) -> None:
    assert labels(site, MenuLink(label, "/"), MenuAction(label)) == [MANAGE, label, label, OUT]


def test_an_address_is_text(site: Site) -> None:
    found = rows(site, "menu_items=items", items=[MenuLink("x", '/"><script>x</script>')])
    assert found[1]["href"] == '/"><script>x</script>'


def test_a_label_that_is_a_function_speaks_the_language_of_the_request(make_app: MakeApp) -> None:
    site = open_site(make_app)
    words = {"de": "Hilfe", "en": "Help"}

    def label() -> str:
        return words[current_locale()]

    site.kit.add_menu_item(MenuLink(label, "/help"))
    visitor = site.signed_in()
    for language, (first, last) in {"de": ("Hilfe", "Abmelden"), "en": ("Help", OUT)}.items():
        page = visitor.open("/", **{"Accept-Language": language})
        found = [row.get_text().strip() for row in page.html.select(ROWS)]
        assert found[1:] == [first, last]


@pytest.mark.parametrize(
    ("arguments", "first", "extras", "modal"),
    [
        ("", "/account/", "/account/extras", True),
        ('user_profile_mode="navigation"', "/account/", "/account/extras", False),
        ('user_profile_url="/me"', "/me", "/me?profile=extras", False),
        ('user_profile_url="/me?a=1#x"', "/me?a=1#x", "/me?a=1&profile=extras#x", False),
    ],
)
def test_an_action_opens_a_page_where_the_account_is(
    site: Site, arguments: str, first: str, extras: str, modal: bool
) -> None:
    add_extras(site)
    items = [MenuAction("First", open="account"), MenuAction("Second", open="extras")]
    found = rows(site, f"menu_items=items, {arguments}", items=items)
    assert [row["href"] for row in found[:3]] == [first, first, extras]
    assert [row.has_attr("data-userkit-modal") for row in found[:3]] == [modal] * 3


def test_a_page_that_has_nothing_to_show_is_left_out(site: Site) -> None:
    add_extras(site, is_active=lambda: False)
    assert labels(site, MenuAction("Extras", open="extras")) == [MANAGE, OUT]


def test_a_page_that_nobody_added_is_an_error(site: Site) -> None:
    with pytest.raises(ValueError, match="no page 'extra'"):
        labels(site, MenuAction("Extras", open="extra"))


def test_whoever_is_not_signed_in_sees_no_menu(site: Site) -> None:
    site.kit.add_menu_item(HELP)
    assert site.visitor().open("/").html.select(ROWS) == []
