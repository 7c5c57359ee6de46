"""Sign-in: the form, and the code that may follow it."""

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
from ..errors import ForbiddenError
from ..request_state import current_kit
from ..request_state import state
from ..services import sign_ins
from ..translations import gettext as _
from ..web.blueprint import blueprint
from ..web.blueprint import public
from ..web.countries import typed_country
from ..web.device_cookie import known_devices
from ..web.device_cookie import welcome
from ..web.forms import KitForm
from ..web.forms import form_view
from ..web.forms import text
from ..web.forms import transaction
from .waiting import code_page
from .waiting import start_again


class SignInForm(KitForm):
    identifier = StringField()
    password = PasswordField()
    next = HiddenField()


class CodeForm(KitForm):
    code = StringField()


def _form(*, empty: bool = False) -> SignInForm:
    form = SignInForm(formdata=None) if empty else SignInForm()
    if current_kit().config.password == "off":
        del form.password
    return form


def sign_in_form() -> SignInForm:
    """Return an empty form, which leads to where sign-in was asked for."""
    form = _form(empty=True)
    form.next.data = next_path(request.args.get("next")) or ""
    return form


def _page(form: SignInForm) -> ResponseReturnValue:
    return render_template("userkit/sign_in/page.html", form=form)


def _verification_page(form: CodeForm) -> ResponseReturnValue:
    attempt = sign_ins.pending_attempt(current_kit(), state().token)
    if attempt is None:
        return start_again(form, "userkit.sign_in", sign_in_form, _page, destination(None))
    return code_page("userkit/sign_in/verification.html", form, attempt)


@blueprint.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    if current_identity() is not None:
        return redirect(destination(request.args.get("next")), 303)
    return _page(sign_in_form())


@blueprint.post("/sign-in")
@public
@form_view(_form, _page)
def create_sign_in(form: SignInForm) -> ResponseReturnValue:
    if request.form.get("strategy"):
        return _prepare_code(form)
    if current_kit().config.password == "off":
        raise ForbiddenError(_("Passwords are off here. Ask for a code."), code="password_disabled")
    with transaction() as db:
        signed_in = sign_ins.attempt_password(
            db,
            state().token,
            identifier=text(form.identifier.data),
            password=text(form.password.data),
            device=known_devices(),
            country=typed_country(),
        )
    return welcome(signed_in, destination(form.next.data))


def _prepare_code(form: SignInForm) -> ResponseReturnValue:
    with transaction() as db:
        token = sign_ins.prepare_code(
            db,
            state().token,
            identifier=text(form.identifier.data),
            return_to=next_path(form.next.data),
            country=typed_country(),
        )
    state().keep_token(token)
    return redirect(url_for("userkit.sign_in_verification"), 303)


@blueprint.get("/sign-in/verification")
@public
def sign_in_verification() -> ResponseReturnValue:
    return _verification_page(CodeForm(formdata=None))


@blueprint.post("/sign-in/verification")
@public
@form_view(CodeForm, _verification_page)
def attempt_sign_in_verification(form: CodeForm) -> ResponseReturnValue:
    with transaction() as db:
        signed_in, return_to = sign_ins.attempt_code(
            db, state().token, text(form.code.data), device=known_devices()
        )
    return welcome(signed_in, destination(return_to))


@blueprint.post("/sign-in/verification/delivery")
@public
@form_view(CodeForm, _verification_page)
def deliver_sign_in_verification(form: CodeForm) -> ResponseReturnValue:
    with transaction() as db:
        sign_ins.deliver_code(db, state().token)
    return redirect(url_for("userkit.sign_in_verification", sent=1), 303)


def destination(path: str | None) -> str:
    """Return where somebody who signs in is led."""
    return next_path(path) or current_kit().config.after_sign_in_url
