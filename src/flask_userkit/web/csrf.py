"""Proof that a form was made for the browser that sends it.

The token is an HMAC of the client's token, or of a nonce in a cookie while there is no client:
it needs no server-side session, changes at sign-in and sign-out, and has no time limit.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import typing as t

import flask_wtf.csrf
from flask import current_app
from flask import request
from markupsafe import Markup
from wtforms import Field
from wtforms.csrf.core import CSRF
from wtforms.csrf.core import CSRFTokenField
from wtforms.validators import ValidationError

from ..errors import CsrfError
from ..request_state import RequestState
from ..request_state import cookie_name
from ..request_state import state
from ..request_state import unproxied
from ..security.tokens import is_token
from ..security.tokens import new_token
from ..translations import gettext as _
from .profile_options import options_field

FIELD = "userkit_csrf"
_PURPOSE = "csrf"
_SALT = 9


def csrf_token() -> str:
    """Return a token for a form of this response."""
    found = state()
    if found.csrf_token is not None:
        return found.csrf_token
    if found.token is None and found.nonce is None:
        found.nonce = _sent_nonce(found)
        if found.nonce is None:
            found.nonce, found.nonce_is_new = new_token(), True
    # A salt makes the token differ in each response, or a compressed page would leak it
    # to someone who can add text to the page and see its length.
    salt = secrets.token_urlsafe(_SALT)
    mac = found.kit.keys.mac(_PURPOSE, _message(found, salt))
    found.csrf_token = f"{salt}.{base64.urlsafe_b64encode(mac).decode()}"
    return found.csrf_token


def check_csrf(value: str | None) -> None:
    """Refuse a form that this browser was not given.

    :raises CsrfError: ``csrf_token_invalid``.
    """
    found = state()
    if found.token is None and found.nonce is None:
        found.nonce = _sent_nonce(found)
    if not _same_origin(found) or not _is_valid(found, value or ""):
        raise _refusal()


def check_origin() -> None:
    """Refuse what another site has made this browser send.

    :raises CsrfError: ``csrf_token_invalid``.
    """
    if not _same_origin(state()):
        raise _refusal()


def csrf_fields() -> Markup:
    """Return the hidden fields that a form of the kit begins with."""
    fields = Markup(f'<input type="hidden" name="{FIELD}" value="{csrf_token()}">')  # noqa: S704 (a token is of letters that need no escaping)
    if "csrf" in unproxied(current_app).extensions:
        # The app checks every POST by Flask-WTF; its token goes along in the same form.
        name = t.cast(str, current_app.config["WTF_CSRF_FIELD_NAME"])
        token = str(flask_wtf.csrf.generate_csrf())  # pyright: ignore[reportUnknownMemberType] # Flask-WTF ships no types
        fields += Markup('<input type="hidden" name="{}" value="{}">').format(name, token)
    return fields + options_field()


class ClientCsrf(CSRF):
    """The same for forms of WTForms."""

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:
        return csrf_token()

    def validate_csrf_token(self, form: t.Any, field: Field) -> None:
        try:
            check_csrf(field.data)
        except CsrfError as error:
            raise ValidationError(error.message) from error


def _refusal() -> CsrfError:
    return CsrfError(
        _("This page was open while you signed in or out elsewhere. Send it once more.")
    )


def _message(found: RequestState, salt: str) -> str:
    bound = f"client:{found.token}" if found.token else f"nonce:{found.nonce}"
    return f"{salt}:{bound}"


def _is_valid(found: RequestState, value: str) -> bool:
    if found.token is None and found.nonce is None:
        return False
    salt, _dot, mac = value.partition(".")
    try:
        decoded = base64.urlsafe_b64decode(mac.encode("ascii"))
    except (binascii.Error, ValueError):
        return False
    if len(salt) > 64 or not salt.isascii():
        return False
    return found.kit.keys.verify_mac(_PURPOSE, _message(found, salt), decoded)


def _sent_nonce(found: RequestState) -> str | None:
    nonce = request.cookies.get(cookie_name(found.kit, "-nonce"))
    return nonce if nonce and is_token(nonce) else None


def _same_origin(found: RequestState) -> bool:
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin in (found.kit.base_url, request.host_url.rstrip("/"))
