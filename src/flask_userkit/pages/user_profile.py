"""The account page: its navigation and its sections."""

from __future__ import annotations

from flask import redirect
from flask import render_template
from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter
from werkzeug.routing import ValidationError

from ..web import profile
from ..web.blueprint import blueprint
from ..web.profile_options import FIRST
from ..web.section import render_page

#: By it the modal asks for the profile alone; htmx's own header comes with boosted links, too.
MODAL_HEADER = "Userkit-Modal"


class ProfilePageConverter(BaseConverter):
    """A page of the profile in an address; any other name is none of its addresses."""

    def to_python(self, value: str) -> str:
        if not profile.is_page(value):
            raise ValidationError
        return value


@blueprint.get("/", defaults={"page": FIRST})
@blueprint.get("/<userkit_page:page>")
def user_profile(page: str) -> ResponseReturnValue:
    # The address of the account leads to the first page that there is.
    found = profile.build(page) or (profile.build(None) if page == FIRST else None)
    if found is None:
        raise NotFound
    if MODAL_HEADER in request.headers:
        return render_template("userkit/user_profile/modal.html", profile=found)
    if found.page.name != page:
        return redirect(found.page.url, 303)
    return render_page(found)
