"""What a window, a tab and a screen reader call each page."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenAs
from tests.browser.views import View
from tests.browser.views import account
from tests.browser.views import code
from tests.browser.views import code_refused
from tests.browser.views import error
from tests.browser.views import mailbox
from tests.browser.views import sign_in
from tests.browser.views import sign_in_refused
from tests.browser.views import sign_up
from tests.browser.views import sign_up_refused
from tests.rig.fixtures.browsers import OpenPage
from tests.rig.people import Person

pytestmark = pytest.mark.browser
TITLES: dict[View, str] = {
    sign_in: "Sign in",
    sign_in_refused: "Check the form · Sign in",
    sign_up: "Create account",
    sign_up_refused: "Check the form · Create account",
    code: "Check your email",
    code_refused: "Check the form · Check your email",
    mailbox: "Mailbox",
    error: "Not found",
}


@pytest.mark.parametrize("view", TITLES, ids=lambda view: view.__name__)
def test_the_title_says_where_one_is_and_whether_something_needs_another_look(
    open_page: OpenPage, view: View
) -> None:
    page = open_page()
    view(page)
    assert page.title().startswith(f"{TITLES[view]} · ")


def test_the_title_of_the_account_page(open_as: OpenAs, ada: Person) -> None:
    page = open_as(ada)
    account(page)
    assert page.title().startswith("Profile · ")
