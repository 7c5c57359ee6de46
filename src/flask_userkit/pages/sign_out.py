"""Sign-out: one POST, from the button or from a page of its own."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from ..current import current_identity
from ..services import sessions
from ..web.blueprint import blueprint
from ..web.blueprint import public
from ..web.forms import KitForm
from ..web.forms import form_view
from ..web.forms import transaction
from ..web.leaving import leave


class SignOutForm(KitForm):
    """Nothing but the proof that it was meant."""


def _page(form: SignOutForm) -> ResponseReturnValue:
    return render_template("userkit/sign_out/page.html", form=form)


@blueprint.post("/sign-out")
@public
@form_view(SignOutForm, _page)
def sign_out(form: SignOutForm) -> ResponseReturnValue:
    identity = current_identity()
    if identity is not None:
        with transaction() as db:
            sessions.end(db, identity.session_id, identity.user_id)
    return leave()
