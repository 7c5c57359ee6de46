"""The account page: its navigation and its sections."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from ..web.blueprint import blueprint
from ..web.section import render_page


@blueprint.get("/")
def user_profile() -> ResponseReturnValue:
    return render_page("account")
