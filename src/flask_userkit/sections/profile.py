"""Name: what others see of a person."""

from __future__ import annotations

import typing as t

from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from ..current import current_identity
from ..current import current_kit
from ..services.identity import Identity
from ..services.profile import update_profile as update
from ..translations import gettext as _
from ..web.blueprint import blueprint
from ..web.forms import KitForm
from ..web.forms import form_view
from ..web.forms import transaction
from ..web.htmx import fragment
from ..web.htmx import is_htmx
from ..web.section import ProfileSection

if t.TYPE_CHECKING:
    from ..models import User

NAMES = ("first_name", "last_name")


class ProfileForm(KitForm):
    """A field that is switched off is None, as the templates test for it."""

    first_name = StringField()
    last_name = StringField()


def _form(identity: Identity | None = None) -> ProfileForm:
    form = ProfileForm() if identity is None else ProfileForm(formdata=None, obj=identity)
    for name in NAMES:
        if getattr(current_kit().config, name) == "off":
            delattr(form, name)
    return form


def _context(user: User) -> dict[str, t.Any]:
    saved = request.args.get("saved") == SECTION.name
    return {
        "form": _form(current_identity()),
        "section_open": request.args.get("edit") == SECTION.name,
        "status": _("Your name is saved.") if saved else None,
    }


SECTION = ProfileSection("profile", "account", _context)


def _page(form: ProfileForm) -> ResponseReturnValue:
    return SECTION.answer(form=form, section_open=True, status=None)


@blueprint.post("/profile")
@form_view(_form, _page)
def update_profile(form: ProfileForm) -> ResponseReturnValue:
    identity = current_identity()
    assert identity is not None
    # A field that was not sent stays as it is: another tab may have changed it meanwhile.
    sent = {name: form[name].data for name in NAMES if name in request.form and name in form}
    with transaction() as db:
        update(db, identity.user_id, sent)
    if not is_htmx():
        return redirect(url_for("userkit.user_profile", saved=SECTION.name), 303)
    status = _("Your name is saved.")
    section = SECTION.render(form=_form(current_identity()), section_open=False, status=status)
    saved = render_template("userkit/sections/profile/_saved.html", status=status)
    return fragment(section, saved, event="userkit:user-updated")
