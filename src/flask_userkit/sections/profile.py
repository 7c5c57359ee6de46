"""Name and picture: what others see of a person."""

from __future__ import annotations

import typing as t

from flask import render_template
from flask import request
from flask.typing import ResponseReturnValue
from wtforms import FileField
from wtforms import HiddenField
from wtforms import StringField

from ..current import current_identity
from ..current import required_identity
from ..request_state import current_kit
from ..services.avatars import MAX_BYTES
from ..services.avatars import upload_profile_image
from ..services.avatars import withdraw_profile_image
from ..services.identity import Identity
from ..services.profile import update_profile as update
from ..translations import gettext as _
from ..web.blueprint import blueprint
from ..web.blueprint import takes_file
from ..web.forms import KitForm
from ..web.forms import form_view
from ..web.forms import transaction
from ..web.htmx import fragment
from ..web.htmx import is_htmx
from ..web.profile import text_of
from ..web.profile_options import sent_options
from ..web.profile_options import using
from ..web.section import OpenCard
from ..web.section import ProfileSection

if t.TYPE_CHECKING:
    from ..models import User

NAMES = ("first_name", "last_name")


class ProfileForm(KitForm):
    """A field that is switched off is None, as the templates test for it.

    Each name has what it was when the form was made beside it.
    """

    first_name = StringField()
    first_name_before = HiddenField()
    last_name = StringField()
    last_name_before = HiddenField()

    def changed(self) -> dict[str, str | None]:
        """Return the names that somebody has typed anew.

        The others may have been changed in another tab meanwhile. One that is asked for and
        empty is among them, to be refused.
        """
        config = current_kit().config
        return {
            name: self[name].data
            for name in NAMES
            if name in request.form
            and name in self
            and (
                self[name].data != self[f"{name}_before"].data
                or (not self[name].data and getattr(config, name) == "required")
            )
        }


class PictureForm(KitForm):
    """Only the error of its file comes back; a browser has to be given a file anew."""

    file = FileField()


def _form(identity: Identity | None = None) -> ProfileForm:
    before = {f"{name}_before": getattr(identity, name) or "" for name in NAMES} if identity else {}
    form = ProfileForm(formdata=None, obj=identity, **before) if identity else ProfileForm()
    for name in NAMES:
        if getattr(current_kit().config, name) in ("off", "locked"):
            delattr(form, name)
            delattr(form, f"{name}_before")
    return form


def _context(user: User, card: OpenCard | None) -> dict[str, t.Any]:
    if card is None:
        return {}
    return {"form": _form(current_identity()), "max_picture_size": MAX_BYTES}


SECTION = ProfileSection(
    "profile",
    context=_context,
    outcomes={
        "profile": lambda: _("Your name is saved."),
        "picture": lambda: _("Your picture is saved."),
        "picture-removal": lambda: _("Your picture is removed."),
    },
)


@blueprint.post("/profile")
@SECTION.form_view(_form)
def update_profile(form: ProfileForm) -> ResponseReturnValue:
    identity = required_identity()
    with transaction() as db:
        update(db, identity.user_id, form.changed())
    return SECTION.saved("profile")


def _picture(**context: t.Any) -> str:
    """Return the picture and its forms, without the name that may be open beside them."""
    values = {"max_picture_size": MAX_BYTES, **context}
    with using(sent_options()):
        return render_template("userkit/sections/profile/_picture.html", **values)


def _picture_refused(form: PictureForm) -> ResponseReturnValue:
    if is_htmx():
        return _picture(picture_form=form)
    return SECTION.answer(picture_form=form, card=OpenCard(), status=None)


def _picture_saved(outcome: str) -> ResponseReturnValue:
    if not is_htmx():
        return SECTION.saved(outcome)
    status = text_of(SECTION.outcomes[outcome])
    told = render_template("userkit/sections/_saved.html", status=status)
    return fragment(_picture(picture_status=status), told, event="userkit:user-updated")


@blueprint.post("/avatar")
@takes_file(MAX_BYTES)
@form_view(PictureForm, _picture_refused)
def upload_avatar(_form: PictureForm) -> ResponseReturnValue:
    identity = required_identity()
    file = request.files.get("file")
    with transaction() as db:
        upload_profile_image(db, identity.user_id, file.stream if file else None)
    return _picture_saved("picture")


@blueprint.post("/avatar/removal")
@form_view(PictureForm, _picture_refused)
def remove_avatar(_form: PictureForm) -> ResponseReturnValue:
    identity = required_identity()
    with transaction() as db:
        withdraw_profile_image(db, identity.user_id)
    return _picture_saved("picture-removal")
