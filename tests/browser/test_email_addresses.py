"""Email addresses in the browser: by each htmx, by keys and without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import address_steps as act
from tests.browser import steps
from tests.browser.checks import assert_sound
from tests.browser.conftest import NewPerson
from tests.browser.conftest import OpenAs
from tests.browser.keys import Keys
from tests.rig.browser import PHONE
from tests.rig.browser import Complaints
from tests.rig.browser import Screen
from tests.rig.browser import overflow
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import new_address
from tests.rig.servers import Server

pytestmark = pytest.mark.browser
NO_SCRIPT = Screen(PHONE, javascript=False)


@pytest.fixture
def server(gallery: Server) -> Server:
    return gallery


@pytest.fixture
def new() -> str:
    """An address that nobody has."""
    return new_address()


@pytest.fixture(params=["kit", "own"], ids=["htmx 4", "htmx 2"])
def page(request: pytest.FixtureRequest, open_as: OpenAs, ada: Person) -> Page:
    """The settings page of somebody who is signed in."""
    page = open_as(ada)
    page.goto(f"/settings?htmx={request.param}")
    return page


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_an_address_is_added_proven_made_primary_and_the_old_one_removed(
    page: Page, ada: Person, mailbox: Mailbox, new: str
) -> None:
    act.claim(page, new)
    expect(act.row(page, new)).to_contain_text("Unverified")
    # The sixth digit sends the form by itself.
    act.code_field(page).press_sequentially(mailbox.wait(new).the_code)
    expect(act.section(page).get_by_text(act.VERIFIED)).to_be_visible()
    expect(act.opener(page)).to_be_focused()
    expect(act.opener(page)).to_have_accessible_description(act.VERIFIED)
    expect(act.row(page, new)).not_to_contain_text("Unverified")
    act.choose(page, new, "Make primary")
    expect(act.section(page).get_by_text(act.PROMOTED)).to_be_visible()
    expect(act.addresses(page)).to_have_text([new, ada.email_address])
    act.remove(page, ada.email_address)
    expect(act.addresses(page)).to_have_text([new])
    expect(page.get_by_role("status").filter(has_text=act.REMOVED)).to_have_count(1)
    expect(page.locator("#heard")).to_have_text("3")
    assert_sound(page)


def test_the_button_follows_the_primary_address(
    open_as: OpenAs, new_person: NewPerson, mailbox: Mailbox, new: str
) -> None:
    nameless = new_person(first_name="", last_name="", username="")
    page = open_as(nameless)
    page.goto("/settings")
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {nameless.email_address}")
    act.own(page, mailbox, new)
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {nameless.email_address}")
    act.choose(page, new, "Make primary")
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {new}")
    act.remove(page, new)
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {nameless.email_address}")
    page.reload()
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {nameless.email_address}")


def test_a_code_is_pasted(page: Page, mailbox: Mailbox, new: str) -> None:
    act.claim(page, new)
    code = mailbox.wait(new).the_code
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", f" {code[:3]} {code[3:]}\n")
    act.code_field(page).press("ControlOrMeta+V")
    expect(act.section(page).get_by_text(act.VERIFIED)).to_be_visible()


def test_a_code_that_never_arrived_can_be_sent_again(
    page: Page, mailbox: Mailbox, complaints: Complaints, new: str
) -> None:
    act.claim(page, new)
    code = mailbox.wait(new).the_code
    page.context.set_offline(True)
    act.code_field(page).press_sequentially(code)
    expect(act.section(page).get_by_role("alert")).to_contain_text("That did not go through.")
    expect(act.code_field(page)).to_have_value(code)
    page.context.set_offline(False)
    complaints.heard.clear()
    act.section(page).get_by_role("button", name="Verify").click()
    expect(act.section(page).get_by_text(act.VERIFIED)).to_be_visible()


def test_a_wrong_code_is_told_at_its_field_and_typed_over(
    page: Page, mailbox: Mailbox, new: str
) -> None:
    act.claim(page, new)
    code = mailbox.wait(new).the_code
    field = act.code_field(page)
    assert_sound(page)
    field.press_sequentially(wrong(code))
    expect(field).to_have_accessible_description("That code is not right. 4 attempts left.")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    assert_sound(page)
    page.keyboard.type(code)
    expect(act.section(page).get_by_text(act.VERIFIED)).to_be_visible()


def test_a_refused_address_comes_back_at_its_field(page: Page, ada: Person) -> None:
    act.open_form(page).fill(ada.email_address.upper())
    assert_sound(page)
    act.section(page).get_by_role("button", name="Send code").click()
    field = act.section(page).get_by_role("textbox", name="Email address")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(field).to_have_value(ada.email_address.upper())
    assert_sound(page)


def test_what_cannot_be_removed_says_why_in_the_menu(page: Page, ada: Person) -> None:
    menu = act.open_menu(page, ada.email_address)
    item = menu.get_by_role("button", name="Remove")
    expect(item).to_have_attribute("aria-disabled", "true")
    expect(item).to_contain_text("Everybody has an email address here. Add another one first.")
    assert_sound(page)
    item.click(force=True)
    expect(act.section(page).get_by_role("link", name="Keep it")).to_have_count(0)
    expect(act.addresses(page)).to_have_text([ada.email_address])


def test_a_removal_that_is_thought_better_of_gives_the_focus_back(
    page: Page, ada: Person, mailbox: Mailbox, new: str
) -> None:
    act.own(page, mailbox, new)
    keep = act.ask_to_remove(page, new)
    expect(act.section(page).get_by_text("You can no longer sign in with it.")).to_be_visible()
    assert_sound(page)
    keep.click()
    expect(act.section(page).get_by_role("button", name=f"Actions for {new}")).to_be_focused()
    expect(act.addresses(page)).to_have_text([ada.email_address, new])
    act.open_form(page)
    act.section(page).get_by_role("link", name="Cancel").click()
    expect(act.opener(page)).to_be_focused()


def test_one_card_at_a_time(page: Page, mailbox: Mailbox, new: str) -> None:
    act.own(page, mailbox, new)
    act.open_form(page)
    act.ask_to_remove(page, new)
    expect(act.section(page).get_by_role("textbox")).to_have_count(0)
    act.open_form(page)
    expect(act.section(page).get_by_role("link", name="Keep it")).to_have_count(0)


def test_it_is_all_done_by_keys_alone(
    open_as: OpenAs, ada: Person, mailbox: Mailbox, new: str
) -> None:
    page = open_as(ada, Screen(PHONE))
    keys = Keys(page)
    page.goto(steps.ACCOUNT)
    keys.go_to("Add email address")
    keys.press("Enter")
    expect(act.section(page).get_by_role("textbox", name="Email address")).to_be_focused()
    keys.type(new)
    keys.press("Enter")
    expect(act.code_field(page)).to_be_focused()
    keys.type(mailbox.wait(new).the_code)
    expect(act.section(page).get_by_text(act.VERIFIED)).to_be_visible()
    assert keys.at == "Add email address"
    keys.press("Shift+Tab")
    assert keys.at == f"Actions for {new}"
    keys.press("Enter")
    expect(act.section(page).get_by_role("button", name="Make primary")).to_be_focused()
    keys.press("Enter")
    expect(act.section(page).get_by_text(act.PROMOTED)).to_be_visible()
    keys.press("Shift+Tab")
    assert keys.at == f"Actions for {ada.email_address}"
    ask_by_keys(keys)
    keys.press("Enter")
    expect(
        act.section(page).get_by_role("button", name=f"Actions for {ada.email_address}")
    ).to_be_focused()
    ask_by_keys(keys)
    keys.press("Shift+Tab", "Enter")
    expect(act.section(page).get_by_text(act.REMOVED)).to_be_visible()
    expect(act.addresses(page)).to_have_text([new])
    assert overflow(page) == 0


#: Chooses a link as soon as it has the focus, and no later than the next task.
AT_ONCE = """
addEventListener("focusin", ({ target }) => {
  if (target.textContent.trim() === "Keep it") setTimeout(() => target.click())
})
"""


def test_what_has_the_focus_can_be_chosen_at_once(page: Page, mailbox: Mailbox, new: str) -> None:
    act.own(page, mailbox, new)
    page.evaluate("window.here = true")
    page.evaluate(AT_ONCE)
    act.open_menu(page, new)
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(act.section(page).get_by_role("button", name=f"Actions for {new}")).to_be_focused()
    expect(act.section(page).get_by_role("link", name="Keep it")).to_have_count(0)
    assert page.evaluate("window.here")


def ask_by_keys(keys: Keys) -> None:
    """From the three dots of an address, open the question whether to remove it."""
    keys.press("Enter")
    expect(act.section(keys.page).get_by_role("button", name="Make primary")).to_be_focused()
    keys.press("End", "Enter")
    expect(act.section(keys.page).get_by_role("link", name="Keep it")).to_be_focused()


def test_without_a_script_each_step_is_a_page(
    open_as: OpenAs, ada: Person, mailbox: Mailbox, new: str
) -> None:
    page = open_as(ada, NO_SCRIPT)
    act.on_the_account_page(page)
    act.claim(page, new)
    assert overflow(page) == 0
    code = mailbox.wait(new).the_code
    act.code_field(page).fill(wrong(code))
    with page.expect_navigation() as navigation:
        act.section(page).get_by_role("button", name="Verify").click()
    assert navigation.value.status == 422
    expect(act.code_field(page)).to_be_focused()
    assert overflow(page) == 0
    act.code_field(page).fill(code)
    act.section(page).get_by_role("button", name="Verify").click()
    expect(act.section(page).get_by_text(act.VERIFIED)).to_be_visible()
    act.choose(page, new, "Make primary")
    expect(act.section(page).get_by_text(act.PROMOTED)).to_be_visible()
    act.ask_to_remove(page, ada.email_address).click()
    expect(act.addresses(page)).to_have_text([new, ada.email_address])
    act.remove(page, ada.email_address)
    expect(act.addresses(page)).to_have_text([new])
    assert overflow(page) == 0


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_cards_and_menus_are_sound_on_each_screen(
    open_as: OpenAs, ada: Person, mailbox: Mailbox, new: str, screen: Screen, direction: str
) -> None:
    page = open_as(ada, screen)
    page.goto(f"/settings?direction={direction}&scheme=light+dark")
    act.claim(page, new)
    assert_sound(page)
    act.code_field(page).press_sequentially(wrong(mailbox.wait(new).the_code))
    expect(act.code_field(page)).to_have_attribute("aria-invalid", "true")
    assert_sound(page)
    act.open_menu(page, ada.email_address)
    assert_sound(page)
    page.keyboard.press("Escape")
    act.ask_to_remove(page, new)
    assert_sound(page)
