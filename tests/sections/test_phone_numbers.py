"""Phone numbers: added, verified, made primary and removed, with and without JavaScript."""

from __future__ import annotations

import json

import pytest

from tests.http.address_forms import ACCOUNT
from tests.http.address_forms import NUMBERS
from tests.http.address_forms import card_of
from tests.http.address_forms import claimed
from tests.http.address_forms import owned
from tests.http.rows import column
from tests.http.site import FORMS
from tests.http.site import TOKEN
from tests.http.site import UNLIMITED
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.people import new_number
from tests.rig.queries import count_queries
from tests.rig.visitor import Visitor
from tests.sections import address_rows
from tests.sections.address_rows import Shown
from tests.sections.test_email_address_rows import embed

HTMX = {"HX-Request": "true"}
URL, ADD_CARD = NUMBERS.url, NUMBERS.card
SECTION = "#userkit-phone_numbers"
ADD = f"{SECTION} a.userkit-item__add"
CODE_CARD = "Enter the 6-digit code"
NUMBER, SHOWN = "+4915123456789", "+49 1512 3456789"
NO_NUMBER = "This is not a phone number. Choose the country, or begin with a plus sign."
NO_MESSAGES = "This number takes no text messages. Use that of a mobile phone."
LIMIT = "An account has up to 2 phone numbers. Remove one first."


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def shown(page: Page) -> list[Shown]:
    return address_rows.shown(page, SECTION)


def cards(page: Page) -> list[str]:
    return address_rows.cards(page, SECTION)


def numbers(database: Database) -> list[str]:
    return column(database, "SELECT phone_number FROM userkit_phone_number ORDER BY id")


def post(visitor: Visitor, url: str, headers: dict[str, str] | None = None, **typed: str) -> Page:
    token = visitor.open(ACCOUNT).form("/sign-out").values[TOKEN]
    return request(visitor.client, "POST", url, {TOKEN: token, **typed}, headers or {})


@pytest.mark.usefixtures("backend")
def test_a_browser_is_led_from_each_step_to_the_next(site: Site, database: Database) -> None:
    visitor = site.signed_in()
    assert address_rows.last_row(visitor.open(ACCOUNT), SECTION) == "Add phone number"
    visitor.open(ADD_CARD)
    answer = visitor.submit(URL, country="DE", phone_number=" 01512 / 3456789 ", follow=False)
    assert answer.status == 303
    page = visitor.open(answer.location or "")
    assert cards(page) == [CODE_CARD]
    assert f"We sent it to {SHOWN} . It works for 10 minutes." in page.words
    assert shown(page)[0][:2] == (SHOWN, ["Unverified"])
    page = visitor.submit("/verification", code=site.mailbox.wait(NUMBER).the_code)
    assert "Your phone number is verified." in page.words
    assert shown(page)[0][:2] == (SHOWN, ["Primary"])
    _visitor, added, second = owned(site, visitor, place=NUMBERS)
    page = visitor.submit(f"{added}/primary")
    assert "Your primary phone number is changed." in page.words
    assert [row.badges for row in shown(page)] == [["Primary"], []]
    assert shown(page)[1].address == SHOWN
    visitor.open(card_of(added, "removal", NUMBERS))
    page = visitor.submit("/removal")
    assert "The phone number is removed." in page.words
    assert [row[:2] for row in shown(page)] == [(SHOWN, ["Primary"])]
    assert (numbers(database), second in page.words) == ([NUMBER], False)


