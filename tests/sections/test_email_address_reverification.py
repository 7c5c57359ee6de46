"""Email addresses are added, made primary and removed by who confirms that it is them."""

from __future__ import annotations

import json

import pytest

from tests.http.address_forms import ACCOUNT
from tests.http.address_forms import ADD_CARD
from tests.http.address_forms import URL
from tests.http.address_forms import card_of
from tests.http.rows import scalar
from tests.http.site import TOKEN
from tests.http.site import UNLIMITED
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import Person
from tests.rig.people import new_address
from tests.rig.people import sign_in
from tests.rig.people import sign_in_by_code
from tests.sections.address_prompts import PROMPT
from tests.sections.address_prompts import TITLE
from tests.sections.address_prompts import events
from tests.sections.address_prompts import prompt_form
from tests.sections.address_prompts import row_of_prompt
from tests.sections.address_prompts import state
from tests.sections.address_prompts import step
from tests.sections.address_prompts import waiting
from tests.sections.address_rows import ADD
from tests.sections.address_rows import SECTION
from tests.sections.address_rows import cards
from tests.sections.address_rows import shown

HTMX = {"HX-Request": "true"}
WAYS = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
PLACES = pytest.mark.parametrize("place", ["add", "primary", "removal"])
CODE_CARD = "Enter the 6-digit code"
LATE = "This took too long, so nothing has changed. Send it again."
DONE = {
    "add": CODE_CARD,
    "primary": "Your primary email address is changed.",
    "removal": "The email address is removed.",
}


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


@pytest.mark.usefixtures("backend")
@WAYS
def test_reverification_prompt_on_adding_new_email_address(
    site: Site, database: Database, headers: dict[str, str]
) -> None:
    add = step(site, "add")
    before, mails = state(database), len(site.mailbox.all())
    page = add.ask(headers)
    assert (page.status, page.html.find("html") is None) == (403, bool(headers))
    assert row_of_prompt(page).startswith(TITLE), "it stands where the form did"
    assert (page.html.select(ADD), add.address in page.text) == ([], False)
    assert (state(database), len(site.mailbox.all())) == (before, mails)
    page = add.answer(headers=headers)
    assert page.status == (200 if headers else 303)
    page = page if headers else add.visitor.open(page.location or "")
    assert (cards(page), page.html.select(PROMPT)) == ([CODE_CARD], [])
    assert (events(database), waiting(database)) == (["created"], 0)
    code = site.mailbox.wait(add.address).the_code
    assert len([mail for mail in site.mailbox.all() if mail.to == add.address]) == 1
    page = add.visitor.open(f"{ADD_CARD}.verification.{state(database)[0][-1]}")
    assert "Your email address is verified." in add.visitor.submit("/verification", code=code).words
    # For ten minutes nobody asks again.
    add.visitor.open(ADD_CARD)
    assert add.visitor.submit(URL, email_address=new_address(), follow=False).status == 303


@WAYS
def test_reverification_prompt_can_be_cancelled_when_adding_email(
    site: Site, database: Database, headers: dict[str, str]
) -> None:
    add = step(site, "add")
    before = state(database)
    page = add.ask(headers)
    (cancel,) = page.html.select(f"{PROMPT} a")
    page = add.visitor.open(str(cancel["href"]))
    assert (page.url, cards(page), page.html.select(PROMPT)) == (ACCOUNT, [], [])
    assert [row.address for row in shown(page)] == [add.ada.email_address]
    assert state(database) == before
    assert [mail for mail in site.mailbox.all() if mail.to == add.address] == []


@pytest.mark.usefixtures("backend")
@WAYS
@pytest.mark.parametrize("place", ["primary", "removal"])
def test_it_stands_under_the_row_and_what_was_asked_for_is_done_once(
    site: Site, database: Database, place: str, headers: dict[str, str]
) -> None:
    row = step(site, place)
    before = state(database)
    page = row.ask(headers)
    assert (page.status, page.html.find("html") is None) == (403, bool(headers))
    assert row_of_prompt(page).startswith(row.address)
    assert cards(page) == [], "no confirmation beside it"
    assert state(database) == before
    sent = prompt_form(page).filled({"password": row.ada.password}, None)
    page = row.answer(headers=headers)
    assert page.status == (200 if headers else 303)
    if headers:
        assert json.loads(page.header("HX-Trigger") or "") == {"userkit:user-updated": {}}
    page = page if headers else row.visitor.open(page.location or "")
    assert DONE[place] in page.words
    assert (cards(page), page.html.select(PROMPT), waiting(database)) == ([], [], 0)
    done = {"primary": "updated", "removal": "deleted"}[place]
    assert events(database) == [*before[2], done]
    # The same answer, sent once more with the tokens of now, finds nothing that waits.
    after = state(database)
    token = row.visitor.open(ACCOUNT).form("/sign-out").values[TOKEN]
    page = row.post({**sent, TOKEN: token}, headers)
    assert (page.status, LATE in page.words, state(database)) == (422, True, after)


