"""A known address and an unknown one get the same answers, and leave the same rows (B35)."""

from __future__ import annotations

from collections import Counter

import pytest

from flask_userkit.services import verifications
from tests.http.rows import counts
from tests.http.site import UNLIMITED
from tests.http.site import Site
from tests.http.site import open_site
from tests.pages.walks import EMAIL_ME
from tests.pages.walks import WALKS
from tests.pages.walks import Masked
from tests.pages.walks import mask
from tests.pages.walks import wrong_password
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.people import new_password
from tests.rig.visitor import Visitor

KNOWN = "known.person@example.com"
UNKNOWN = "other.person@example.com"
DIGITS = "123456"


@pytest.fixture
def site(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> Site:
    # Codes by chance could be the guess; these are none of the guesses.
    monkeypatch.setattr(verifications, "new_code", lambda: DIGITS)
    site = open_site(make_app)
    with site.app.app_context():
        site.kit.users.create_user(email_address=[KNOWN], password=new_password())
    return site


@pytest.mark.parametrize("walk", WALKS)
def test_the_answers_and_the_rows_are_the_same(site: Site, database: Database, walk: str) -> None:
    began = site.clock.now
    answers: list[list[Masked]] = []
    rows: list[Counter[str]] = []
    for address in (KNOWN, UNKNOWN):
        site.clock.now = began
        before = Counter(counts(database))
        pages = WALKS[walk](site, site.visitor(), address)
        answers.append([mask(page, address) for page in pages])
        after = Counter(counts(database))
        after.subtract(before)
        rows.append(after)
    known, unknown = answers
    for number, pair in enumerate(zip(known, unknown, strict=True)):
        assert pair[0] == pair[1], number
    # The rows of limits are one per key, and a key is whatever was typed.
    assert rows[0] - Counter(userkit_limit_hit=99) == rows[1] - Counter(userkit_limit_hit=99)
    assert {answer.status for answer in known} >= (
        {422} if walk == "wrong password" else {303, 422, 429}
    )


@pytest.mark.parametrize("kind", ["sign-in", "sign-up"])
def test_the_code_of_nobody_is_right_for_nobody(site: Site, kind: str, database: Database) -> None:
    # For an address without an account at sign-in, and for one with an account at sign-up.
    visitor = site.visitor()
    visitor.open(f"/account/{kind}")
    if kind == "sign-in":
        visitor.submit("/sign-in", button=EMAIL_ME, identifier=UNKNOWN)
    else:
        visitor.submit("/sign-up", email_address=KNOWN, password=new_password())
    right = visitor.submit(f"/{kind}/verification", code=DIGITS)
    assert right.status == 422
    wrong = visitor.submit(f"/{kind}/verification", code="000000")
    assert wrong.status == 422
    assert right.alerts == ["That code is not right. 4 attempts left."]
    assert wrong.alerts == ["That code is not right. 3 attempts left."]
    assert visitor.open("/whoami").json == {"user_id": None}
    assert counts(database).get("userkit_session", 0) == 0


def test_the_code_of_somebody_is_right(site: Site) -> None:
    visitor = site.visitor()
    visitor.open("/account/sign-in")
    visitor.submit("/sign-in", button=EMAIL_ME, identifier=KNOWN)
    visitor.submit("/sign-in/verification", code=DIGITS)
    assert visitor.open("/whoami").json != {"user_id": None}


def test_only_the_owner_is_told_that_an_address_is_taken(site: Site) -> None:
    for address in (KNOWN, UNKNOWN):
        visitor = site.visitor()
        visitor.open("/account/sign-up")
        visitor.submit("/sign-up", email_address=address, password=new_password())
    notice, code = site.mailbox.wait(KNOWN), site.mailbox.wait(UNKNOWN)
    assert notice.code is None
    assert "already" in notice.subject
    assert code.code == DIGITS
    assert [mail.to for mail in site.mailbox.all()].count(KNOWN) == 1


def test_a_ban_is_told_to_who_gives_the_right_password_and_to_nobody_else(site: Site) -> None:
    banned, password = "banned.human@example.com", new_password()
    with site.app.app_context():
        user = site.kit.users.create_user(email_address=[banned], password=password)
        site.kit.users.ban_user(user.id)
    wrong = [mask(p, banned) for p in wrong_password(site, site.visitor(), banned)]
    assert wrong == [mask(p, UNKNOWN) for p in wrong_password(site, site.visitor(), UNKNOWN)]
    visitor = site.visitor()
    visitor.open("/account/sign-in")
    told = visitor.submit("/sign-in", identifier=banned, password=password)
    assert told.status == 403
    assert told.alerts == ["This account cannot sign in."]
    assert visitor.open("/whoami").json == {"user_id": None}


def test_a_banned_persons_code_signs_nobody_in(site: Site) -> None:
    banned = "banned.human@example.com"
    with site.app.app_context():
        user = site.kit.users.create_user(email_address=[banned], password=new_password())
        site.kit.users.ban_user(user.id)
    visitor = site.visitor()
    visitor.open("/account/sign-in")
    visitor.submit("/sign-in", button=EMAIL_ME, identifier=banned)
    told = visitor.submit("/sign-in/verification", code=DIGITS)
    assert told.status == 403
    assert visitor.open("/whoami").json == {"user_id": None}


@pytest.mark.parametrize("kind", ["password", "code", "sign-up", "password-reset"])
def test_a_limit_is_reached_at_the_same_request(make_app: MakeApp, kind: str) -> None:
    few = {"sign_in:account": "2/hour", "message:address": "2/hour"}
    site = open_site(make_app, USERKIT_RATE_LIMITS=UNLIMITED | few)
    with site.app.app_context():
        site.kit.users.create_user(email_address=[KNOWN], password=new_password())
    answers = []
    for address in (KNOWN, UNKNOWN):
        pages = [_first_step(site.visitor(), kind, address) for _ in range(4)]
        answers.append([mask(page, address) for page in pages])
    assert answers[0] == answers[1]
    refused = 403 if kind == "password" else 429
    assert [answer.status == refused for answer in answers[0]] == [False, False, True, True]


def _first_step(visitor: Visitor, kind: str, address: str) -> Page:
    if kind == "sign-up":
        visitor.open("/account/sign-up")
        password = new_password()
        return visitor.submit("/sign-up", email_address=address, password=password, follow=False)
    if kind == "password-reset":
        visitor.open("/account/password-reset")
        return visitor.submit("/password-reset", identifier=address, follow=False)
    visitor.open("/account/sign-in")
    button = EMAIL_ME if kind == "code" else None
    return visitor.submit(
        "/sign-in", button=button, identifier=address, password="wrong", follow=False
    )
