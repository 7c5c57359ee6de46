"""The way to each form of the email addresses: a browser, its page, and what is typed there."""

from __future__ import annotations

import typing as t

from tests.rig.people import new_address
from tests.rig.visitor import Visitor

if t.TYPE_CHECKING:
    from tests.http.site import Site

URL = "/account/email-addresses"
ADD_CARD = "/account/?edit=email_addresses"
ACCOUNT = "/account/"


class Way(t.NamedTuple):
    """Where a form stands that is about to be sent, and what is typed into it."""

    visitor: Visitor
    page: str
    action: str
    typed: dict[str, str]


def addition(site: Site) -> Way:
    return Way(site.signed_in(), ADD_CARD, URL, {"email_address": new_address()})


def verification(site: Site) -> Way:
    visitor, added, address = claimed(site)
    code = site.mailbox.wait(address).the_code
    return Way(visitor, visitor.page.url, f"{added}/verification", {"code": code})


def delivery(site: Site) -> Way:
    visitor, added, _address = claimed(site)
    site.clock.tick(31)
    return Way(visitor, visitor.page.url, f"{added}/verification/delivery", {})


def primary(site: Site) -> Way:
    visitor, added, _address = owned(site)
    return Way(visitor, ACCOUNT, f"{added}/primary", {})


def removal(site: Site) -> Way:
    visitor, added, _address = owned(site)
    return Way(visitor, card_of(added, "removal"), f"{added}/removal", {})


def claimed(
    site: Site, visitor: Visitor | None = None, address: str | None = None
) -> tuple[Visitor, str, str]:
    """Add an address, and return the browser at its card, the row's own URL and the address."""
    visitor, address = visitor or site.signed_in(), address or new_address()
    visitor.open(ADD_CARD)
    page = visitor.submit(URL, email_address=address)
    _name, _card, row = page.url.partition("edit=")[2].split(".")
    return visitor, f"{URL}/{row}", address


def owned(
    site: Site, visitor: Visitor | None = None, address: str | None = None
) -> tuple[Visitor, str, str]:
    """Add an address and prove it, and return the same."""
    visitor, added, address = claimed(site, visitor, address)
    visitor.submit(f"{added}/verification", code=site.mailbox.wait(address).the_code)
    return visitor, added, address


def card_of(added: str, name: str) -> str:
    """Return the page with a card of a row open."""
    return f"{ADD_CARD}.{name}.{added.rpartition('/')[2]}"
