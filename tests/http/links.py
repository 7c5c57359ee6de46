"""A link in the mail, to an address that somebody wants to add to their account."""

from __future__ import annotations

import typing as t

from sqlalchemy import select

from flask_userkit import models
from flask_userkit.services import email_addresses
from flask_userkit.services import email_links
from flask_userkit.services import identifiers
from flask_userkit.services.email_addresses import EMAIL_ADDRESS
from flask_userkit.services.purposes import Purpose

if t.TYPE_CHECKING:
    from tests.http.site import Site
    from tests.rig.people import Person


def send_link(site: Site, person: Person, address: str) -> str:
    """Claim an address for somebody who is signed in, and return the link from its mail."""
    with site.app.app_context(), site.kit.transaction() as db:
        found = select(models.Session.user_id, models.Session.client_id).join(
            models.EmailAddress, models.EmailAddress.user_id == models.Session.user_id
        )
        owned = models.EmailAddress.email_address == person.email_address
        newest = found.where(owned).order_by(models.Session.id.desc()).limit(1)
        user_id, client_id = db.execute(newest).one()
        typed = email_addresses.typed(email_addresses.parse(address))
        claim = identifiers.add_claim(db, EMAIL_ADDRESS, user_id, typed)
        email_links.create(
            db,
            purpose=Purpose.EMAIL_ADDRESS,
            address=address,
            client_id=client_id,
            user_id=user_id,
            identifier_id=claim.id,
            real=True,
            attempts=0,
        )
    (link,) = site.mailbox.wait(address).links
    return link.removeprefix("http://localhost:5000")
