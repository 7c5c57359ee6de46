"""The page that a link in a mail leads to: it shows what is about to happen, and has one button."""

from __future__ import annotations

from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response
from wtforms import HiddenField

from ..current import current_identity
from ..errors import RateLimitError
from ..errors import UserKitError
from ..errors import VerificationError
from ..request_state import current_kit
from ..services import email_links
from ..web import link_token
from ..web.blueprint import blueprint
from ..web.blueprint import public
from ..web.forms import KitForm
from ..web.forms import form_view
from ..web.forms import text
from ..web.forms import transaction


class LinkForm(KitForm):
    token = HiddenField()


def _shown() -> ResponseReturnValue:
    form = LinkForm(formdata=None)
    form.token.data = link_token.kept_token()
    try:
        link = email_links.read_link(current_kit(), form.token.data)
    except VerificationError as error:
        return _refused(error)
    return render_template("userkit/email_address_link/page.html", form=form, link=link)


def _refused(error: UserKitError) -> Response:
    page = render_template("userkit/email_address_link/refused.html", message=error.message)
    response = make_response(page, error.status)
    link_token.forget(response)
    return response


def _not_taken(form: LinkForm) -> ResponseReturnValue:
    """Lead back to the link, and look for none: this may be a form of another site, or a guess."""
    return render_template("userkit/email_address_link/not_taken.html", form=form)


@blueprint.get("/email-addresses/verification")
@public
def email_address_link() -> ResponseReturnValue:
    token = request.args.get("token")
    if token is not None:
        return link_token.move_to(url_for("userkit.email_address_link"), token)
    if "confirmed" in request.args:
        return render_template("userkit/email_address_link/confirmed.html")
    return _shown()


@blueprint.post("/email-addresses/verification")
@public
@form_view(LinkForm, _not_taken)
def attempt_email_address_link(form: LinkForm) -> ResponseReturnValue:
    try:
        with transaction() as db:
            link = email_links.attempt_link(db, text(form.token.data))
    except RateLimitError:
        raise
    except UserKitError as error:
        return _refused(error)
    identity = current_identity()
    own = identity is not None and identity.user_id == link.user_id
    # Whoever is signed in as somebody else, or not at all, has no account page to look at.
    confirmed = "account" if own else "elsewhere"
    response = redirect(url_for("userkit.email_address_link", confirmed=confirmed), 303)
    link_token.forget(response)
    return response
