"""Codes as people type them: each good for one purpose, one browser, ten minutes, five tries."""

from __future__ import annotations

import typing as t

import pytest

from tests.http.rows import counts
from tests.http.rows import scalar
from tests.http.site import FORMS
from tests.http.site import TOKEN
from tests.http.site import UNLIMITED
from tests.http.site import Ready
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp

KINDS = ("code of a sign-in", "code of a sign-up")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
BENGALI = str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")

Spell = t.Callable[[str], str]
SPELLINGS: dict[str, Spell] = {
    "a space in the middle": lambda code: f"{code[:3]} {code[3:]}",
    "a dash in the middle": lambda code: f"{code[:3]}-{code[3:]}",
    "a long dash": lambda code: f"{code[:3]}–{code[3:]}",
    "a no-break space": lambda code: f"{code[:3]}\u00a0{code[3:]}",
    "space around": lambda code: f"  {code}\r\n",
    "a mark of direction": lambda code: f"\u200e{code}\u200f",
    "Arabic digits": lambda code: code.translate(ARABIC),
    "full-width digits": lambda code: code.translate(FULL_WIDTH),
    "Bengali digits": lambda code: code.translate(BENGALI),
}
NO_CODES: dict[str, Spell] = {
    "nothing": lambda code: "",
    "five digits": lambda code: code[:5],
    "seven digits": lambda code: code + "0",
    "letters": lambda code: "abcdef",
    "a letter among them": lambda code: code[:5] + "O",
    "a sign": lambda code: "+" + code[:5],
    "superscripts": lambda code: code.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")),
    "a fraction": lambda code: code[:5] + "½",
    "a number in words": lambda code: "一二三四五六",
    "a thousand digits": lambda code: code * 200,
    "a wildcard": lambda code: "%",
}


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def typed(ready: Ready, code: str) -> tuple[int, list[str]]:
    page = ready.send({**ready.data, "code": code})
    return page.status, page.alerts


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_code_counts_however_it_is_spelled(site: Site, kind: str, spelling: str) -> None:
    ready = FORMS[kind][1](site)
    assert typed(ready, SPELLINGS[spelling](ready.data["code"]))[0] == 303


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_code_is_told_and_spends_no_attempt(
    site: Site, kind: str, database: Database
) -> None:
    ready = FORMS[kind][1](site)
    for name, spell in NO_CODES.items():
        status, alerts = typed(ready, spell(ready.data["code"]))
        assert (status, alerts) == (422, ["Enter the 6 digits of the code."]), name
    assert scalar(database, "SELECT max(attempts) FROM userkit_verification") == 0
    assert ready.send().status == 303


@pytest.mark.parametrize("kind", KINDS)
def test_after_five_wrong_ones_the_right_one_is_refused(site: Site, kind: str) -> None:
    ready = FORMS[kind][1](site)
    wrong = f"{(int(ready.data['code']) + 1) % 1_000_000:06}"
    left = [typed(ready, wrong)[1][0] for _ in range(5)]
    assert [text.rpartition("right")[2] for text in left] == [
        ". 4 attempts left.",
        ". 3 attempts left.",
        ". 2 attempts left.",
        ". 1 attempt left.",
        ", and it was the last attempt. Start again.",
    ]
    assert typed(ready, ready.data["code"])[0] == 400
    assert ready.visitor.open("/whoami").json == {"user_id": None}


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_code_retires_the_old_one_and_brings_no_new_attempts(site: Site, kind: str) -> None:
    ready = FORMS[kind][1](site)
    old = ready.data["code"]
    wrong = f"{(int(old) + 1) % 1_000_000:06}"
    for _ in range(3):
        typed(ready, wrong)
    site.clock.tick(31)
    ready.visitor.open(ready.url)
    ready.visitor.submit(f"{ready.url}/delivery")
    address = scalar_address(ready)
    new = site.mailbox.wait(address).the_code
    # Of a million codes the new one may be the old one, or the guess.
    if new not in (old, wrong):
        assert typed(ready, old)[0] == 422
        assert typed(ready, wrong)[0] == 422
        assert typed(ready, new)[0] == 400
    else:
        assert typed(ready, new)[0] == 303


