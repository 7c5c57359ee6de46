"""Email addresses: added, verified, made primary and removed, with and without JavaScript."""

from __future__ import annotations

import json

import pytest

from tests.http.address_forms import ACCOUNT
from tests.http.address_forms import ADD_CARD
from tests.http.address_forms import URL
from tests.http.address_forms import card_of
from tests.http.address_forms import claimed
from tests.http.address_forms import owned
from tests.http.hostile import TEXTS
from tests.http.hostile import encode
from tests.http.hostile import injected
from tests.http.rows import column
from tests.http.rows import scalar
from tests.http.site import FORMS
from tests.http.site import TOKEN
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.people import Person
from tests.rig.people import new_address
from tests.rig.people import sign_in
from tests.rig.visitor import Visitor
from tests.sections.address_rows import ADD
from tests.sections.address_rows import SECTION
from tests.sections.address_rows import cards
from tests.sections.address_rows import shown

HTMX = {"HX-Request": "true"}
VERIFIED = "Your email address is verified."
PROMOTED = "Your primary email address is changed."
REMOVED = "The email address is removed."
CODE_CARD = "Enter the 6-digit code"


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def addresses(database: Database) -> list[str]:
    return column(database, "SELECT email_address FROM userkit_email_address ORDER BY id")


def events(database: Database) -> list[str]:
    found = "SELECT name FROM userkit_event WHERE name LIKE 'user.email_address.%' ORDER BY id"
    return [name.rpartition(".")[2] for name in column(database, found)]


def htmx_post(visitor: Visitor, url: str, **typed: str) -> Page:
    """Send a form the way htmx does, from the page that is open."""
    token = visitor.open(ACCOUNT).form("/sign-out").values[TOKEN]
    return request(visitor.client, "POST", url, {TOKEN: token, **typed}, HTMX)


@pytest.mark.usefixtures("backend")
def test_a_browser_is_led_from_each_step_to_the_next(site: Site, database: Database) -> None:
    ada = site.person()
    visitor = site.signed_in(ada)
    address = new_address()
    visitor.open(ADD_CARD)
    answer = visitor.submit(URL, email_address=f" {address} ", follow=False)
    assert answer.status == 303
    page = visitor.open(answer.location or "")
    assert cards(page) == [CODE_CARD]
    assert f"We sent it to {address} . It works for 10 minutes." in page.words
    assert [(row.address, row.badges) for row in shown(page)] == [
        (ada.email_address, ["Primary"]),
        (address, ["Unverified"]),
    ]
    code = site.mailbox.wait(address).the_code
    added = page.form("/verification").action.removesuffix("/verification")
    page = visitor.submit("/verification", code=code)
    assert (page.url.startswith(f"{ACCOUNT}?saved="), VERIFIED in page.words) == (True, True)
    assert shown(page)[1].badges == []
    page = visitor.submit(f"{added}/primary")
    assert PROMOTED in page.words
    assert [row.address for row in shown(page)] == [address, ada.email_address]
    visitor.open(card_of(f"{URL}/{first_id(database, ada)}", "removal"))
    page = visitor.submit("/removal")
    assert REMOVED in page.words
    assert [row.address for row in shown(page)] == [address]
    assert REMOVED not in visitor.open(ACCOUNT).words
    assert addresses(database) == [address]
    assert events(database) == ["created", "verified", "updated", "deleted"]
    again = site.visitor()
    sign_in(again, Person(email_address=address, password=ada.password))
    assert again.open("/whoami").json == visitor.open("/whoami").json


def first_id(database: Database, person: Person) -> str:
    statement = "SELECT id FROM userkit_email_address WHERE email_address = :address"
    return str(scalar(database, statement, address=person.email_address))


@pytest.mark.usefixtures("backend")
def test_htmx_gets_the_section_at_each_step(site: Site, database: Database) -> None:
    visitor, address = site.signed_in(), new_address()
    page = htmx_post(visitor, URL, email_address=address)
    assert (page.status, cards(page)) == (200, [CODE_CARD])
    assert [tag.get("id") for tag in page.html.find_all(True, recursive=False)] == [
        SECTION.removeprefix("#")
    ]
    added = page.form("/verification").action.removesuffix("/verification")
    code = site.mailbox.wait(address).the_code
    told = []
    for step, typed in (("verification", {"code": code}), ("primary", {}), ("removal", {})):
        page = htmx_post(visitor, f"{added}/{step}", **typed)
        assert (page.status, page.html.find("html"), cards(page)) == (200, None, [])
        assert json.loads(page.header("HX-Trigger") or "") == {"userkit:user-updated": {}}
        swaps = {str(tag.get("hx-swap-oob")): tag.get_text() for tag in page.html.find_all("span")}
        told.append(swaps["innerHTML:[data-userkit-status]"])
    assert told == [VERIFIED, PROMOTED, REMOVED]
    assert len(shown(page)) == 1
    assert address not in addresses(database)


