"""The list of email addresses: its order, its menus, and what settings and options take away."""

from __future__ import annotations

import pytest
from flask import render_template_string
from sqlalchemy import update

from flask_userkit import login_required
from flask_userkit.models import EmailAddress
from flask_userkit.security.ids import new_id
from tests.http.address_forms import ACCOUNT
from tests.http.address_forms import ADD_CARD
from tests.http.address_forms import URL
from tests.http.address_forms import card_of
from tests.http.address_forms import claimed
from tests.http.address_forms import owned
from tests.http.rows import Rows
from tests.http.rows import column
from tests.http.rows import snapshot
from tests.http.site import TOKEN
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import Person
from tests.rig.people import new_address
from tests.rig.queries import count_queries
from tests.rig.visitor import Visitor
from tests.sections.address_rows import ADD
from tests.sections.address_rows import SECTION
from tests.sections.address_rows import cards
from tests.sections.address_rows import hints
from tests.sections.address_rows import last_row
from tests.sections.address_rows import shown

HTMX = {"HX-Request": "true"}
LAST = "Everybody has an email address here. Add another one first."
ALONE = "You sign in with this email address alone. Add another one first."


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def write(site: Site, person: Person, *found: tuple[str, bool]) -> list[str]:
    """Give somebody addresses by their rows, and return their ids."""
    with site.app.app_context(), site.kit.transaction() as db:
        (user,) = site.kit.users.get_user_list(email_address=[person.email_address]).data
        rows = [
            EmailAddress(
                id=new_id("idn"),
                user_id=user.id,
                email_address=address,
                email_key=address,
                verified_key=address if verified else None,
                verified_at=site.clock() if verified else None,
                created_at=site.clock(),
            )
            for address, verified in found
        ]
        db.add_all(rows)
        return [row.id for row in rows]


def kept(database: Database) -> Rows:
    """Return every row but those that count attempts."""
    return snapshot(database) | {"userkit_limit_hit": []}


def post(visitor: Visitor, url: str, **headers: str) -> int:
    token = visitor.open(ACCOUNT).form("/sign-out").values[TOKEN]
    data = {TOKEN: token, "email_address": new_address(), "code": "000000"}
    return request(visitor.client, "POST", url, data, headers).status


@pytest.mark.usefixtures("backend")
def test_sort_order(site: Site) -> None:
    ada = site.person()
    visitor = site.signed_in(ada)
    _visitor, _added, late = claimed(site, visitor)
    site.clock.tick(60)
    _visitor, _added, later = claimed(site, visitor)
    _visitor, first, proven = owned(site, visitor)
    _visitor, _added, second = owned(site, visitor)
    write(site, ada, ("unasked@example.com", False))
    wanted = [ada.email_address, proven, second, late, later, "unasked@example.com"]
    assert [row.address for row in shown(visitor.open(ACCOUNT))] == wanted
    visitor.submit(f"{first}/primary")
    wanted = [proven, ada.email_address, second, late, later, "unasked@example.com"]
    assert [row.address for row in shown(visitor.page)] == wanted


def test_each_row_offers_what_can_be_done_with_it(site: Site) -> None:
    ada = site.person()
    visitor, _added, _proven = owned(site, site.signed_in(ada))
    claimed(site, visitor)
    rows = shown(visitor.open(ACCOUNT))
    assert [(row.badges, row.menu) for row in rows] == [
        (["Primary"], ["Remove"]),
        ([], ["Make primary", "Remove"]),
        (["Unverified"], ["Verify", "Remove"]),
    ]
    names = [
        str(tag["aria-label"]) for tag in visitor.page.html.select(f"{SECTION} [popovertarget]")
    ]
    assert names == [f"Actions for {row.address}" for row in rows]


@pytest.mark.usefixtures("backend")
def test_a_primary_address_that_is_unverified_is_completed(site: Site) -> None:
    ada = site.person()
    visitor = site.signed_in(ada)
    with site.app.app_context(), site.kit.transaction() as db:
        db.execute(update(EmailAddress).values(verified_key=None, verified_at=None))
    (row,) = shown(visitor.open(ACCOUNT))
    assert (row.badges, row.menu) == (["Primary", "Unverified"], ["Verify", "Remove"])
    visitor.submit("/verification/delivery")
    visitor.submit("/verification", code=site.mailbox.wait(ada.email_address).the_code)
    (row,) = shown(visitor.page)
    assert row.badges == ["Primary"]


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize(("setting", "told"), [("required", LAST), ("optional", ALONE)])
def test_what_cannot_be_removed_says_why_before_the_click(
    make_app: MakeApp, database: Database, setting: str, told: str
) -> None:
    site = open_site(make_app, USERKIT_EMAIL_ADDRESS=setting)
    ada = site.person()
    visitor, waits, _address = claimed(site, site.signed_in(ada))
    (first,) = column(
        database, "SELECT id FROM userkit_email_address WHERE verified_key IS NOT NULL"
    )
    page = visitor.open(ACCOUNT)
    assert hints(page) == [told]
    page = visitor.open(card_of(f"{URL}/{first}", "removal"))
    assert [form.action for form in page.forms if "removal" in form.action] == []
    assert page.words.count(told) == 2, "in the menu and in the card"
    before = kept(database)
    for headers in ({}, HTMX):
        assert post(visitor, f"{URL}/{first}/removal", **headers) == 400
    assert kept(database) == before
    visitor.open(card_of(waits, "removal"))
    visitor.submit("/removal")
    assert [row.address for row in shown(visitor.page)] == [ada.email_address]


