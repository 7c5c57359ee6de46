"""Forms of the email section that wait for a proof, the prompt, and what they may change."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from tests.http.address_forms import ACCOUNT
from tests.http.address_forms import ADD_CARD
from tests.http.address_forms import URL
from tests.http.address_forms import card_of
from tests.http.address_forms import owned
from tests.http.rows import column
from tests.http.rows import scalar
from tests.http.site import Site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.pages import Form
from tests.rig.pages import Page
from tests.rig.people import Person
from tests.rig.people import new_address
from tests.rig.visitor import Visitor
from tests.sections.address_rows import SECTION

PROMPT, TITLE = f"{SECTION} .userkit-panel[role=group]", "Confirm that it is you"
WAITS = "userkit_reverification"


@dataclass
class Step:
    """A form of a section, of somebody who signed in an hour ago."""

    place: str
    site: Site
    visitor: Visitor
    ada: Person
    address: str
    page: str
    url: str
    typed: dict[str, str]

    def ask(self, headers: dict[str, str] | None = None) -> Page:
        """Send the form, and get the prompt."""
        form = self.visitor.open(self.page).form(self.url)
        return self.post(form.filled(self.typed, None), headers)

    def answer(self, password: str | None = None, headers: dict[str, str] | None = None) -> Page:
        """Answer the prompt that is open."""
        typed = {"password": self.ada.password if password is None else password}
        return self.post(prompt_form(self.visitor.page).filled(typed, None), headers)

    def post(self, data: dict[str, str], headers: dict[str, str] | None = None) -> Page:
        self.visitor.page = request(self.visitor.client, "POST", self.url, data, headers or {})
        return self.visitor.page


def prompt_form(page: Page) -> Form:
    (form,) = [form for form in page.forms if WAITS in form.names]
    return form


def step(site: Site, place: str, home: str = ACCOUNT) -> Step:
    ada = site.person()
    visitor, address, url, typed = site.signed_in(ada), new_address(), URL, {}
    card = ADD_CARD
    if place == "add":
        typed = {"email_address": address}
    else:
        _visitor, added, _address = owned(site, visitor, address)
        url, card = f"{added}/{place}", ACCOUNT if place == "primary" else card_of(added, place)
    site.clock.tick(hours=1)
    return Step(place, site, visitor, ada, address, card.replace(ACCOUNT, home), url, typed)


def state(database: Database) -> list[t.Any]:
    """Return all that a form of the section may change."""
    rows = column(database, "SELECT id FROM userkit_email_address ORDER BY id")
    primary = column(database, "SELECT primary_email_address_id FROM userkit_user ORDER BY id")
    return [rows, primary, events(database)]


def events(database: Database) -> list[str]:
    found = "SELECT name FROM userkit_event WHERE name LIKE 'user.email_address.%' ORDER BY id"
    return [name.rpartition(".")[2] for name in column(database, found)]


def waiting(database: Database) -> int:
    return int(scalar(database, "SELECT count(*) FROM userkit_suspended_form") or 0)


def row_of_prompt(page: Page) -> str:
    """Return the words of the list's row that the one prompt stands in."""
    (found,) = page.html.select(PROMPT)
    assert TITLE in found.get_text()
    row = found.find_parent("li", class_="userkit-item")
    assert row is not None
    return " ".join(row.get_text(" ").split())
