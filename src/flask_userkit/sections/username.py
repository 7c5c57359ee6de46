"""Username: a short name to sign in with."""

from __future__ import annotations

import typing as t

from flask.typing import ResponseReturnValue
from wtforms import StringField

from ..current import current_identity
from ..current import required_identity
from ..request_state import current_kit
from ..services import usernames
from ..translations import gettext as _
from ..web.blueprint import blueprint
from ..web.forms import KitForm
from ..web.forms import transaction
from ..web.section import OpenCard
from ..web.section import ProfileSection

if t.TYPE_CHECKING:
    from ..models import User


class UsernameForm(KitForm):
    username = StringField()


def _sent_form() -> UsernameForm:
    # A field that was not sent holds what is saved.
    return UsernameForm(obj=current_identity())


def _is_active() -> bool:
    setting = current_kit().config.username
    if setting == "locked":
        identity = current_identity()
        return identity is not None and identity.username is not None
    return setting != "off"


def _context(user: User, card: OpenCard | None) -> dict[str, t.Any]:
    identity = required_identity()
    setting = current_kit().config.username
    context: dict[str, t.Any] = {
        "username": identity.username,
        "required": setting == "required",
        # Told before the click; the service decides after it.
        "only_way": identity.email_address is None,
    }
    if card is not None:
        context["form"] = UsernameForm(formdata=None, obj=identity)
    return context | ({"read_only": True} if setting == "locked" else {})


SECTION = ProfileSection(
    "username",
    context=_context,
    is_active=_is_active,
    outcomes={
        "username": lambda: _("Your username is saved."),
        "username-removal": lambda: _("Your username is removed."),
    },
)


@blueprint.post("/username")
@SECTION.form_view(_sent_form)
def update_username(form: UsernameForm) -> ResponseReturnValue:
    identity = required_identity()
    with transaction() as db:
        user = usernames.update_username(db, identity, form.username.data)
        outcome = "username" if user.username else "username-removal"
    return SECTION.saved(outcome)


@blueprint.post("/username/removal")
@SECTION.form_view(KitForm, card="removal")
def remove_username(form: KitForm) -> ResponseReturnValue:
    identity = required_identity()
    with transaction() as db:
        usernames.remove_username(db, identity)
    return SECTION.saved("username-removal")
