"""The strictest Content-Security-Policy is kept on every page, and each violation is heard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import Response
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import OpenAs
from tests.rig.browser import Complaints
from tests.rig.browser import Screen
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.servers import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def server(either_site: Server) -> Server:
    return either_site


def policies_of(page: Page) -> dict[str, str]:
    """Return the policy of each page that is shown from now on."""
    policies: dict[str, str] = {}

    def keep(response: Response) -> None:
        if response.request.is_navigation_request() and not 300 <= response.status < 400:
            policies[response.url] = response.headers.get("content-security-policy", "")

    page.on("response", keep)
    return policies


def walk(page: Page, mailbox: Mailbox) -> None:
    """See every page and every state once."""
    person = Person()
    page.goto("/")
    page.goto("/account/mailbox")
    page.goto("/account/assets/none")
    page.goto(steps.SIGN_UP)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("alert")).to_be_visible()
    steps.fill_sign_up(page, person)
    steps.arrive(page, "/account/sign-up/verification")
    steps.type_code(page, mailbox.wait(person.email_address).the_code)
    expect(steps.trigger(page)).to_be_visible()
    page.goto(steps.ACCOUNT)
    steps.open_name(page)
    steps.type_name(page, "a" * 101, "")
    steps.save(page)
    expect(page.locator("[aria-invalid]")).to_be_focused()
    steps.type_name(page, "Ada", "Lovelace")
    steps.save(page)
    expect(steps.trigger(page)).to_have_accessible_name("Account of Ada Lovelace")
    steps.sign_out(page)
    page.goto(steps.SIGN_IN)
    steps.fill_sign_in(page, person.email_address, "not the password")
    expect(page.get_by_role("alert")).to_be_visible()
    steps.ask_for_code(page, person.email_address)
    steps.arrive(page, "/account/sign-in/verification")


def test_no_page_of_the_walk_breaks_its_policy_or_needs_an_unsafe_word_in_it(
    open_page: OpenPage, mailbox: Mailbox, complaints: Complaints
) -> None:
    page = open_page()
    policies = policies_of(page)
    walk(page, mailbox)
    assert len(policies) >= 8
    for url, policy in policies.items():
        assert "default-src 'none'" in policy, url
        assert "unsafe" not in policy, url
        assert "data:" not in policy, url
        assert "frame-ancestors 'none'" in policy, url
    assert complaints.heard == []


def test_nothing_personal_is_kept_in_the_browsers_storage(
    open_page: OpenPage, mailbox: Mailbox
) -> None:
    page = open_page()
    walk(page, mailbox)
    kept = page.evaluate(
        "async () => [{...localStorage}, {...sessionStorage},"
        " (await indexedDB.databases()).map((found) => found.name), await caches.keys()]"
    )
    assert kept == [{}, {}, [], []]


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "nojs"])
def test_after_sign_out_the_back_button_shows_nothing_personal(
    open_as: OpenAs, ada: Person, javascript: bool
) -> None:
    page = open_as(ada, Screen(javascript=javascript))
    page.goto("/")
    page.goto(steps.ACCOUNT)
    steps.change_name(page, "Zora", "Hurston")
    steps.sign_out(page)
    for _ in range(3):
        page.go_back()
        shown = page.content()
        assert "Hurston" not in shown, page.url
        assert str(ada.username) not in shown, page.url
        assert ada.email_address not in shown, page.url


def test_the_cookies_are_out_of_reach_for_scripts(open_page: OpenPage, ada: Person) -> None:
    page = open_page()
    page.goto(steps.SIGN_IN)
    steps.fill_sign_in(page, ada.email_address, ada.password)
    expect(steps.trigger(page)).to_be_visible()
    assert len(page.context.cookies()) > 0
    assert page.evaluate("document.cookie") == ""


def test_sign_out_empties_what_the_browser_keeps_for_back(open_as: OpenAs, ada: Person) -> None:
    """A browser keeps whole pages, also some that are no-store; this headless one keeps none."""
    page = open_as(ada)
    page.goto("/")
    with page.expect_response("**/account/sign-out") as answer:
        steps.sign_out(page)
    assert answer.value.header_value("clear-site-data") == '"cache"'
