"""People who sign up and sign in through the pages, as anybody would."""

from __future__ import annotations

import itertools
import secrets
import typing as t
from dataclasses import dataclass
from dataclasses import field

from .mailbox import Mailbox
from .pages import Page
from .recorder import record
from .visitor import Visitor

_count = itertools.count(1)
_START = secrets.randbelow(10**7)
ADA = "Ada"
LOVELACE = "Lovelace"


def new_address() -> str:
    """Return an address that nobody has."""
    return f"person{next(_count)}.{secrets.token_hex(3)}@example.com"


def new_number() -> str:
    """Return a number of a German mobile phone that nobody has."""
    return f"+491512{(_START + next(_count)) % 10**7:07}"


def new_password() -> str:
    """Return a password that nobody has, and write it down."""
    password = f"{secrets.token_urlsafe(9)} correct horse"
    record("password", password)
    return password


@dataclass(frozen=True)
class Person:
    """Somebody who knows what to type."""

    email_address: str = field(default_factory=new_address)
    password: str = field(default_factory=new_password)
    first_name: str = ADA
    last_name: str = LOVELACE
    username: str | None = None
    phone_number: str | None = None

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


def sign_up(
    visitor: Visitor, mailbox: Mailbox, person: Person | None = None, *, next: str = ""
) -> Person:
    """Sign somebody up, with the code from the mail, and end where that leads."""
    person = person or Person()
    begin_sign_up(visitor, person, next=next)
    code = mailbox.wait(person.email_address).the_code
    visitor.submit("/sign-up/verification", code=code)
    return person


def begin_sign_up(visitor: Visitor, person: Person, *, next: str = "") -> Page:
    """Fill in the sign-up form and stop before the code."""
    visitor.open(f"/account/sign-up?next={next}" if next else "/account/sign-up")
    wanted: dict[str, t.Any] = {
        "email_address": person.email_address,
        "password": person.password,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "username": person.username or "",
    }
    names = visitor.page.form("/sign-up").names
    return visitor.submit("/sign-up", **{name: wanted[name] for name in wanted if name in names})


def sign_in(visitor: Visitor, person: Person, *, next: str = "") -> Page:
    """Sign in by password and end where that leads."""
    visitor.open(f"/account/sign-in?next={next}" if next else "/account/sign-in")
    return visitor.submit("/sign-in", identifier=person.email_address, password=person.password)


def sign_in_by_code(visitor: Visitor, mailbox: Mailbox, person: Person) -> Page:
    """Sign in by a code from the mail and end where that leads."""
    visitor.open("/account/sign-in")
    email_me = ("strategy", "email_code")
    visitor.submit("/sign-in", button=email_me, identifier=person.email_address)
    code = mailbox.wait(person.email_address).the_code
    return visitor.submit("/sign-in/verification", code=code)


def sign_out(visitor: Visitor) -> Page:
    """Press the button's Sign out, from the home page."""
    visitor.open("/")
    return visitor.submit("/sign-out")
