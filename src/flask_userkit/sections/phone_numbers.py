"""Phone numbers: added, verified, made primary and removed."""

from __future__ import annotations

from wtforms import StringField

from ..services.phone_numbers import PHONE_NUMBER
from ..translations import gettext as _
from ..web.forms import KitForm
from .identifiers import IdentifierSection


class PhoneNumberForm(KitForm):
    country = StringField()
    phone_number = StringField()


SECTION = IdentifierSection(
    kind=PHONE_NUMBER,
    form=PhoneNumberForm,
    path="/phone-numbers",
    is_proven=lambda: _("Your phone number is verified."),
    outcomes={
        "phone-number": lambda: _("Your phone number is verified."),
        "phone-number-primary": lambda: _("Your primary phone number is changed."),
        "phone-number-removal": lambda: _("The phone number is removed."),
        "phone-number-message": lambda: _("A new message is on its way."),
    },
).make()