@pytest.mark.usefixtures("backend")
def test_htmx_gets_the_section_at_each_step(site: Site) -> None:
    visitor, _added, _number = owned(site, place=NUMBERS)
    number = new_number()
    page = post(visitor, URL, HTMX, phone_number=number, country="AT")
    assert (page.status, cards(page)) == (200, [CODE_CARD])
    assert [tag.get("id") for tag in page.html.find_all(True, recursive=False)] == [
        SECTION.removeprefix("#")
    ]
    added = page.form("/verification").action.removesuffix("/verification")
    code = site.mailbox.wait(number).the_code
    for step, typed in (("verification", {"code": code}), ("primary", {}), ("removal", {})):
        page = post(visitor, f"{added}/{step}", HTMX, **typed)
        assert (page.status, page.html.find("html"), cards(page)) == (200, None, [])
        assert json.loads(page.header("HX-Trigger") or "") == {"userkit:user-updated": {}}
    assert len(shown(page)) == 1


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize(
    ("country", "typed", "told"),
    [
        ("DE", "", "Enter a phone number."),
        ("DE", "1" * 40, NO_NUMBER),
        ("AT", "01512 3456789 ext. 5", NO_NUMBER),
        ("DE", "110", NO_NUMBER),
        ("GB", "\u0660\u0661\u0662", NO_NUMBER),
        ("GB", "(09098) 790-123", NO_MESSAGES),
        ("US", "+49 900 1234567", NO_MESSAGES),
        ("US", '"><script>alert(1)</script>', NO_NUMBER),
    ],
    ids=ascii,
)
def test_a_refused_number_is_told_at_its_field_and_stays_typed_with_its_country(
    site: Site, database: Database, headers: dict[str, str], country: str, typed: str, told: str
) -> None:
    ready = FORMS["phone number"][1](site)
    page = ready.send({**ready.data, "phone_number": typed, "country": country}, **headers)
    assert page.status == (422 if told != NO_MESSAGES else 403)
    assert page.alerts == [told]
    assert (page.html.find("html") is None) == bool(headers)
    values = page.form(URL).values
    assert (values["phone_number"], values["country"]) == (typed, country)
    field = page.html.select_one(f"{SECTION} [name=phone_number]")
    assert field is not None
    assert field["aria-invalid"] == "true"
    assert numbers(database) == []


def test_spaces_brackets_and_other_digits_are_taken(site: Site) -> None:
    visitor = site.signed_in()
    page = post(visitor, URL, country="US", phone_number="(650) 253-0000")
    page = visitor.open(page.location or "")
    assert shown(page)[0].address == "+1 650-253-0000"
    page = post(visitor, URL, country="DE", phone_number="\u0660\u0661\u0665\u0661\u0662 3456789")
    assert shown(visitor.open(page.location or ""))[-1].address == SHOWN


def test_a_country_of_nobody_is_none(site: Site, database: Database) -> None:
    visitor = site.signed_in()
    for country in ("", "XX", "de\0", "x" * 10_000, "<b>"):
        page = post(visitor, URL, country=country, phone_number="01512 3456789")
        assert (page.status, page.alerts) == (422, [NO_NUMBER]), country
    assert numbers(database) == []


def test_a_wrong_code_stays_in_its_card_and_another_is_sent(site: Site) -> None:
    visitor, added, number = claimed(site, place=NUMBERS)
    first = site.mailbox.wait(number).the_code
    page = visitor.submit(f"{added}/verification", code=f"{(int(first) + 1) % 10**6:06}")
    assert (page.status, cards(page)) == (422, [CODE_CARD])
    assert page.alerts == ["That code is not right. 4 attempts left."]
    site.clock.tick(31)
    visitor.open(card_of(added, "verification", NUMBERS))
    page = visitor.submit("/verification/delivery", button=("again", "1"))
    assert "A new message is on its way." in page.words
    page = visitor.submit("/verification", code=site.mailbox.wait(number).the_code)
    assert "Your phone number is verified." in page.words


def test_what_cannot_be_removed_says_why_before_the_click(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_PHONE_NUMBER="required")
    visitor, added, _number = owned(site, place=NUMBERS)
    told = "Everybody has a phone number here. Add another one first."
    assert address_rows.hints(visitor.open(ACCOUNT), SECTION) == [told]
    page = visitor.open(card_of(added, "removal", NUMBERS))
    assert [form.action for form in page.forms if "removal" in form.action] == []
    assert page.words.count(told) == 2, "in the menu and in the card"
    page = post(visitor, f"{added}/removal")
    assert (page.status, told in page.words) == (400, True)
    owned(site, visitor, place=NUMBERS)
    assert address_rows.hints(visitor.page, SECTION) == []


def test_locked_hides_add_and_remove_and_keeps_verify_and_set_primary(
    make_app: MakeApp, database: Database
) -> None:
    site = open_site(make_app, USERKIT_PHONE_NUMBER="locked")
    ada = site.person(phone_number=new_number())
    with site.app.app_context():
        (user,) = site.kit.users.get_user_list(email_address=[ada.email_address]).data
        second = site.kit.phone_numbers.create(user.id, new_number(), verified=True).id
        waits = site.kit.phone_numbers.create(user.id, new_number())
        waits_id, number = waits.id, waits.phone_number
    visitor = site.signed_in(ada)
    page = visitor.open(ADD_CARD)
    assert [row.menu for row in shown(page)] == [[], ["Make primary"], ["Verify"]]
    assert (page.html.select(ADD), cards(page)) == ([], [])
    for url in (URL, f"{URL}/{second}/removal", f"{URL}/{waits_id}/removal"):
        assert post(visitor, url, phone_number=new_number()).status == 403
    assert len(numbers(database)) == 3
    visitor.open(ACCOUNT)
    visitor.submit(f"{waits_id}/verification/delivery")
    visitor.submit("/verification", code=site.mailbox.wait(number).the_code)
    assert shown(visitor.submit(f"{waits_id}/primary"))[0][1:] == (["Primary"], [])


