"""The whole story, on a phone and wide, light and dark; every page and state of it is judged."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.rig.browser import Screen
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person

pytestmark = pytest.mark.browser


def test_a_person_signs_up_with_the_code_from_the_mailbox_changes_the_name_and_signs_out(
    open_page: OpenPage, screen: Screen, mailbox: Mailbox
) -> None:
    page = open_page(screen)
    person = Person(username=f"grace_{screen}".replace("-", "_"))
    page.goto("/")
    assert_sound(page)
    page.get_by_role("banner").get_by_role("link", name="Sign up").click()
    steps.arrive(page, steps.SIGN_UP)
    assert_sound(page)
    steps.fill_sign_up(page, person)
    steps.arrive(page, "/account/sign-up/verification")
    assert_sound(page)
    mailbox.wait(person.email_address)
    steps.type_code(page, _code_on_the_mailbox_page(page, person))
    steps.arrive(page, "/my-list")
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {person.username}")
    assert_sound(page)
    steps.open_popover(page)
    assert_sound(page)
    steps.popover(page).get_by_role("link", name="Manage account").click()
    expect(steps.modal(page).get_by_role("heading", name="Profile")).to_be_visible()
    assert_sound(page)
    steps.open_name(page)
    assert_sound(page)
    steps.type_name(page, "Grace", "Hopper")
    steps.save(page)
    expect(steps.trigger(page)).to_have_accessible_name("Account of Grace Hopper")
    assert_sound(page)
    page.keyboard.press("Escape")
    expect(steps.trigger(page)).to_be_focused()
    steps.sign_out(page)
    expect(steps.trigger(page)).to_have_count(0)
    assert_sound(page)


def _code_on_the_mailbox_page(page: Page, person: Person) -> str:
    page.get_by_role("link", name="Mailbox").click()
    expect(page.locator("details[open] bdi", has_text=person.email_address)).to_be_visible()
    assert_sound(page)
    code = page.locator("details[open] .userkit-mailbox__code").inner_text()
    page.go_back()
    steps.arrive(page, "/account/sign-up/verification")
    return code


def test_a_person_signs_in_by_password_by_username_and_by_an_emailed_code(
    open_page: OpenPage, screen: Screen, ada: Person, mailbox: Mailbox
) -> None:
    page = open_page(screen)
    for identifier in (ada.email_address, str(ada.username)):
        page.goto(steps.SIGN_IN)
        assert_sound(page)
        steps.fill_sign_in(page, identifier, ada.password)
        steps.arrive(page, "/my-list")
        steps.sign_out(page)
    page.goto(steps.SIGN_IN)
    steps.ask_for_code(page, ada.email_address)
    steps.arrive(page, "/account/sign-in/verification")
    assert_sound(page)
    steps.type_code(page, mailbox.wait(ada.email_address).the_code)
    steps.arrive(page, "/my-list")
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {ada.username}")
