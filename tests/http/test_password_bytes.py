"""A password is taken as it is typed, wherever one is typed, and a huge one costs no hash."""

from __future__ import annotations

import typing as t

import pytest

from flask_userkit.security.passwords import Passwords
from tests.http.site import FORMS
from tests.http.site import Ready
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.people import Person
from tests.rig.people import sign_in

#: Of one length and some forty words, none of them known.
LONGEST = ("café au lait, " * 74)[:1024]


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What argon2 was asked to do."""
    asked: list[str] = []

    def count(name: str) -> None:
        work = getattr(Passwords, name)

        def counted(*args: t.Any) -> t.Any:
            asked.append(name)
            return work(*args)

        monkeypatch.setattr(Passwords, name, counted)

    count("hash")
    count("verify")
    return asked


def with_password(ready: Ready, password: str) -> Page:
    """Send a form with this in each field of a password."""
    return ready.send(
        {name: password if "password" in name else value for name, value in ready.data.items()}
    )


@pytest.mark.parametrize(
    "form", ["sign-in by password", "sign-up", "code of a password reset", "password"]
)
def test_a_huge_one_is_refused_without_a_hash(site: Site, hashed: list[str], form: str) -> None:
    ready = FORMS[form][1](site)
    hashed.clear()
    for size, statuses in ((1025, [422]), (200_000, [422]), (1_000_000, [413, 422])):
        assert with_password(ready, "x" * size).status in statuses
    assert hashed == []
    with_password(ready, LONGEST)
    assert hashed == ["verify" if form == "sign-in by password" else "hash"]


@pytest.mark.parametrize("form", ["sign-up", "code of a password reset", "password"])
def test_eight_characters_are_enough_and_seven_are_not(site: Site, form: str) -> None:
    ready = FORMS[form][1](site)
    page = with_password(ready, "kq7!xz9")
    assert (page.status, page.alerts) == (422, ["A password has 8 characters or more."])
    assert with_password(ready, "kq7!xz9w").status == 303


CAFE = "caf\u00e9 at the corner"
BYTES = [
    ("long", "x y z w" * 11 + "ab", "x y z w" * 11 + "ac", False),
    ("spaces", " open  sesame ", "open  sesame", False),
    ("one form of a letter", CAFE, CAFE.replace("\u00e9", "e\u0301"), True),
    ("another letter", "\ufb01nesse of the day", "finesse of the day", False),
    ("emoji", "😀😃😄😁😆😅🤣😂🙂🙃😉😊😇🥰😍", "😀😃😄😁😆😅🤣😂🙂🙃😉😊😇🥰😎", False),
]


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("form", ["sign-up", "password"])
def test_it_is_taken_byte_by_byte_as_it_is_typed(site: Site, form: str) -> None:
    for name, password, other, same in BYTES:
        ready = FORMS[form][1](site)
        assert with_password(ready, password).status == 303, name
        address = ready.data.get("email_address") or ready.data["username"]
        if form == "sign-up":
            code = site.mailbox.wait(address).the_code
            ready.visitor.open("/account/sign-up/verification")
            ready.visitor.submit("/sign-up/verification", code=code)
        for typed, right in ((password, True), (other, same)):
            visitor = site.visitor()
            sign_in(visitor, Person(email_address=address, password=typed))
            assert visitor.page.url.startswith("/account/sign-in") != right, name
