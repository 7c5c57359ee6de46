"""The way to each form of the email addresses and phone numbers, and what is typed there."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from tests.rig.people import new_address
from tests.rig.people import new_number
from tests.rig.visitor import Visitor

if t.TYPE_CHECKING:
    from tests.http.site import Site

URL = "/account/email-addresses"
ADD_CARD = "/account/?edit=email_addresses"
ACCOUNT = "/account/"


class Place(t.NamedTuple):
    """One of the two sections: its addresses, its field, and what nobody has."""

    url: str
    card: str
    field: str
    new: Callable[[], str]


ADDRESSES = Place(URL, ADD_CARD, "email_address", new_address)
NUMBERS = Place(
    "/account/phone-numbers", "/account/?edit=phone_numbers", "phone_number", new_number
)


class Way(t.NamedTuple):
    """Where a form stands that is about to be sent, and what is typed into it."""

    visitor: Visitor
    page: str
    action: str
    typed: dict[str, str]


def addition(site: Site, place: Place = ADDRESSES) -> Way:
    return Way(site.signed_in(), place.card, place.url, {place.field: place.new()})


def verification(site: Site, place: Place = ADDRESSES) -> Way:
    visitor, added, address = claimed(site, place=place)
    code = site.mailbox.wait(address).the_code
    return Way(visitor, visitor.page.url, f"{added}/verification", {"code": code})


def delivery(site: Site, place: Place = ADDRESSES) -> Way:
    visitor, added, _address = claimed(site, place=place)
    site.clock.tick(31)
    return Way(visitor, visitor.page.url, f"{added}/verification/delivery", {})


def primary(site: Site, place: Place = ADDRESSES) -> Way:
    visitor, added, _address = _second(site, place)
    return Way(visitor, ACCOUNT, f"{added}/primary", {})


def removal(site: Site, place: Place = ADDRESSES) -> Way:
    visitor, added, _address = _second(site, place)
    return Way(visitor, card_of(added, "removal", place), f"{added}/removal", {})


def _second(site: Site, place: Place) -> tuple[Visitor, str, str]:
    """Add and prove one beside the primary one, which an address is from the beginning."""
    first = owned(site, place=place)[0] if place is NUMBERS else None
    return owned(site, first, place=place)


def claimed(
    site: Site,
    visitor: Visitor | None = None,
    address: str | None = None,
    place: Place = ADDRESSES,
) -> tuple[Visitor, str, str]:
    """Add one, and return the browser at its card, the row's own URL and what was added."""
    visitor, address = visitor or site.signed_in(), address or place.new()
    visitor.open(place.card)
    typed: dict[str, t.Any] = {place.field: address}
    page = visitor.submit(place.url, **typed)
    _name, _card, row = page.url.partition("edit=")[2].split(".")
    return visitor, f"{place.url}/{row}", address


def owned(
    site: Site,
    visitor: Visitor | None = None,
    address: str | None = None,
    place: Place = ADDRESSES,
) -> tuple[Visitor, str, str]:
    """Add one and prove it, and return the same."""
    visitor, added, address = claimed(site, visitor, address, place)
    visitor.submit(f"{added}/verification", code=site.mailbox.wait(address).the_code)
    return visitor, added, address


def card_of(added: str, name: str, place: Place = ADDRESSES) -> str:
    """Return the page with a card of a row open."""
    return f"{place.card}.{name}.{added.rpartition('/')[2]}"
