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
from ..current import next_path
from ..request_state import current_kit
from ..request_state import state
from ..services import sign_ups
from ..services.applications import Application
from ..services.applications import identifiers_asked
from ..services.email_addresses import EMAIL_ADDRESS
from ..services.phone_numbers import PHONE_NUMBER
from ..web.blueprint import blueprint
from ..web.blueprint import public
from ..web.device_cookie import known_devices
from ..web.device_cookie import welcome
from ..web.forms import KitForm
from ..web.forms import form_view
from ..web.forms import text
from ..web.forms import transaction
from .sign_in import CodeForm
from .waiting import code_page
from .waiting import start_again


class SignUpForm(KitForm):
    """A field that is switched off is None, as the templates test for it."""

    email_address = StringField()
    country = StringField()
    phone_number = StringField()
    first_name = StringField()
    last_name = StringField()
    username = StringField()
    password = PasswordField()
    unsafe_metadata = HiddenField()
    next = HiddenField()


def _form(*, empty: bool = False) -> SignUpForm:
    config = current_kit().config
    form = SignUpForm(formdata=None) if empty else SignUpForm()
    names = _identifiers()
    switches = {
        "email_address": EMAIL_ADDRESS.name in names,
        "country": PHONE_NUMBER.name in names,
        "phone_number": PHONE_NUMBER.name in names,
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


def _identifiers() -> list[str]:
    """Return the names of what the form asks for; where one will do, of that which was chosen."""
    kinds, all_of_them = identifiers_asked(current_kit().config)
    names: list[str] = [kind.name for kind in kinds]
    if all_of_them:
        return names
    chosen = request.args.get("with") if request.method == "GET" else None
    return [name for name in names if name == chosen or name in request.form] or names[:1]


def sign_up_form() -> SignUpForm:
    """Return an empty form, which leads to where sign-up was asked for."""
    form = _form(empty=True)
    form.next.data = next_path(request.args.get("next")) or ""
    return form


def application_of(form: KitForm) -> Application:
    """Return what was typed into a form of sign-up, whichever fields it has."""
    values = {name: field.data for name, field in form._fields.items()}
    return Application(
        email_address=text(values.get("email_address")),
        phone_number=text(values.get("phone_number")),
        country=values.get("country"),
        password=values.get("password"),
        username=values.get("username"),
        first_name=values.get("first_name"),
        last_name=values.get("last_name"),
        unsafe_metadata=text(values.get("unsafe_metadata")),
    )


def _page(form: SignUpForm) -> ResponseReturnValue:
    return render_template("userkit/sign_up/page.html", form=form)


def _verification_page(form: CodeForm) -> ResponseReturnValue:
    attempt = sign_ups.pending_attempt(current_kit(), state().token)
    if attempt is None:
        return start_again(form, "userkit.sign_up", sign_up_form, _page, sign_up_destination(None))
    return code_page("userkit/sign_up/verification.html", form, attempt)


@blueprint.get("/sign-up")
@public
def sign_up() -> ResponseReturnValue:
    if current_identity() is not None:
        return redirect(sign_up_destination(request.args.get("next")), 303)
    sign_ups.refuse_if_off(current_kit())
    return _page(sign_up_form())


@blueprint.post("/sign-up")
@public
@form_view(_form, _page)
def create_sign_up(form: SignUpForm) -> ResponseReturnValue:
    with transaction() as db:
        token = sign_ups.create(
            db, state().token, application_of(form), return_to=next_path(form.next.data)
        )
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
        signed_in, return_to = sign_ups.attempt_code(
            db, state().token, text(form.code.data), device=known_devices()
        )
    if signed_in is None:
        return redirect(url_for("userkit.sign_up_verification"), 303)
    return welcome(signed_in, sign_up_destination(return_to))


@blueprint.post("/sign-up/verification/delivery")
@public
@form_view(CodeForm, _verification_page)
def deliver_sign_up_verification(form: CodeForm) -> ResponseReturnValue:
    with transaction() as db:
        sign_ups.deliver_code(db, state().token)
    return redirect(url_for("userkit.sign_up_verification", sent=1), 303)


def sign_up_destination(path: str | None) -> str:
    """Return where somebody who signs up is led."""
    return next_path(path) or current_kit().config.after_sign_up_url
