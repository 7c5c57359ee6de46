"""Ways through sign-in and sign-up with one address, and what of the answers is not chance."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable

from tests.http.cookies import parse
from tests.http.site import Site
from tests.rig.pages import Page
from tests.rig.people import new_password
from tests.rig.visitor import Visitor

EMAIL_ME = ("strategy", "email_code")

_TOKEN = re.compile(r'(name="userkit_csrf" value=")[^"]*')
_DATE = re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")


class Masked(t.NamedTuple):
    """What is left of an answer once all that differs by chance is gone."""

    status: int
    headers: list[tuple[str, str]]
    cookies: list[tuple[str, dict[str, str], int]]
    body: str


def mask(page: Page, address: str) -> Masked:
    cookies = [parse(header) for header in page.cookies]
    return Masked(
        page.status,
        [
            (name, value.replace(address, "ADDRESS"))
            for name, value in page.headers
            if name != "Set-Cookie"
        ],
        [
            (c.name, {k: _DATE.sub("DATE", v) for k, v in c.attributes.items()}, len(c.value))
            for c in cookies
        ],
        _TOKEN.sub(r"\1TOKEN", page.text).replace(address, "ADDRESS"),
    )


Walk = Callable[[Site, Visitor, str], list[Page]]


def wrong_password(site: Site, visitor: Visitor, address: str) -> list[Page]:
    visitor.open("/account/sign-in?next=/members")
    return [
        visitor.submit("/sign-in", identifier=address, password=f"wrong {number}")
        for number in range(3)
    ]


def code_to_sign_in(site: Site, visitor: Visitor, address: str) -> list[Page]:
    visitor.open("/account/sign-in?next=/members")
    asked = visitor.submit("/sign-in", button=EMAIL_ME, identifier=address, follow=False)
    return [asked, *codes(site, visitor, "sign-in")]


def sign_up(site: Site, visitor: Visitor, address: str) -> list[Page]:
    visitor.open("/account/sign-up?next=/members")
    password = new_password()
    asked = visitor.submit("/sign-up", email_address=address, password=password, follow=False)
    return [asked, *codes(site, visitor, "sign-up")]


def password_reset(site: Site, visitor: Visitor, address: str) -> list[Page]:
    visitor.open("/account/password-reset?next=/members")
    asked = visitor.submit("/password-reset", identifier=address, follow=False)
    here = "/account/password-reset/verification"
    weak = [visitor.open(here), visitor.submit("/verification", code="000000", password="weak")]
    return [asked, *weak, *codes(site, visitor, "password-reset", password=new_password())]


def codes(site: Site, visitor: Visitor, kind: str, **more: t.Any) -> list[Page]:
    """Guess, ask for another code too soon and in time, guess until no attempt is left."""
    here = f"/account/{kind}/verification"
    pages = [visitor.open(here)]
    delivery = f"/{kind}/verification/delivery"
    pages += [visitor.submit(f"/{kind}/verification", code="12345", **more)]
    pages += [visitor.submit(f"/{kind}/verification", code="000000", **more)]
    pages += [visitor.submit(delivery)]
    site.clock.tick(31)
    pages += [visitor.open(here), visitor.submit(delivery, follow=False), visitor.open(here)]
    pages += [visitor.submit(f"/{kind}/verification", code="000000", **more) for _ in range(5)]
    site.clock.tick(31)
    pages += [visitor.open(here), visitor.submit(delivery), visitor.open(here)]
    site.clock.tick(1800)
    last = visitor.submit(f"/{kind}/verification", code="000000", **more)
    return [*pages, last, visitor.open(here)]


WALKS: dict[str, Walk] = {
    "wrong password": wrong_password,
    "code to sign in": code_to_sign_in,
    "password reset": password_reset,
    "sign-up": sign_up,
}
