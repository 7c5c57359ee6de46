"""Sign-up with an account at a provider, where something more is asked of the person."""

from __future__ import annotations

from flask import redirect
from flask import render_template
from flask import url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from ..current import current_identity
from ..request_state import current_kit
from ..request_state import state
from ..services import oauth_sign_ups
from ..services.oauth_sign_ups import Waiting
from ..web.blueprint import blueprint
from ..web.blueprint import public
from ..web.device_cookie import known_devices
from ..web.device_cookie import welcome
from ..web.forms import KitForm
from ..web.forms import form_view
from ..web.forms import transaction
from .sign_up import application_of
from .sign_up import sign_up_destination
from .sign_up import sign_up_form
from .waiting import start_again


class OAuthSignUpForm(KitForm):
    """A field that is not asked for is None, as the templates test for it."""

    email_address = StringField()
    country = StringField()
    phone_number = StringField()
    first_name = StringField()
    last_name = StringField()
    username = StringField()


def _form(waiting: Waiting | None, *, empty: bool = False) -> OAuthSignUpForm:
    form = OAuthSignUpForm(formdata=None) if empty else OAuthSignUpForm()
    if waiting is None:
        return form
    asked = {*waiting.names, *(kind.name for kind in waiting.kinds)}
    asked |= {"country"} if "phone_number" in asked else set()
    for name in ("email_address", "country", "phone_number", "first_name", "last_name", "username"):
        if name not in asked:
            delattr(form, name)
    return form


def _sent() -> OAuthSignUpForm:
    return _form(_waiting())


def _waiting() -> Waiting | None:
    return oauth_sign_ups.find(current_kit(), state().token)


def _page(form: OAuthSignUpForm) -> ResponseReturnValue:
    waiting = _waiting()
    if waiting is None:
        return start_again(
            form, "userkit.sign_up", sign_up_form, _sign_up_page, sign_up_destination(None)
        )
    connection = current_kit().connections.find(waiting.proof.provider)
    return render_template(
        "userkit/oauth/sign_up.html",
        form=form,
        label=connection.label if connection else waiting.proof.provider,
        address=waiting.proof.address,
        proven=waiting.address,
    )


def _sign_up_page(form: KitForm) -> ResponseReturnValue:
    return render_template("userkit/sign_up/page.html", form=form)


@blueprint.get("/oauth/sign-up")
@public
def oauth_sign_up() -> ResponseReturnValue:
    if current_identity() is not None:
        return redirect(sign_up_destination(None), 303)
    waiting = _waiting()
    form = _form(waiting, empty=True)
    if waiting is not None:
        known = waiting.proof
        _prefill(form, "email_address", known.address.value if known.address else None)
        _prefill(form, "username", known.profile.username)
    return _page(form)


def _prefill(form: OAuthSignUpForm, name: str, value: str | None) -> None:
    if name in form and value:
        form[name].data = value


@blueprint.post("/oauth/sign-up")
@public
@form_view(_sent, _page)
def create_oauth_sign_up(form: OAuthSignUpForm) -> ResponseReturnValue:
    with transaction() as db:
        token, signed_in, return_to = oauth_sign_ups.create(
            db, state().token, application_of(form), device=known_devices()
        )
    if signed_in is None:
        state().keep_token(token)
        return redirect(url_for("userkit.sign_up_verification"), 303)
    return welcome(signed_in, sign_up_destination(return_to))
