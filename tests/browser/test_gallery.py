"""The elements in a browser: every example in every look, menus and dialogs by keys alone."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from example_app.elements import elements
from tests.browser.checks import assert_sound
from tests.browser.test_controls import nameless
from tests.browser.test_controls import small
from tests.rig.browser import PHONE
from tests.rig.browser import Screen
from tests.rig.browser import axe
from tests.rig.browser import overflow
from tests.rig.fixtures.browsers import OpenPage

pytestmark = pytest.mark.browser
#: All four looks side by side, and two of them by themselves.
EVERY = "?scheme=both&direction=both"
each_look = pytest.mark.parametrize("look", [EVERY, "", "?scheme=dark&direction=rtl"])
MENU = "Actions for ada@example.com"
#: Two more ways to open the dialog of the form: a link to its page, and a button as an older
#: browser sees the other one, which it takes for nothing but a button.
OPENERS = """<a href="/gallery/dialog/a-form" data-userkit-dialog="passkey-dialog">A link</a>
<input type="button" command="show-modal" commandfor="passkey-dialog" value="An older button">
"""


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page()


def menu_of(page: Page) -> tuple[Locator, Locator]:
    """Return the button with the three dots, and the list that it opens."""
    page.goto("/gallery/menu")
    return page.get_by_role("button", name=MENU), page.get_by_role("list", name=MENU)


def item(page: Page, name: str) -> Locator:
    return page.locator(".userkit-menu__item", has_text=name)


def dialog_of(page: Page, opens: str = "Rename passkey") -> tuple[Locator, Locator]:
    """Return a button, and the dialog that it opens."""
    page.goto("/gallery/dialog")
    button = page.get_by_role("button", name=opens, exact=True)
    return button, page.locator(f"#{button.get_attribute('commandfor')}")


def is_modal(dialog: Locator) -> bool:
    return bool(dialog.evaluate("dialog => dialog.matches(':modal')"))


@each_look
def test_axe_finds_nothing_on_the_page_of_all_elements(open_page: OpenPage, look: str) -> None:
    for screen in (Screen(), Screen(PHONE, dark=True)):
        page = open_page(screen)
        page.goto(f"/gallery{look}")
        assert_sound(page)


def test_axe_finds_nothing_on_the_page_of_an_element(page: Page) -> None:
    for name in elements():
        page.goto(f"/gallery/{name}{EVERY}")
        assert_sound(page)


def test_every_control_is_24_pixels_or_more_and_has_a_name(open_page: OpenPage) -> None:
    page = open_page(Screen(PHONE))
    page.goto("/gallery")
    assert small(page) == []
    assert nameless(page) == []


def test_no_page_is_wider_than_a_phone(open_page: OpenPage) -> None:
    page = open_page(Screen(PHONE))
    for name in elements():
        page.goto(f"/gallery/{name}{EVERY}")
        assert overflow(page) == 0, page.url


@each_look
def test_axe_finds_nothing_with_a_menu_open(open_page: OpenPage, look: str) -> None:
    for screen in (Screen(), Screen(PHONE)):
        page = open_page(screen)
        for path in ("menu", "menu_item", "item"):
            page.goto(f"/gallery/{path}{look}")
            for button in page.locator(".userkit-menu__button").all():
                button.click()
                expect(page.locator(".userkit-menu__list:popover-open")).to_have_count(1)
                assert axe(page, within=".specimen") == []
                assert overflow(page) == 0
                page.keyboard.press("Escape")


@each_look
def test_axe_finds_nothing_with_a_dialog_open(open_page: OpenPage, look: str) -> None:
    for screen in (Screen(), Screen(PHONE)):
        page = open_page(screen)
        page.goto(f"/gallery/dialog{look}")
        for button in page.locator("[command=show-modal]").all():
            button.click()
            dialog = page.locator("dialog:modal")
            expect(dialog).to_have_count(1)
            assert axe(page) == []
            box = dialog.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= screen.width
            page.keyboard.press("Escape")
            expect(dialog).to_have_count(0)


def test_the_arrow_keys_lead_through_a_menu(page: Page) -> None:
    button, items = menu_of(page)
    button.focus()
    page.keyboard.press("Enter")
    expect(items).to_be_visible()
    expect(item(page, "Make primary")).to_be_focused()
    for key, name in (
        ("ArrowDown", "Rename"),
        ("ArrowDown", "Disconnect"),
        ("End", "Remove"),
        ("ArrowDown", "Make primary"),
        ("ArrowUp", "Remove"),
        ("Home", "Make primary"),
        ("r", "Rename"),
        ("r", "Remove"),
        ("R", "Rename"),
        ("x", "Rename"),
    ):
        page.keyboard.press(key)
        expect(item(page, name)).to_be_focused()
    page.keyboard.press("Escape")
    expect(items).to_be_hidden()
    expect(button).to_be_focused()


@pytest.mark.parametrize(("key", "name"), [("ArrowDown", "Make primary"), ("ArrowUp", "Remove")])
def test_an_arrow_on_the_button_opens_the_menu(page: Page, key: str, name: str) -> None:
    button, items = menu_of(page)
    button.focus()
    page.keyboard.press(key)
    expect(items).to_be_visible()
    expect(item(page, name)).to_be_focused()


def test_a_menu_closes_when_the_focus_leaves_it(page: Page) -> None:
    button, items = menu_of(page)
    button.press("ArrowUp")
    page.keyboard.press("Tab")
    expect(items).to_be_hidden()
    expect(page.get_by_role("button", name="Export")).to_be_focused()


def test_a_menu_closes_when_something_is_chosen(page: Page) -> None:
    button, items = menu_of(page)
    button.click()
    item(page, "Make primary").click()
    expect(items).to_be_hidden()
    expect(button).to_be_focused()


def test_what_is_not_possible_does_nothing_and_says_why(page: Page) -> None:
    button, items = menu_of(page)
    button.click()
    refused = items.get_by_role("button", name="Disconnect")
    expect(refused).to_be_disabled()
    expect(refused).to_contain_text("This is your only way to sign in.")
    refused.click(force=True)
    expect(items).to_be_visible()


def test_a_click_beside_a_menu_closes_it(page: Page) -> None:
    button, items = menu_of(page)
    button.click()
    page.get_by_role("heading", level=1).click()
    expect(items).to_be_hidden()


def test_a_dialog_holds_the_focus_and_gives_it_back(page: Page) -> None:
    button, dialog = dialog_of(page)
    button.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    expect(dialog).to_have_accessible_name("Rename passkey")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    for _ in range(6):
        page.keyboard.press("Tab")
        where = page.evaluate("document.activeElement.closest('dialog')?.id ?? 'the browser'")
        assert where in ("passkey-dialog", "the browser")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()


@pytest.mark.parametrize("control", ["Close", "Cancel"])
def test_a_dialog_closes_and_sends_nothing(page: Page, control: str) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    button, dialog = dialog_of(page)
    sent.clear()
    button.click()
    page.get_by_label("Name", exact=True).fill("")
    dialog.get_by_role("button", name=control).click()
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    assert sent == []


def test_where_something_is_lost_the_way_back_has_the_focus(page: Page) -> None:
    button, dialog = dialog_of(page, "Sign out of all other devices")
    button.click()
    expect(dialog).to_have_role("alertdialog")
    expect(dialog).to_have_accessible_description(
        "Two devices are signed out at once. This one stays signed in."
    )
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()


def test_a_click_beside_a_dialog_closes_it_and_marking_text_does_not(page: Page) -> None:
    button, dialog = dialog_of(page)
    # Now the browser closes it, then the script, as for a browser that does not know `closedby`.
    for known in (True, False):
        if not known:
            page.evaluate("delete HTMLDialogElement.prototype.closedBy")
            dialog.evaluate("dialog => dialog.removeAttribute('closedby')")
        button.click()
        assert is_modal(dialog)
        dialog.get_by_role("heading").hover()
        page.mouse.down()
        page.mouse.move(5, 5)
        page.mouse.up()
        expect(dialog).to_be_visible()
        page.mouse.click(5, 5)
        expect(dialog).to_be_hidden()


def test_a_dialog_that_the_server_opened_is_modal_and_closes_in_place(page: Page) -> None:
    page.goto("/gallery/dialog/open-from-the-start")
    dialog = page.get_by_role("dialog", name="Welcome back")
    expect(dialog).to_be_visible()
    assert is_modal(dialog)
    here = page.url
    opener = OPENERS.replace("passkey-dialog", "open-dialog")
    page.locator("main").evaluate(
        "(main, html) => main.insertAdjacentHTML('beforeend', html)", opener
    )
    dialog.get_by_role("link", name="Close").click()
    expect(dialog).to_be_hidden()
    assert page.url == here
    expect(page.get_by_role("link", name="A link")).to_be_focused()


@pytest.mark.parametrize("role", ["link", "button"])
def test_other_ways_to_open_a_dialog(page: Page, role: Literal["link", "button"]) -> None:
    _, dialog = dialog_of(page)
    here = page.url
    specimen = page.locator(".specimen").first
    specimen.evaluate("(place, html) => place.insertAdjacentHTML('beforeend', html)", OPENERS)
    opener = specimen.get_by_role(role, name=re.compile("^A link|older"))
    opener.click()
    assert is_modal(dialog)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    assert page.url == here


def test_a_link_to_a_dialog_opens_in_a_new_tab_where_that_is_asked_for(page: Page) -> None:
    _, dialog = dialog_of(page)
    specimen = page.locator(".specimen").first
    specimen.evaluate("(place, html) => place.insertAdjacentHTML('beforeend', html)", OPENERS)
    with page.context.expect_page() as opened:
        specimen.get_by_role("link", name="A link").click(modifiers=["ControlOrMeta"])
    opened.value.wait_for_url("**/gallery/dialog/a-form")
    expect(dialog).to_be_hidden()


def test_without_a_script_a_menu_opens_and_tab_reaches_all_of_it(open_page: OpenPage) -> None:
    page = open_page(Screen(javascript=False))
    button, items = menu_of(page)
    button.focus()
    page.keyboard.press("Enter")
    expect(items).to_be_visible()
    for name in ("Make primary", "Rename", "Disconnect", "Remove"):
        page.keyboard.press("Tab")
        expect(item(page, name)).to_be_focused()
    page.keyboard.press("Escape")
    expect(items).to_be_hidden()
    expect(button).to_be_focused()


def test_without_a_script_a_dialog_opens_and_closes(open_page: OpenPage) -> None:
    page = open_page(Screen(javascript=False))
    button, dialog = dialog_of(page)
    for control in ("Close", "Cancel"):
        button.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_label("Name", exact=True)).to_be_focused()
        dialog.get_by_role("button", name=control).click()
        expect(dialog).to_be_hidden()
        expect(button).to_be_focused()


def test_without_a_script_an_open_dialog_stands_in_the_page(open_page: OpenPage) -> None:
    page = open_page(Screen(PHONE, javascript=False))
    page.goto("/gallery/dialog/open-from-the-start")
    dialog = page.get_by_role("dialog", name="Welcome back")
    expect(dialog).to_be_visible()
    page.get_by_role("link", name="Close").click()
    page.wait_for_url("**/gallery/dialog")


def test_the_specimens_have_their_colours_whatever_the_page_has(open_page: OpenPage) -> None:
    page = open_page(Screen(dark=True))
    page.goto("/gallery/card?scheme=both")
    surfaces = page.locator(".specimen .userkit-card").evaluate_all(
        "all => all.map(one => getComputedStyle(one).backgroundColor)"
    )
    assert len(set(surfaces)) == 2
    assert surfaces[0] != surfaces[1]
