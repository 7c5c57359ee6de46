"""People click twice; what is sent twice does no harm."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import OpenAs
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person

pytestmark = pytest.mark.browser


def test_signing_up_with_a_double_click_ends_with_one_person(
    open_page: OpenPage, mailbox: Mailbox
) -> None:
    page, person = open_page(), Person(username="twice_up")
    page.goto(steps.SIGN_UP)
    page.get_by_label("Email address").fill(person.email_address)
    page.get_by_label("Username").fill(str(person.username))
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Create account").dblclick()
    steps.arrive(page, "/account/sign-up/verification")
    page.wait_for_load_state("networkidle")
    # One mail or two: a form that is sent twice may bring a code for each, one of which is shown.
    wrong = page.get_by_text("That code is not right.")
    for _ in range(2):
        steps.type_code(page, mailbox.wait(person.email_address).the_code)
        expect(wrong.or_(steps.trigger(page)).first).to_be_visible()
        if wrong.count() == 0:
            break
    steps.arrive(page, "/my-list")
    expect(steps.trigger(page)).to_have_accessible_name("Account of twice_up")


def test_signing_in_with_a_double_click_signs_in(open_page: OpenPage, ada: Person) -> None:
    page = open_page()
    page.goto(steps.SIGN_IN)
    page.get_by_label(steps.IDENTIFIER).fill(ada.email_address)
    page.get_by_label("Password", exact=True).fill(ada.password)
    page.get_by_role("main").get_by_role("button", name="Sign in").dblclick()
    steps.arrive(page, "/my-list")
    page.reload()
    expect(steps.trigger(page)).to_have_accessible_name(f"Account of {ada.username}")


def test_signing_out_with_a_double_click_signs_out(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    page.goto("/")
    steps.open_popover(page).get_by_role("button", name="Sign out").dblclick()
    steps.arrive(page, "/")
    expect(steps.trigger(page)).to_have_count(0)
