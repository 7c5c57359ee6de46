"""Email addresses in two tabs: what one does, the other is told, and the button agrees."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser import address_steps as act
from tests.browser import steps
from tests.browser.conftest import NewPerson
from tests.browser.conftest import OpenAs
from tests.browser.email_address_prompts import Place
from tests.browser.email_address_prompts import give_address
from tests.browser.sites import LocalSite
from tests.rig.browser import Screen
from tests.rig.clock import Clock
from tests.rig.fixtures.apps import MakeApp
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import new_address

pytestmark = pytest.mark.browser
STALE = "This page was open while you signed in or out elsewhere. Send it once more."


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def server(local_site: LocalSite) -> LocalSite:
    """An app in this process, so that its clock can be moved."""
    return local_site


@pytest.fixture
def nameless(new_person: NewPerson) -> Person:
    """Somebody whom the button calls by the primary address."""
    return new_person(first_name="", last_name="", username="")


@pytest.fixture(params=[True, False], ids=["js", "nojs"])
def page(request: pytest.FixtureRequest, open_as: OpenAs, nameless: Person) -> Page:
    page = open_as(nameless, Screen(javascript=request.param))
    page.goto(steps.ACCOUNT)
    return page


def other_tab(page: Page) -> Page:
    tab = page.context.new_page()
    tab.goto(page.url)
    return tab


def assert_agreed(page: Page, addresses: list[str]) -> None:
    """The rows are in this order, and the button has the name of the first."""
    expect(act.addresses(page)).to_have_text(addresses)
    expect(act.row(page, addresses[0])).to_contain_text("Primary")
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {addresses[0]}")


def test_what_became_primary_in_one_tab_is_so_in_the_other_after_its_next_step(
    page: Page, app: Flask, nameless: Person
) -> None:
    first, second = nameless.email_address, give_address(app, nameless)
    third = give_address(app, nameless)
    page.reload()
    tab = other_tab(page)
    assert_agreed(tab, [first, second, third])
    act.choose(page, second, "Make primary")
    assert_agreed(page, [second, first, third])
    # The other tab still offers what is done.
    act.choose(tab, second, "Make primary")
    assert_agreed(tab, [second, first, third])
    act.remove(page, third)
    act.choose(tab, third, "Make primary")
    expect(tab.get_by_role("alert")).to_be_visible()
    assert_agreed(tab, [second, first])


def test_a_code_that_is_typed_in_both_tabs_counts_once(page: Page, mailbox: Mailbox) -> None:
    new = new_address()
    act.open_form(page).fill(new)
    act.section(page).get_by_role("button", name="Send code").click()
    expect(act.code_field(page)).to_be_focused()
    tab = page.context.new_page()
    tab.goto(steps.ACCOUNT)
    act.choose(tab, new, "Verify")
    expect(act.code_field(tab)).to_be_focused()
    code = mailbox.wait(new).the_code
    enter(page, code)
    expect(act.section(page).get_by_text(act.VERIFIED)).to_be_visible()
    enter(tab, code)
    expect(tab.get_by_role("alert")).to_have_text("This email address is confirmed already.")
    expect(act.row(tab, new)).not_to_contain_text("Unverified")
    act.choose(tab, new, "Make primary")
    expect(steps.trigger(tab)).to_have_accessible_name(f"Account of {new}")


def enter(page: Page, code: str) -> None:
    """Type a code, and send it where nothing sends it by itself."""
    act.code_field(page).press_sequentially(code)
    button = act.section(page).get_by_role("button", name="Verify", exact=True)
    if not page.evaluate("customElements.get('userkit-code-input') !== undefined"):
        button.click()


def test_who_confirms_in_one_tab_is_asked_to_send_the_prompt_of_the_other_once_more(
    page: Page, app: Flask, nameless: Person, clock: Clock
) -> None:
    first, second = nameless.email_address, give_address(app, nameless)
    page.reload()
    clock.tick(minutes=10)
    tab = other_tab(page)
    here, there = Place("primary", page, second), Place("removal", tab, second)
    here.ask()
    there.ask()
    here.confirm(nameless.password)
    assert_agreed(page, [second, first])
    there.confirm(nameless.password)
    expect(tab.get_by_role("alert")).to_have_text(STALE)
    expect(there.prompt).to_have_count(1)
    there.confirm(nameless.password)
    expect(act.section(tab).get_by_text(act.REMOVED)).to_be_visible()
    assert_agreed(tab, [first])
