"""What is kept of a form while it waits, and how it becomes the form of a later request."""

from __future__ import annotations

import hashlib
import json
import re
import typing as t

import flask_wtf.csrf
from flask import current_app
from flask import request
from werkzeug.datastructures import ImmutableMultiDict
from wtforms import FileField
from wtforms import PasswordField
from wtforms.validators import ValidationError

from ..errors import CsrfError
from ..request_state import unproxied
from .csrf import FIELD
from .csrf import check_csrf
from .csrf import csrf_token
from .kit_form import KitForm
from .place import FIELD as PLACE_FIELD
from .place import place_of_modal

#: In the answer to a prompt: the form that waits for it, and whether a code is asked for.
ANSWER, DELIVERY = "userkit_reverification", "userkit_delivery"
#: In an answer that a provider has given already.
CONFIRMED = "userkit_confirmed"
#: In the names of fields that are never kept.
SECRET = re.compile(
    "pass(w|ph|code|key)|secret|pwd|cvv|cvc|token|api[_-]?key|(?<![a-z])(pass|pin)(?![a-z])"
)
_CAMEL = re.compile("(?<=[a-z0-9])(?=[A-Z])")


def kept(form: object) -> tuple[list[tuple[str, str]], bool]:
    """Return what may be kept of this request's form, and whether that is all of it."""
    secret = {ANSWER, DELIVERY, CONFIRMED}
    if isinstance(form, KitForm):
        secret |= {each.name for each in form if isinstance(each, PasswordField | FileField)}
    fields: list[tuple[str, str]] = []
    complete = not request.files
    for name, value in request.form.items(multi=True):
        if name in (FIELD, _host_field()):
            fields += _kept_token(name, value)
        elif name in secret or SECRET.search(_CAMEL.sub("_", name).lower()):
            complete = False
        else:
            fields.append((name, value))
    place = place_of_modal()
    if place and PLACE_FIELD not in request.form:
        # The page that it was sent from is left where a provider is asked.
        fields.append((PLACE_FIELD, place))
    return fields, complete


def _kept_token(name: str, value: str) -> list[tuple[str, str]]:
    """Return nothing in the place of a token of this browser, to be made anew when the form runs.

    Any other stays as it was sent, and an empty one is none: made anew, what another site has
    forged would pass the app's own check.
    """
    try:
        if name == FIELD:
            check_csrf(value)
        else:
            flask_wtf.csrf.validate_csrf(value)  # pyright: ignore[reportUnknownMemberType] # Flask-WTF ships no types
    except (CsrfError, ValidationError):
        return [(name, value)] if value else []
    return [(name, "")]


def replace_form(fields: list[tuple[str, str]]) -> None:
    """Put a form that has waited in the place of this request's, with tokens of now."""
    tokens: dict[str, t.Callable[[], str]] = {
        FIELD: csrf_token,
        _host_field(): flask_wtf.csrf.generate_csrf,  # pyright: ignore[reportUnknownMemberType] # Flask-WTF ships no types
    }
    filled = [
        (name, str(tokens[name]()) if name in tokens and not value else value)
        for name, value in fields
    ]
    # Where Flask keeps what it has read of the prompt's own form.
    read = unproxied(request).__dict__
    read.pop("values", None)
    read["form"] = ImmutableMultiDict(filled)


def _host_field() -> str:
    settings = t.cast("dict[str, t.Any]", current_app.config)
    return str(settings.get("WTF_CSRF_FIELD_NAME", "csrf_token"))


def action_of_request() -> str:
    """Return what this request does and to what, in a form of one length."""
    values = sorted((name, str(value)) for name, value in (request.view_args or {}).items())
    text = json.dumps([request.endpoint, values])
    return hashlib.sha256(text.encode()).hexdigest()
