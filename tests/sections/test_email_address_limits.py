"""Why no address can be added, told before the form that would be refused."""

from __future__ import annotations

import pytest

from tests.http.address_forms import ACCOUNT
from tests.http.address_forms import ADD_CARD
from tests.http.address_forms import URL
from tests.http.address_forms import card_of
from tests.http.site import TOKEN
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import new_address
from tests.sections.address_rows import ADD
from tests.sections.address_rows import cards
from tests.sections.address_rows import last_row
from tests.sections.test_email_address_rows import embed
from tests.sections.test_email_address_rows import write

WAITING = "Several of your addresses wait to be confirmed. Confirm or remove one first."


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def test_with_five_that_wait_the_list_says_why_there_can_be_no_more(site: Site) -> None:
    ada = site.person()
    first, *_rest = write(site, ada, *((new_address(), False) for _ in range(4)))
    visitor = site.signed_in(ada)
    assert last_row(visitor.open(ACCOUNT)) == "Add email address"
    write(site, ada, (new_address(), False))
    page = visitor.open(ADD_CARD)
    assert (page.html.select(ADD), cards(page)) == ([], [])
    assert last_row(page) == WAITING
    german = visitor.open(ACCOUNT, **{"Accept-Language": "de"})
    assert last_row(german).startswith("Mehrere deiner Adressen warten auf die Bestätigung.")
    token = visitor.page.form("/sign-out").values[TOKEN]
    data = {TOKEN: token, "email_address": new_address()}
    assert request(visitor.client, "POST", URL, data).alerts == [WAITING]
    visitor.open(card_of(f"{URL}/{first}", "removal"))
    assert last_row(visitor.submit("/removal")) == "Add email address"


def test_what_is_shown_alone_says_nothing_of_adding(site: Site) -> None:
    embed(site, "/shown", 'read_only=["email_addresses"]')
    ada = site.person()
    write(site, ada, *((new_address(), False) for _ in range(5)))
    assert WAITING not in site.signed_in(ada).open("/shown").words