def test_off_the_section_is_not_there_and_nothing_is_taken(
    make_app: MakeApp, database: Database
) -> None:
    site = open_site(make_app, USERKIT_PHONE_NUMBER="off")
    ada = site.person(phone_number=new_number())
    visitor = site.signed_in(ada)
    assert visitor.open(ADD_CARD).html.select_one(SECTION) is None
    (row,) = column(database, "SELECT id FROM userkit_phone_number")
    steps = ("primary", "removal", "verification", "verification/delivery")
    for url in (URL, *(f"{URL}/{row}/{step}" for step in steps)):
        for headers in ({}, HTMX):
            page = post(visitor, url, headers, phone_number=new_number(), code="000000")
            assert page.status in (403, 404), url
    assert numbers(database) == [ada.phone_number]


def test_no_more_than_so_many(make_app: MakeApp, database: Database) -> None:
    site = open_site(make_app, USERKIT_PHONE_NUMBER_LIMIT=2)
    visitor, _added, _number = owned(site, place=NUMBERS)
    owned(site, visitor, place=NUMBERS)
    page = visitor.open(ADD_CARD)
    assert (page.html.select(ADD), cards(page)) == ([], [])
    assert address_rows.last_row(page, SECTION) == LIMIT
    page = post(visitor, URL, phone_number=new_number())
    assert (page.status, page.alerts) == (403, [LIMIT])
    assert len(numbers(database)) == 2


def test_a_limit_is_told_in_the_section_with_what_was_typed(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_RATE_LIMITS=UNLIMITED | {"sms:account": "2/hour"})
    taken = site.person(phone_number=new_number()).phone_number
    visitor = site.signed_in()
    for number in (str(taken), new_number()):
        assert post(visitor, URL, phone_number=number, country="DE").status == 303
    for headers in ({}, HTMX):
        for number in (str(taken), new_number()):
            page = post(visitor, URL, headers, phone_number=number, country="AT")
            assert (page.status, page.header("Retry-After")) == (429, "3600")
            assert page.alerts == ["Too many attempts. Try again in 60 minutes."]
            values = page.form(URL).values
            assert (values["phone_number"], values["country"]) == (number, "AT")


def test_read_only_shows_the_numbers_and_nothing_to_do(site: Site) -> None:
    embed(site, "/shown", 'read_only=["phone_numbers"]')
    embed(site, "/hidden", 'hide=["phone_numbers"]')
    visitor, added, _number = owned(site, place=NUMBERS)
    page = visitor.open(f"/shown?edit=phone_numbers.removal.{added.rpartition('/')[2]}")
    assert [row.menu for row in shown(page)] == [[]]
    section = page.html.select_one(SECTION)
    assert section is not None
    assert section.select("form, a, button, input") == []
    assert visitor.open("/hidden").html.select_one(SECTION) is None


@pytest.mark.usefixtures("backend")
def test_fifty_numbers_and_fifty_addresses_cost_no_more_than_one(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_EMAIL_ADDRESS_LIMIT=60, USERKIT_PHONE_NUMBER_LIMIT=60)
    ada = site.person(phone_number=new_number())
    visitor = site.signed_in(ada)
    counted = []
    for more in (49, 0):
        visitor.open(ACCOUNT)
        with count_queries() as queries:
            visitor.open(ACCOUNT)
        counted.append(len(queries))
        with site.app.app_context(), site.kit.transaction():
            (user,) = site.kit.users.get_user_list(email_address=[ada.email_address]).data
            for number in range(more):
                verified = number % 2 == 0
                site.kit.phone_numbers.create(user.id, new_number(), verified=verified)
                address = f"ada.{number}@example.com"
                site.kit.email_addresses.create(user.id, address, verified=verified)
    assert len(shown(visitor.page)) == len(address_rows.shown(visitor.page)) == 50
    assert counted[0] == counted[1] <= 6, queries.statements
