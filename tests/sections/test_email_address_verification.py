"""The code of an email address: wrong, too old, another's, asked for again, and of a taken one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from flask_userkit.services import verifications
from tests.http.address_forms import ACCOUNT
from tests.http.address_forms import URL
from tests.http.address_forms import card_of
from tests.http.address_forms import claimed
from tests.http.address_forms import owned
from tests.http.rows import column
from tests.http.rows import counts
from tests.http.rows import scalar
from tests.http.site import TOKEN
from tests.http.site import Site
from tests.http.site import open_site
from tests.pages.walks import Masked
from tests.pages.walks import mask
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.visitor import Visitor
from tests.sections.address_rows import SECTION
from tests.sections.address_rows import cards
from tests.sections.address_rows import shown

HTMX = {"HX-Request": "true"}
WAYS = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
RIGHT, WRONG = "123456", "654321"
TAKEN, FREE = "known.person@example.com", "other.person@example.com"
VERIFIED = "Your email address is verified."
GONE = "There is no such email address."
_ID = re.compile(r"idn_\w+")


@pytest.fixture
def site(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> Site:
    # Codes by chance could be the guess; these are none of the guesses.
    monkeypatch.setattr(verifications, "new_code", lambda: RIGHT)
    return open_site(make_app)


def send(visitor: Visitor, url: str, headers: dict[str, str] | None = None, **typed: str) -> Page:
    token = visitor.open(ACCOUNT).form("/sign-out").values[TOKEN]
    return request(visitor.client, "POST", url, {TOKEN: token, **typed}, headers or {})


def proven(database: Database, address: str) -> bool:
    statement = "SELECT count(*) FROM userkit_email_address WHERE verified_key = :address"
    return bool(scalar(database, statement, address=address))


@pytest.mark.usefixtures("backend")
@WAYS
def test_five_wrong_codes_are_told_and_then_the_right_one_is_wrong(
    site: Site, database: Database, headers: dict[str, str]
) -> None:
    visitor, added, address = claimed(site)
    answers = [send(visitor, f"{added}/verification", headers, code=WRONG) for _ in range(4)]
    assert [(page.status, page.alerts) for page in answers] == [
        (422, [f"That code is not right. {left} left."])
        for left in ("4 attempts", "3 attempts", "2 attempts", "1 attempt")
    ]
    field = answers[0].html.select_one(f"{SECTION} [name=code]")
    assert field is not None
    assert (field["aria-invalid"], field["value"]) == ("true", WRONG)
    offered = [len(page.html.select(f"{SECTION} userkit-countdown")) for page in answers]
    last = send(visitor, f"{added}/verification", headers, code=WRONG)
    # Nobody is offered what would be refused.
    offered.append(len(last.html.select(f"{SECTION} userkit-countdown")))
    assert offered == [1, 1, 1, 1, 0]
    page = send(visitor, f"{added}/verification", headers, code=RIGHT)
    assert page.status == 400
    assert len(page.alerts) == 1
    assert "too many attempts" in page.alerts[0]
    site.clock.tick(31)
    page = send(visitor, f"{added}/verification/delivery", headers)
    assert page.status == 400
    assert page.header("Retry-After")
    assert not proven(database, address)
    site.clock.tick(minutes=10)
    assert send(visitor, f"{added}/verification/delivery", headers).status in (200, 303)
    assert send(visitor, f"{added}/verification", headers, code=RIGHT).status in (200, 303)
    assert proven(database, address)


@pytest.mark.usefixtures("backend")
def test_another_code_is_sent_after_half_a_minute(site: Site) -> None:
    visitor, added, address = claimed(site)
    card = card_of(added, "verification")
    page = visitor.open(card)
    assert page.form("/delivery").buttons == (), "not yet"
    assert "You can ask for a new code in 30 seconds ." in page.words
    early = send(visitor, f"{added}/verification/delivery", again="1")
    assert early.status == 429
    assert early.header("Retry-After") == "30"
    assert early.alerts != []
    site.clock.tick(31)
    visitor.open(card)
    page = visitor.submit("/delivery", button=("again", "1"))
    assert "A new message is on its way." in page.words
    assert (cards(page), page.form("/delivery").buttons) == (["Enter the 6-digit code"], ())
    first, second = (site.mailbox.wait(address) for _mail in range(2))
    assert (first.code, second.code) == (RIGHT, RIGHT)
    site.clock.tick(31)
    page = send(visitor, f"{added}/verification/delivery", HTMX, again="1")
    (told,) = page.html.select("[hx-swap-oob='innerHTML:[data-userkit-status]']")
    assert told.get_text() == "A new message is on its way."


@WAYS
def test_a_code_that_is_too_old_leads_to_another(site: Site, headers: dict[str, str]) -> None:
    visitor, added, _address = claimed(site)
    site.clock.tick(minutes=10)
    page = send(visitor, f"{added}/verification", headers, code=RIGHT)
    assert (page.status, page.alerts) == (400, ["This code is too old. Ask for a new one."])
    assert page.html.select(f"{SECTION} userkit-countdown button[name=again]:not([disabled])")
    verify = visitor.open(ACCOUNT).form("/delivery")
    assert verify.action.startswith(added), "from the menu another one is sent"
    page = visitor.submit("/delivery")
    assert cards(page) == ["Enter the 6-digit code"]
    assert VERIFIED in visitor.submit("/verification", code=RIGHT).words


@WAYS
def test_another_browser_asks_for_no_code_that_cannot_work_there(
    site: Site, headers: dict[str, str]
) -> None:
    ada = site.person()
    first, added, _address = claimed(site, site.signed_in(ada))
    assert cards(first.open(card_of(added, "verification"))) == ["Enter the 6-digit code"]
    visitor = site.signed_in(ada)
    page = visitor.open(card_of(added, "verification"))
    assert cards(page) == ["This code is too old. Ask for a new one."]
    assert "We sent it to" not in page.words
    page = send(visitor, f"{added}/verification", headers, code=RIGHT)
    assert (page.status, page.alerts) == (400, ["This code is too old. Ask for a new one."])
    assert "We sent it to" not in page.words
    site.clock.tick(31)
    menu = visitor.open(ACCOUNT).form("/delivery")
    assert menu.action.startswith(added), "from the menu one is sent that works here"
    page = visitor.submit("/delivery")
    assert cards(page) == ["Enter the 6-digit code"]
    assert "We sent it to" in page.words
    assert VERIFIED in visitor.submit("/verification", code=RIGHT).words


@pytest.mark.usefixtures("backend")
@WAYS
def test_a_code_is_good_for_its_address_its_browser_and_its_user_alone(
    site: Site, database: Database, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = site.person()
    visitor, added, address = claimed(site, site.signed_in(ada))
    monkeypatch.setattr(verifications, "new_code", lambda: "222222")
    _visitor, other, _other = claimed(site, visitor)
    assert send(visitor, f"{other}/verification", headers, code=RIGHT).status == 422
    elsewhere = send(site.signed_in(ada), f"{added}/verification", headers, code=RIGHT)
    assert elsewhere.status in (400, 422)
    assert elsewhere.alerts != []
    stranger = send(site.signed_in(), f"{added}/verification", headers, code=RIGHT)
    assert (stranger.status, stranger.alerts) == (404, [GONE])
    assert not proven(database, address)
    assert send(visitor, f"{added}/verification", headers, code=RIGHT).status in (200, 303)
    assert proven(database, address)


def test_the_second_of_two_tabs_is_told_that_it_is_done(site: Site) -> None:
    visitor, added, _address = claimed(site)
    card = card_of(added, "verification")
    other = visitor.open(card).form("/verification")
    visitor.submit("/verification", code=RIGHT)
    page = request(visitor.client, "POST", other.action, other.filled({"code": RIGHT}, None))
    assert page.status == 400
    assert page.alerts == ["This email address is confirmed already."]
    page = visitor.open(card)
    assert (cards(page), VERIFIED in page.words) == ([], True)
    removal = visitor.open(card_of(added, "removal")).form("/removal")
    visitor.submit("/removal")
    for headers in ({}, HTMX):
        page = request(visitor.client, "POST", removal.action, dict(removal.values), headers)
        assert (page.status, page.alerts) == (404, [GONE])


@pytest.mark.usefixtures("backend")
@WAYS
def test_no_old_code_proves_what_somebody_else_owns_meanwhile(
    site: Site, database: Database, headers: dict[str, str]
) -> None:
    visitor, added, address = claimed(site)
    site.person(email_address=address)
    page = send(visitor, f"{added}/verification", headers, code=RIGHT)
    assert page.status in (400, 422)
    assert len(page.alerts) == 1
    statement = "SELECT user_id FROM userkit_email_address WHERE verified_key = :address"
    (owner,) = column(database, statement, address=address)
    assert owner != visitor.open("/whoami").json["user_id"]


@pytest.mark.usefixtures("backend")
@WAYS
def test_adding_a_taken_address_looks_like_adding_a_free_one(
    site: Site, database: Database, headers: dict[str, str]
) -> None:
    site.person(email_address=TAKEN)
    visitor = site.signed_in()
    began = site.clock.now
    answers: list[list[Masked]] = []
    rows: list[Counter[str]] = []
    for address in (TAKEN, FREE):
        site.clock.now = began
        before = Counter(counts(database))
        pages = list(walk(site, visitor, address, headers))
        answers.append([masked(page, address) for page in pages])
        after = Counter(counts(database))
        after.subtract(before)
        rows.append(after)
    for number, pair in enumerate(zip(*answers, strict=True)):
        assert pair[0] == pair[1], number
    # The rows of limits are one per key, and a key is whatever was typed.
    assert rows[0] - Counter(userkit_limit_hit=99) == rows[1] - Counter(userkit_limit_hit=99)
    notice, code = site.mailbox.wait(TAKEN), site.mailbox.wait(FREE)
    assert (notice.code, code.code) == (None, RIGHT)


def walk(site: Site, visitor: Visitor, address: str, headers: dict[str, str]) -> Iterator[Page]:
    """Do to an address all that can be done without its mail."""
    yield send(visitor, URL, headers, email_address=address)
    yield visitor.open(ACCOUNT)
    added = f"{URL}/{ids(visitor.page)[1]}"
    yield visitor.open(card_of(added, "verification"))
    yield send(visitor, f"{added}/verification", headers, code=WRONG)
    yield send(visitor, f"{added}/primary", headers)
    yield send(visitor, f"{added}/verification/delivery", headers)
    site.clock.tick(31)
    yield send(visitor, f"{added}/verification/delivery", headers)
    yield send(visitor, URL, headers, email_address=address)
    yield send(visitor, f"{added}/removal", headers)


def ids(page: Page) -> list[str]:
    """Return the ids of the rows in their order."""
    return list(dict.fromkeys(_ID.findall(str(page.html.select_one(SECTION)))))


def masked(page: Page, address: str) -> Masked:
    found = mask(page, address)
    headers = [(name, _ID.sub("ID", value)) for name, value in found.headers]
    return found._replace(body=_ID.sub("ID", found.body), headers=headers)


def test_a_waiting_address_that_is_added_again_sends_no_second_mail(site: Site) -> None:
    visitor, added, address = claimed(site)
    page = send(visitor, URL, email_address=address.upper())
    assert page.location == card_of(added, "verification")
    assert len(shown(visitor.open(ACCOUNT))) == 2
    assert site.mailbox.wait(address).code
    assert [mail.to for mail in site.mailbox.all()].count(address) == 1


def test_an_address_of_ones_own_is_told_to_be(site: Site) -> None:
    visitor, _added, address = owned(site)
    page = send(visitor, URL, email_address=address.upper())
    assert page.status == 422
    assert len(page.alerts) == 1
    assert page.form(URL).values["email_address"] == address.upper()