def test_with_a_username_the_last_address_may_go(make_app: MakeApp, database: Database) -> None:
    site = open_site(make_app, USERKIT_EMAIL_ADDRESS="optional")
    visitor = site.signed_in(site.person(username="ada_1815"))
    (first,) = column(database, "SELECT id FROM userkit_email_address")
    visitor.open(card_of(f"{URL}/{first}", "removal"))
    page = visitor.submit("/removal")
    assert shown(page) == []
    assert [" ".join(tag.get_text().split()) for tag in page.html.select(ADD)] == [
        "Add email address"
    ]
    assert column(database, "SELECT primary_email_address_id FROM userkit_user") == [None]


@pytest.mark.usefixtures("backend")
def test_immutable_hides_add_and_remove_and_keeps_verify_and_set_primary(
    make_app: MakeApp, database: Database
) -> None:
    site = open_site(make_app, USERKIT_EMAIL_ADDRESS="locked")
    ada, waiting = site.person(), new_address()
    proven, waits = write(site, ada, (new_address(), True), (waiting, False))
    visitor = site.signed_in(ada)
    page = visitor.open(ADD_CARD)
    assert [row.menu for row in shown(page)] == [[], ["Make primary"], ["Verify"]]
    assert (page.html.select(ADD), cards(page)) == ([], [])
    before = kept(database)
    for url in (URL, f"{URL}/{proven}/removal", f"{URL}/{waits}/removal"):
        for headers in ({}, HTMX):
            assert post(visitor, url, **headers) == 403
    assert kept(database) == before
    visitor.open(ACCOUNT)
    visitor.submit(f"{waits}/verification/delivery")
    visitor.submit("/verification", code=site.mailbox.wait(waiting).the_code)
    page = visitor.submit(f"{waits}/primary")
    assert shown(page)[0] == (waiting, ["Primary"], [])


@pytest.mark.usefixtures("backend")
def test_off_the_section_is_not_there_and_nothing_is_taken(
    make_app: MakeApp, database: Database
) -> None:
    site = open_site(make_app, USERKIT_EMAIL_ADDRESS="off", USERKIT_SIGN_UP=False)
    ada = site.person()
    proven, waits = write(site, ada, (new_address(), True), (new_address(), False))
    visitor = site.signed_in(ada)
    assert visitor.open(ADD_CARD).html.select_one(SECTION) is None
    before = kept(database)
    steps = [f"{row}/{step}" for row in (proven, waits) for step in ("primary", "removal")]
    steps += [f"{waits}/verification", f"{waits}/verification/delivery"]
    for url in (URL, *(f"{URL}/{step}" for step in steps)):
        for headers in ({}, HTMX):
            assert post(visitor, url, **headers) in (403, 404), url
    assert kept(database) == before


def test_no_more_than_so_many(make_app: MakeApp, database: Database) -> None:
    site = open_site(make_app, USERKIT_EMAIL_ADDRESS_LIMIT=2)
    visitor, _added, _address = claimed(site)
    page = visitor.open(ADD_CARD)
    assert (page.html.select(ADD), cards(page)) == ([], [])
    assert last_row(page) == "An account has up to 2 email addresses. Remove one first."
    token = page.form("/sign-out").values[TOKEN]
    data = {TOKEN: token, "email_address": new_address()}
    page = request(visitor.client, "POST", URL, data)
    assert page.status == 403
    assert page.alerts == ["An account has up to 2 email addresses. Remove one first."]
    assert len(column(database, "SELECT id FROM userkit_email_address")) == 2


def test_read_only_shows_the_addresses_and_nothing_to_do(site: Site) -> None:
    embed(site, "/shown", 'read_only=["email_addresses"]')
    embed(site, "/hidden", 'hide=["email_addresses"]')
    visitor, added, address = owned(site)
    page = visitor.open(f"/shown?edit=email_addresses.removal.{added.rpartition('/')[2]}")
    assert [row.menu for row in shown(page)] == [[], []]
    assert shown(page)[1].address == address
    section = page.html.select_one(SECTION)
    assert section is not None
    assert section.select("form, a, button, input") == []
    assert visitor.open("/hidden").html.select_one(SECTION) is None


def embed(site: Site, url: str, arguments: str) -> None:
    source = (
        '{% from "userkit/macros.html" import user_profile %}'
        f"<title>Settings</title>{{{{ user_profile({arguments}) }}}}"
    )

    @site.app.get(url, endpoint=url)
    @login_required
    def shown_there() -> str:
        return render_template_string(source)


def test_in_an_apps_own_page_each_step_leads_back_to_it(site: Site) -> None:
    embed(site, "/settings", "")
    visitor, address = site.signed_in(), new_address()
    visitor.open("/settings?edit=email_addresses")
    page = visitor.submit(URL, email_address=address)
    assert page.url.startswith("/settings?edit=email_addresses.verification.idn_")
    page = visitor.submit("/verification", code=site.mailbox.wait(address).the_code)
    assert page.url.startswith("/settings?saved=")
    assert len(shown(page)) == 2


@pytest.mark.usefixtures("backend")
def test_fifty_addresses_cost_no_more_than_two(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_EMAIL_ADDRESS_LIMIT=60)
    ada = site.person()
    visitor, _added, _address = claimed(site, site.signed_in(ada))
    counted = []
    for _ in range(2):
        with count_queries() as queries:
            visitor.open(ACCOUNT)
        counted.append(len(queries))
        write(site, ada, *((new_address(), number % 2 == 0) for number in range(24)))
    write(site, ada, *((new_address(), True) for _ in range(24)))
    with count_queries() as queries:
        visitor.open(ACCOUNT)
    assert len(shown(visitor.page)) > 50
    assert counted[0] == counted[1] == len(queries) <= 6, queries.statements
