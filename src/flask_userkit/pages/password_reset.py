"""A password that was forgotten: the address is asked for, then the code and the new password."""

from __future__ import annotations

from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField
from wtforms import PasswordField
from wtforms import StringField

from ..current import current_identity
from ..current import next_path
from ..request_state import current_kit
from ..request_state import state
from ..services import password_changes
from ..services import password_resets
from ..web.blueprint import blueprint
from ..web.blueprint import public
from ..web.countries import typed_country
from ..web.device_cookie import known_devices
from ..web.device_cookie import welcome
from ..web.forms import KitForm
from ..web.forms import form_view
from ..web.forms import text
from ..web.forms import transaction
from .sign_in import destination
from .waiting import code_page
from .waiting import start_again


class PasswordResetForm(KitForm):
    identifier = StringField()
    next = HiddenField()


class NewPasswordForm(KitForm):
    code = StringField()
    password = PasswordField()


def _empty() -> PasswordResetForm:
    form = PasswordResetForm(formdata=None)
    form.next.data = next_path(request.args.get("next")) or ""
    return form


def _page(form: PasswordResetForm) -> ResponseReturnValue:
    return render_template("userkit/password_reset/page.html", form=form)


def _verification_page(form: NewPasswordForm) -> ResponseReturnValue:
    attempt = password_resets.pending_attempt(current_kit(), state().token)
    if attempt is None:
        return start_again(form, "userkit.password_reset", _empty, _page, destination(None))
    return code_page("userkit/password_reset/verification.html", form, attempt)


@blueprint.get("/password-reset")
@public
def password_reset() -> ResponseReturnValue:
    if current_identity() is not None:
        return redirect(destination(request.args.get("next")), 303)
    password_changes.refuse_if_off(current_kit())
    return _page(_empty())


@blueprint.post("/password-reset")
@public
@form_view(PasswordResetForm, _page)
def create_password_reset(form: PasswordResetForm) -> ResponseReturnValue:
    with transaction() as db:
        token = password_resets.prepare(
            db,
            state().token,
            identifier=text(form.identifier.data),
            return_to=next_path(form.next.data),
            country=typed_country(),
        )
    state().keep_token(token)
    return redirect(url_for("userkit.password_reset_verification"), 303)


@blueprint.get("/password-reset/verification")
@public
def password_reset_verification() -> ResponseReturnValue:
    return _verification_page(NewPasswordForm(formdata=None))


@blueprint.post("/password-reset/verification")
@public
@form_view(NewPasswordForm, _verification_page)
def attempt_password_reset_verification(form: NewPasswordForm) -> ResponseReturnValue:
    with transaction() as db:
        signed_in, return_to = password_resets.attempt(
            db,
            state().token,
            code=text(form.code.data),
            password=text(form.password.data),
            device=known_devices(),
        )
    return welcome(signed_in, destination(return_to))


@blueprint.post("/password-reset/verification/delivery")
@public
@form_view(NewPasswordForm, _verification_page)
def deliver_password_reset_verification(form: NewPasswordForm) -> ResponseReturnValue:
    with transaction() as db:
        password_resets.deliver(db, state().token)
    return redirect(url_for("userkit.password_reset_verification", sent=1), 303)
