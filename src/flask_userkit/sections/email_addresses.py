"""Email addresses: added, verified, made primary and removed."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue
from wtforms import StringField

from ..current import required_identity
from ..request_state import current_kit
from ..services import email_links
from ..services.email_addresses import EMAIL_ADDRESS
from ..translations import gettext as _
from ..web.blueprint import blueprint
from ..web.forms import KitForm
from .identifiers import IdentifierSection


class EmailAddressForm(KitForm):
    email_address = StringField()


SECTION = IdentifierSection(
    kind=EMAIL_ADDRESS,
    form=EmailAddressForm,
    path="/email-addresses",
    is_proven=lambda: _("Your email address is verified."),
    outcomes={
        "email-address": lambda: _("Your email address is verified."),
        "email-address-primary": lambda: _("Your primary email address is changed."),
        "email-address-removal": lambda: _("The email address is removed."),
        "email-address-message": lambda: _("A new message is on its way."),
    },
).make()


@blueprint.get("/email-addresses/<id>/verification")
def email_address_verification(id: str) -> ResponseReturnValue:
    """Tell the page that waits for a link how far it is."""
    return jsonify(status=email_links.link_status(current_kit(), required_identity(), id))
