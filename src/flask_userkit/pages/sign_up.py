"""Sign-up: the form, and the code that proves the address."""

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
from ..current import current_kit
from ..current import next_path
from ..current import state
from ..services import sign_ups
from ..services.applications import Application
from ..web.blueprint import blueprint
from ..web.blueprint import public
from ..web.forms import KitForm
from ..web.forms import form_view
from ..web.forms import text
from ..web.forms import transaction
from .sign_in import CodeForm


class SignUpForm(KitForm):
    """A field that is switched off is None, as the templates test for it."""

    email_address = StringField()
    first_name = StringField()
    last_name = StringField()
    username = StringField()
    password = PasswordField()
    unsafe_metadata = HiddenField()
    next = HiddenField()


def _form(*, empty: bool = False) -> SignUpForm:
    config = current_kit().config
    form = SignUpForm(formdata=None) if empty else SignUpForm()
    switches = {
        # Names can be added later; a form that asks for less is sent more often.
        "first_name": config.first_name == "required",
        "last_name": config.last_name == "required",
        "username": config.username not in ("off", "locked"),
        "password": config.password != "off",
    }
    for name, on in switches.items():
        if not on:
            delattr(form, name)
    return form


def sign_up_form() -> SignUpForm:
    """Return an empty form, which leads to where sign-up was asked for."""
    form = _form(empty=True)
    form.next.data = next_path(request.args.get("next")) or ""
    return form


def _page(form: SignUpForm) -> ResponseReturnValue:
    return render_template("userkit/sign_up/page.html", form=form)


def _verification_page(form: CodeForm) -> ResponseReturnValue:
    kit = current_kit()
    attempt = sign_ups.pending_attempt(kit, state().token)
    if attempt is None:
        return _start_again(form)
    return render_template(
        "userkit/sign_up/verification.html",
        form=form,
        address=attempt.address,
        resend_in=attempt.resend_in(kit.now()),
        sent="sent" in request.args,
    )


def _start_again(form: CodeForm) -> ResponseReturnValue:
    if current_identity() is not None:
        return redirect(_destination(None), 303)
    if not form.form_errors:
        return redirect(url_for("userkit.sign_up"), 303)
    # The first form again, with the sentence that says why.
    start = sign_up_form()
    start.form_errors = form.form_errors
    return _page(start)


@blueprint.get("/sign-up")
@public
def sign_up() -> ResponseReturnValue:
    if current_identity() is not None:
        return redirect(_destination(request.args.get("next")), 303)
    sign_ups.refuse_if_off(current_kit())
    return _page(sign_up_form())


@blueprint.post("/sign-up")
@public
@form_view(_form, _page)
def create_sign_up(form: SignUpForm) -> ResponseReturnValue:
    values = {name: field.data for name, field in form._fields.items()}
    application = Application(
        email_address=text(values.get("email_address")),
        password=values.get("password"),
        username=values.get("username"),
        first_name=values.get("first_name"),
        last_name=values.get("last_name"),
        unsafe_metadata=text(values.get("unsafe_metadata")),
    )
    with transaction() as db:
        token = sign_ups.create(db, state().token, application, return_to=next_path(form.next.data))
    state().keep_token(token)
    return redirect(url_for("userkit.sign_up_verification"), 303)


@blueprint.get("/sign-up/verification")
@public
def sign_up_verification() -> ResponseReturnValue:
    return _verification_page(CodeForm(formdata=None))


@blueprint.post("/sign-up/verification")
@public
@form_view(CodeForm, _verification_page)
def attempt_sign_up_verification(form: CodeForm) -> ResponseReturnValue:
    with transaction() as db:
        signed_in, return_to = sign_ups.attempt_code(db, state().token, text(form.code.data))
    state().keep_token(signed_in.token)
    return redirect(_destination(return_to), 303)


@blueprint.post("/sign-up/verification/delivery")
@public
@form_view(CodeForm, _verification_page)
def deliver_sign_up_verification(form: CodeForm) -> ResponseReturnValue:
    with transaction() as db:
        sign_ups.deliver_code(db, state().token)
    return redirect(url_for("userkit.sign_up_verification", sent=1), 303)


def _destination(path: str | None) -> str:
    return next_path(path) or current_kit().config.after_sign_up_url
