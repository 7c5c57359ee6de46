"""Email addresses: added, verified, made primary and removed."""

from __future__ import annotations

import typing as t

from flask import jsonify
from flask import request
from flask.typing import ResponseReturnValue
from wtforms import StringField

from ..current import current_identity
from ..current import current_kit
from ..services import email_address_limits
from ..services import email_address_rows
from ..services import email_links
from ..services import own_email_addresses
from ..services.identity import Identity
from ..translations import gettext as _
from ..web.blueprint import blueprint
from ..web.forms import KitForm
from ..web.forms import text
from ..web.forms import transaction
from ..web.section import OpenCard
from ..web.section import ProfileSection

if t.TYPE_CHECKING:
    from ..models import User

_ADDRESS = "/email-addresses/<id>"
#: The cards that open under a row, and the templates of them.
_CARDS = {"verification": "_verify.html", "primary": "_primary.html", "removal": "_remove.html"}


class EmailAddressForm(KitForm):
    email_address = StringField()


class CodeForm(KitForm):
    code = StringField()


def _identity() -> Identity:
    identity = current_identity()
    assert identity is not None
    return identity


def _context(user: User, card: OpenCard | None) -> dict[str, t.Any]:
    kit = current_kit()
    identity = _identity()
    rows = email_address_rows.rows(kit, identity.user_id, identity.client_id)
    about = next((row for row in rows if card and card.name in _CARDS and row.id == card.id), None)
    locked = kit.config.email_address == "locked"
    refusal = email_address_limits.refusal(
        kit.config, addresses=len(rows), unverified=sum(not row.verified for row in rows)
    )
    can_add = not locked and refusal is None
    context: dict[str, t.Any] = {
        "rows": rows,
        "cards": _CARDS,
        # The row that a card is open under; a refused form may be about one that is gone.
        "about": about,
        "can_add": can_add,
        # Told where the link would be; an app that locks the addresses says so by other means.
        "add_refusal": refusal.message if refusal and not locked else None,
        "locked": locked,
        "by_link": kit.config.email_verification == "link",
    }
    if card is None:
        return context
    if card.name == "verification" and about and about.verified:
        # It was proven in another tab, or by the link that this page has waited for.
        return context | {"card": None, "status": _("Your email address is verified.")}
    if card == OpenCard() and not can_add:
        return context | {"card": None}
    make_form = CodeForm if card.name == "verification" else EmailAddressForm
    return context | {"form": make_form(formdata=None)}


SECTION = ProfileSection(
    "email_addresses",
    context=_context,
    is_active=lambda: current_kit().config.email_address != "off",
    outcomes={
        "email-address": lambda: _("Your email address is verified."),
        "email-address-primary": lambda: _("Your primary email address is changed."),
        "email-address-removal": lambda: _("The email address is removed."),
        "email-address-message": lambda: _("A new message is on its way."),
    },
)


@blueprint.post("/email-addresses")
@SECTION.form_view(EmailAddressForm)
def create_email_address(form: EmailAddressForm) -> ResponseReturnValue:
    with transaction() as db:
        typed = text(form.email_address.data)
        email_address_id = own_email_addresses.create_email_address(db, _identity(), typed)
    return SECTION.opened(OpenCard("verification", email_address_id))


@blueprint.post(f"{_ADDRESS}/verification")
@SECTION.form_view(CodeForm, card="verification")
def attempt_email_address_verification(form: CodeForm, id: str) -> ResponseReturnValue:
    with transaction() as db:
        own_email_addresses.attempt_verification(db, _identity(), id, text(form.code.data))
    return SECTION.saved("email-address")


@blueprint.get(f"{_ADDRESS}/verification")
def email_address_verification(id: str) -> ResponseReturnValue:
    """Tell the page that waits for a link how far it is."""
    return jsonify(status=email_links.link_status(current_kit(), _identity(), id))


@blueprint.post(f"{_ADDRESS}/verification/delivery")
@SECTION.form_view(KitForm, card="verification")
def deliver_email_address_verification(form: KitForm, id: str) -> ResponseReturnValue:
    with transaction() as db:
        own_email_addresses.prepare_verification(db, _identity(), id)
    again = "email-address-message" if "again" in request.form else ""
    return SECTION.opened(OpenCard("verification", id), again)


@blueprint.post(f"{_ADDRESS}/primary")
@SECTION.form_view(KitForm, card="primary")
def set_primary_email_address(form: KitForm, id: str) -> ResponseReturnValue:
    with transaction() as db:
        own_email_addresses.set_primary(db, _identity(), id)
    return SECTION.saved("email-address-primary")


@blueprint.post(f"{_ADDRESS}/removal")
@SECTION.form_view(KitForm, card="removal")
def remove_email_address(form: KitForm, id: str) -> ResponseReturnValue:
    with transaction() as db:
        own_email_addresses.remove_email_address(db, _identity(), id)
    return SECTION.saved("email-address-removal")