@WAYS
@PLACES
def test_a_wrong_password_is_told_at_its_field_and_all_goes_on_waiting(
    site: Site, database: Database, place: str, headers: dict[str, str]
) -> None:
    asked = step(site, place)
    before = state(database)
    place_of_it = TITLE if place == "add" else asked.address
    asked.ask(headers)
    for typed, told in (("wrong", "That password is not right."), ("", "Enter your password.")):
        page = asked.answer(typed, headers)
        assert (page.status, page.alerts) == (422, [told])
        assert row_of_prompt(page).startswith(place_of_it)
        assert (state(database), waiting(database)) == (before, 1)
    page = asked.answer(headers=headers)
    page = page if headers else asked.visitor.open(page.location or "")
    assert DONE[place] in page.words


@WAYS
@PLACES
def test_after_ten_minutes_nothing_is_done_and_the_form_stands_there_again(
    site: Site, database: Database, place: str, headers: dict[str, str]
) -> None:
    asked = step(site, place)
    before = state(database)
    asked.ask(headers)
    site.clock.tick(minutes=10)
    page = asked.answer(headers=headers)
    assert (page.status, page.alerts, state(database)) == (422, [LATE], before)
    assert page.html.select(PROMPT) == []
    assert len(cards(page)) == 1
    # It was them all the same: the form goes through at once.
    (form,) = page.html.select(f"{SECTION} form.userkit-panel[action='{asked.url}']")
    token = form.select_one(f"[name={TOKEN}]")
    assert token is not None
    page = asked.post({TOKEN: str(token["value"]), **asked.typed}, headers)
    page = page if headers else asked.visitor.open(page.location or "")
    assert DONE[place] in page.words


@WAYS
@PLACES
def test_cancel_leaves_all_as_it_was_and_leads_to_what_opened_it(
    site: Site, database: Database, place: str, headers: dict[str, str]
) -> None:
    asked = step(site, place)
    before = state(database)
    (cancel,) = asked.ask(headers).html.select(f"{PROMPT} a")
    page = asked.visitor.open(str(cancel["href"]))
    assert (page.url, cards(page), page.html.select(PROMPT)) == (ACCOUNT, [], [])
    assert state(database) == before
    (opener,) = page.html.select(f"[id='{cancel['id']}']")
    if place == "add":
        assert opener == page.html.select_one(ADD)
    else:
        assert opener["aria-label"] == f"Actions for {asked.address}"
    # Thought better of once more, it is asked again.
    assert asked.ask(headers).status == 403


@PLACES
def test_what_waits_is_counted_once(make_app: MakeApp, place: str) -> None:
    # An addition and its code, and then the form at hand.
    allowed = "1/hour" if place == "add" else "2/hour"
    site = open_site(make_app, USERKIT_RATE_LIMITS={**UNLIMITED, "email_address:account": allowed})
    asked = step(site, place)
    for _ in range(3):
        assert asked.ask().status == 403
    assert asked.answer().status == 303


def test_a_prompt_for_one_address_removes_no_other(site: Site, database: Database) -> None:
    asked = step(site, "removal")
    form = prompt_form(asked.ask())
    first = scalar(database, "SELECT primary_email_address_id FROM userkit_user")
    before = state(database)
    data = form.filled({"password": asked.ada.password}, None)
    page = request(asked.visitor.client, "POST", f"{URL}/{first}/removal", data)
    assert (page.status, LATE in page.words, state(database)) == (422, True, before)


@WAYS
@pytest.mark.parametrize("place", ["primary", "removal"])
def test_an_address_that_has_gone_meanwhile_is_told(
    site: Site, place: str, headers: dict[str, str]
) -> None:
    asked = step(site, place)
    asked.ask(headers)
    other = site.visitor()
    sign_in(other, asked.ada)
    other.open(card_of(asked.url.rpartition("/")[0], "removal"))
    other.submit("/removal")
    page = asked.answer("wrong", headers)
    assert page.status == 422
    assert page.alerts == ["That password is not right."]
    page = asked.answer(headers=headers)
    assert (page.status, page.alerts) == (404, ["There is no such email address."])
    assert [row.address for row in shown(page)] == [asked.ada.email_address]


def test_the_code_of_the_proof_is_not_the_code_of_the_new_address(
    site: Site, database: Database
) -> None:
    ada, address = Person(), new_address()
    with site.app.app_context():
        site.kit.users.create_user(email_address=[ada.email_address])
    visitor = site.visitor()
    sign_in_by_code(visitor, site.mailbox, ada)
    site.clock.tick(hours=1)
    visitor.open(ADD_CARD)
    visitor.page = visitor.submit(URL, email_address=address, follow=False)
    assert visitor.page.status == 403
    first = site.mailbox.wait(ada.email_address).the_code
    visitor.submit(URL, code=first)
    second = site.mailbox.wait(address).the_code
    if first != second:
        page = visitor.submit("/verification", code=first)
        assert page.alerts == ["That code is not right. 4 attempts left."]
    assert "Your email address is verified." in visitor.submit("/verification", code=second).words
    assert events(database) == ["created", "verified"]