def scalar_address(ready: Ready) -> str:
    """Return the address that the page of the code names."""
    tag = ready.visitor.open(ready.url).html.select_one("bdi")
    assert tag is not None
    return tag.get_text()


@pytest.mark.parametrize("kind", KINDS)
def test_a_code_works_for_ten_minutes(site: Site, kind: str) -> None:
    for seconds, works in ((599, True), (600, False), (601, False)):
        ready = FORMS[kind][1](site)
        site.clock.tick(seconds)
        ready.send()
        signed_in = ready.visitor.open("/whoami").json["user_id"] is not None
        assert signed_in == works, seconds


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("minutes", [11, 40])
def test_who_comes_too_late_is_told(site: Site, kind: str, minutes: int) -> None:
    ready = FORMS[kind][1](site)
    site.clock.tick(minutes=minutes)
    page = ready.send()
    assert page.status == 400
    assert page.alerts[0] in (
        "This code is too old. Ask for a new one.",
        "This took too long. Start again.",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_code_works_once(site: Site, kind: str, database: Database) -> None:
    ready = FORMS[kind][1](site)
    assert ready.send().status == 303
    page = ready.visitor.open("/").form("/sign-out").values[TOKEN]
    before = counts(database)
    again = ready.send({**ready.data, TOKEN: page})
    assert again.status in (303, 400)
    assert counts(database) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_code_works_in_its_own_browser_alone(site: Site, kind: str) -> None:
    first, second = FORMS[kind][1](site), FORMS[kind][1](site)
    if first.data["code"] != second.data["code"]:
        assert typed(second, first.data["code"])[0] == 422
    stranger = FORMS["sign-in by password"][1](site)
    stranger.url = first.url
    assert stranger.send({**stranger.data, "code": first.data["code"]}).status in (303, 400)
    assert stranger.visitor.open("/whoami").json == {"user_id": None}


def test_a_code_of_one_purpose_is_none_of_another(site: Site) -> None:
    # One browser is in the middle of both; each code stands beside the other's form.
    signing_up = FORMS["code of a sign-up"][1](site)
    visitor, ada = signing_up.visitor, site.person()
    visitor.open("/account/sign-in")
    visitor.submit("/sign-in", button=("strategy", "email_code"), identifier=ada.email_address)
    code = site.mailbox.wait(ada.email_address).the_code
    if code == signing_up.data["code"]:
        return
    for url, wrong in (
        ("/account/sign-in/verification", signing_up.data["code"]),
        ("/account/sign-up/verification", code),
    ):
        visitor.open(url)
        assert visitor.submit("/verification", code=wrong).status == 422
    visitor.open("/account/sign-in/verification")
    visitor.submit("/sign-in/verification", code=code)
    assert visitor.open("/whoami").json != {"user_id": None}


@pytest.mark.parametrize("kind", ["sign-in", "sign-up"])
def test_codes_are_sent_no_more_often_than_the_limit_says(make_app: MakeApp, kind: str) -> None:
    site = open_site(make_app, USERKIT_RATE_LIMITS=UNLIMITED | {"message:address": "3/hour"})
    ready = FORMS[f"code of a {kind}"][1](site)
    statuses = []
    for _ in range(6):
        site.clock.tick(31)
        ready.visitor.open(ready.url)
        page = ready.visitor.submit(f"{ready.url}/delivery", follow=False)
        statuses.append(page.status)
        if page.status == 429:
            assert 1 <= int(page.header("Retry-After") or 0) <= 3600
            assert page.alerts[0].startswith("Too many attempts. Try again in ")
    assert statuses == [303, 303, 429, 429, 429, 429]
    for _ in range(2):
        site.mailbox.wait(scalar_address(ready))
    assert len(site.mailbox.all()) == 3
