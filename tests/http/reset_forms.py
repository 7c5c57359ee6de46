"""The way to each form of a forgotten password, and what is typed there."""

from __future__ import annotations

import typing as t

from tests.http.address_forms import Way
from tests.rig.people import Person
from tests.rig.people import new_password
from tests.rig.visitor import Visitor

if t.TYPE_CHECKING:
    from tests.http.site import Site

URL = "/account/password-reset"
CODE = f"{URL}/verification"
DELIVERY = f"{CODE}/delivery"


def request(site: Site) -> Way:
    return Way(site.visitor(), URL, URL, {"identifier": site.person().email_address})


def verification(site: Site) -> Way:
    visitor, ada = asked(site)
    code = site.mailbox.wait(ada.email_address).the_code
    return Way(visitor, CODE, CODE, {"code": code, "password": new_password()})


def delivery(site: Site) -> Way:
    visitor, _ada = asked(site)
    site.clock.tick(31)
    return Way(visitor, CODE, DELIVERY, {})


def asked(site: Site, ada: Person | None = None) -> tuple[Visitor, Person]:
    """Ask for a code, and return the browser at the page for it and whose password it is."""
    visitor, ada = site.visitor(), ada or site.person()
    visitor.open(URL)
    visitor.submit("/password-reset", identifier=ada.email_address)
    return visitor, ada
