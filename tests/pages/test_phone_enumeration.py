"""A known phone number and an unknown one get the same answers over HTTP, word for word (B35)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from flask_userkit.security.phone_numbers import format_phone_number
from flask_userkit.services import outbox_texts
from flask_userkit.services import verifications
from tests.http.rows import counts
from tests.http.site import UNLIMITED
from tests.http.site import Site
from tests.http.site import open_site
from tests.pages import walks
from tests.pages.walks import EMAIL_ME
from tests.pages.walks import Masked
from tests.pages.walks import mask
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.people import new_password
from tests.rig.twilio import Gateway
from tests.rig.visitor import Visitor
from tests.services.deliveries import deliver_all

KNOWN, UNKNOWN = "+4915123456789", "+4915198765432"
DIGITS = "123456"
LATE = "Text messages are late at the moment."
ASKED = {"sign-in": "identifier", "password-reset": "identifier", "sign-up": "phone_number"}


def sign_up(site: Site, visitor: Visitor, number: str) -> list[Page]:
    asked = ask(visitor, "sign-up", number)
    return [asked, *walks.codes(site, visitor, "sign-up")]


WALKS = {**walks.WALKS, "sign-up": sign_up}


def ask(visitor: Visitor, kind: str, number: str) -> Page:
    """Ask for a code, up to the answer before the page for it."""
    visitor.open(f"/account/{kind}?with=phone_number")
    typed = {ASKED[kind]: number} | ({"password": new_password()} if kind == "sign-up" else {})
    button = EMAIL_ME if kind == "sign-in" else None
    return visitor.submit(f"/{kind}", button=button, follow=False, **typed)


def masked(page: Page, number: str) -> Masked:
    found = mask(page, number)
    return found._replace(body=found.body.replace(format_phone_number(number), "NUMBER"))


def open_phones(make_app: MakeApp, **settings: object) -> Site:
    site = open_site(
        make_app,
        **{
            "USERKIT_EMAIL_ADDRESS": "optional",
            "USERKIT_PHONE_NUMBER": "optional",
            **settings,
        },
    )
    with site.app.app_context():
        site.kit.users.create_user(phone_number=[KNOWN], password=new_password())
    return site


@pytest.fixture
def site(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> Site:
    # Codes by chance could be the guess; these are none of the guesses.
    monkeypatch.setattr(verifications, "new_code", lambda: DIGITS)
    return open_phones(make_app)


@pytest.mark.parametrize("walk", WALKS)
def test_the_answers_and_the_rows_are_the_same(site: Site, database: Database, walk: str) -> None:
    began = site.clock.now
    answers: list[list[Masked]] = []
    rows: list[Counter[str]] = []
    for number in (KNOWN, UNKNOWN):
        site.clock.now = began
        before = Counter(counts(database))
        pages = WALKS[walk](site, site.visitor(), number)
        answers.append([masked(page, number) for page in pages])
        after = Counter(counts(database))
        after.subtract(before)
        rows.append(after)
    known, unknown = answers
    for index, pair in enumerate(zip(known, unknown, strict=True)):
        assert pair[0] == pair[1], index
    assert rows[0] - Counter(userkit_limit_hit=99) == rows[1] - Counter(userkit_limit_hit=99)
    assert {answer.status for answer in known} >= (
        {422} if walk == "wrong password" else {303, 422, 429}
    )
    if walk != "wrong password":
        assert any("NUMBER" in answer.body for answer in known)


@pytest.mark.parametrize("kind", ASKED)
def test_a_limit_is_reached_at_the_same_request(make_app: MakeApp, kind: str) -> None:
    site = open_phones(make_app, USERKIT_RATE_LIMITS=UNLIMITED | {"sms:number": "2/hour"})
    answers = []
    for number in (KNOWN, UNKNOWN):
        pages = [ask(site.visitor(), kind, number) for _ in range(4)]
        answers.append([masked(page, number) for page in pages])
    assert answers[0] == answers[1]
    assert [answer.status for answer in answers[0]] == [303, 303, 429, 429]


@pytest.mark.parametrize("kind", ASKED)
def test_the_page_speaks_of_the_phone_and_leads_back_to_another_number(
    site: Site, kind: str
) -> None:
    visitor = site.visitor()
    ask(visitor, kind, UNKNOWN)
    page = visitor.open(f"/account/{kind}/verification")
    if kind != "password-reset":
        (heading,) = page.html.select("h1")
        assert heading.text.strip() == "Check your phone"
        assert page.html.title is not None
        assert "Check your phone" in page.html.title.text
    assert format_phone_number(UNKNOWN) in page.text
    assert "email" not in page.html.select("main")[0].get_text().lower()
    (another,) = [link for link in page.html.select("a") if "another" in link.text]
    assert another.text.strip() == "Use another number"
    back = visitor.open(str(another["href"]))
    wanted = ASKED[kind]
    assert wanted in back.form(f"/{kind}").names


Failing = Callable[[Gateway], None]
FAILURES: dict[str, Failing] = {
    "down": Gateway.stop,
    "away": lambda gateway: setattr(gateway, "mode", "429"),
    "nonsense": lambda gateway: setattr(gateway, "mode", "garbage 200"),
    "out of order": lambda gateway: setattr(gateway, "mode", "500"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_late_texts_are_told_to_known_and_unknown_alike(
    make_app: MakeApp, gateway: Gateway, failure: str
) -> None:
    site = open_phones(make_app, USERKIT_SMS_URL=gateway.url, USERKIT_OUTBOX="worker")
    with site.app.app_context():
        kit = site.kit.kit
    FAILURES[failure](gateway)
    for kind in ASKED:
        told = []
        for number in (KNOWN, UNKNOWN):
            visitor = site.visitor()
            # What is asked for is kept, whatever becomes of the text.
            assert ask(visitor, kind, number).status == 303
            with site.app.app_context():
                deliver_all(kit)
            site.clock.tick(31)
            page = visitor.open(f"/account/{kind}/verification")
            told.append(masked(page, number))
            assert page.status == 200
            assert LATE in page.text, (kind, number)
        assert told[0] == told[1]
    taken = len(gateway.requests)
    for _ in range(40):
        site.clock.tick(30)
        with site.app.app_context():
            deliver_all(kit)
    to = Counter(request.to for request in gateway.requests)
    if failure in ("nonsense", "out of order"):
        # It may have been taken: it is not paid for twice.
        assert len(gateway.requests) == taken
        # A code to sign in, one to reset and what the owner hears of the sign-up.
        assert to == {KNOWN: 3, UNKNOWN: 1}
    elif failure == "away":
        # It was surely not: each is tried a few times, which costs nothing.
        assert to[KNOWN] <= 3 * outbox_texts.MAX_ATTEMPTS
        assert to[UNKNOWN] <= outbox_texts.MAX_ATTEMPTS
        gateway.mode = "ok"
        tried = len(gateway.requests)
        ask(site.visitor(), "sign-in", KNOWN)
        with site.app.app_context():
            deliver_all(kit)
        assert len(gateway.requests) == tried + 1, "what is too old is not sent any more"


def test_once_texts_arrive_nothing_is_told_and_each_is_sent_once(
    make_app: MakeApp, gateway: Gateway
) -> None:
    site = open_phones(make_app, USERKIT_SMS_URL=gateway.url, USERKIT_OUTBOX="worker")
    with site.app.app_context():
        kit = site.kit.kit
    visitor = site.visitor()
    ask(visitor, "sign-in", KNOWN)
    with site.app.app_context():
        deliver_all(kit)
    page = visitor.open("/account/sign-in/verification")
    assert LATE not in page.text
    (sent,) = gateway.requests
    assert sent.to == KNOWN
    code = sent.text[:6]
    visitor.submit("/sign-in/verification", code=code)
    assert visitor.open("/whoami").json != {"user_id": None}
    for _ in range(10):
        site.clock.tick(60)
        with site.app.app_context():
            deliver_all(kit)
    assert len(gateway.requests) == 1