@pytest.mark.usefixtures("backend")
def test_the_button_follows_the_primary_address_after_each_change(site: Site) -> None:
    # Somebody with a name: the popover shows the address under it.
    ada = site.person()
    visitor, added, second = owned(site, site.signed_in(ada))

    def told(page: Page) -> str:
        assert not page.html.find("html")
        return page.html.select("[hx-swap-oob='innerHTML:[data-userkit-identifier]']")[0].get_text()

    assert identifier(visitor) == ada.email_address
    assert told(htmx_post(visitor, f"{added}/primary")) == second
    assert identifier(visitor) == second
    assert told(htmx_post(visitor, f"{added}/removal")) == ada.email_address
    assert identifier(visitor) == ada.email_address


def identifier(visitor: Visitor) -> str:
    """Return the identifier that the button shows on a page of the app."""
    (found,) = {
        tag.get_text() for tag in visitor.open("/").html.select("[data-userkit-identifier]")
    }
    return found


def test_add_form(site: Site) -> None:
    visitor = site.signed_in()
    (opener,) = visitor.open(ACCOUNT).html.select(ADD)
    assert " ".join(opener.get_text().split()) == "Add email address"
    page = visitor.open(str(opener["href"]))
    field = page.html.select_one(f"{SECTION} [name=email_address]")
    assert field is not None
    wanted = {"type": "email", "autocomplete": "email", "autocapitalize": "none"}
    assert {name: field[name] for name in wanted} == wanted
    assert field.has_attr("autofocus")
    assert not field.get("value")
    assert page.html.select(ADD) == [], "the card stands in its place"
    (cancel,) = page.html.select(f"{SECTION} form.userkit-panel a")
    assert (cancel["href"], cancel["id"]) == (ACCOUNT, opener["id"])


def test_cancel_hides_and_gives_back_what_opened(site: Site) -> None:
    visitor, added, _address = owned(site)
    for card in ("verification", "removal"):
        if card == "verification":
            _visitor, about, _address = claimed(site, visitor)
        else:
            about = added
        page = visitor.open(card_of(about, card))
        assert len(cards(page)) == 1
        (cancel,) = page.html.select(f"{SECTION} .userkit-panel .userkit-form__actions a")
        page = visitor.open(str(cancel["href"]))
        assert (page.url, cards(page)) == (ACCOUNT, [])
        (opener,) = page.html.select(f"[id='{cancel['id']}']")
        row = opener.find_parent("li", class_="userkit-item")
        assert row is not None
        assert about.rpartition("/")[2] in str(row)


def test_remove_screen_text(site: Site) -> None:
    visitor, added, address = owned(site)
    words = visitor.open(card_of(added, "removal")).words
    assert f"Remove {address} ? You can no longer sign in with it." in words
    _visitor, added, address = claimed(site, visitor)
    words = visitor.open(card_of(added, "removal")).words
    assert f"Remove {address} ?" in words
    assert "You can no longer sign in with it." not in words


def test_opening_one_card_closes_another(site: Site) -> None:
    visitor, added, _address = owned(site)
    _visitor, waits, _address = claimed(site, visitor)
    opened = [ADD_CARD, card_of(added, "removal"), card_of(waits, "verification")]
    seen = [cards(visitor.open(url)) for url in opened]
    assert [len(found) for found in seen] == [1, 1, 1]
    assert len({found[0] for found in seen}) == 3
    assert cards(htmx_post(visitor, URL, email_address=new_address())) == [CODE_CARD]


@pytest.mark.parametrize("card", ["removal", "verification", "primary", "form", "nothing"])
def test_no_row_that_an_address_names_is_a_fault_or_opens_anything(site: Site, card: str) -> None:
    visitor = site.signed_in()
    page = visitor.open(ACCOUNT)
    plain = cards(page)
    for name, junk in TEXTS.items():
        if not junk or len(junk) > 20_000:
            continue
        query = encode({"edit": f"email_addresses.{card}.{junk}"}).decode("ascii")
        page = request(visitor.client, "GET", f"{ACCOUNT}?{query}")
        assert (page.status, cards(page)) == (200, plain), name
        assert injected(page) == [], name


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Enter an email address."),
        ("ada", "This is not an email address. It looks like name@example.com."),
    ],
)
def test_a_refused_address_is_told_at_its_field_and_stays_typed(
    site: Site, database: Database, headers: dict[str, str], typed: str, told: str
) -> None:
    ready = FORMS["email address"][1](site)
    page = ready.send({**ready.data, "email_address": typed}, **headers)
    assert page.status == 422
    assert page.alerts == [told]
    assert (page.html.find("html") is None) == bool(headers)
    assert page.form(URL).values["email_address"] == typed
    field = page.html.select_one(f"{SECTION} [name=email_address]")
    assert field is not None
    assert field["aria-invalid"] == "true"
    assert len(addresses(database)) == 1
