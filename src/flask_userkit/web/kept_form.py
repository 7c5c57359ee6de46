"""What is kept of a form while it waits, and how it becomes the form of a later request."""

from __future__ import annotations

import hashlib
import json
import typing as t

import flask_wtf.csrf
from flask import current_app
from flask import request
from werkzeug.datastructures import ImmutableMultiDict
from wtforms import FileField
from wtforms import PasswordField

from ..current import unproxied
from .csrf import FIELD
from .csrf import csrf_token
from .kit_form import KitForm

#: In the answer to a prompt: the form that waits for it, and whether a code is asked for.
ANSWER, DELIVERY = "userkit_reverification", "userkit_delivery"
#: Parts of the names of fields that are never kept.
SECRETS = ("passw", "secret")


def kept(form: object) -> tuple[list[tuple[str, str]], bool]:
    """Return what may be kept of this request's form, and whether that is all of it."""
    secret = {ANSWER, DELIVERY}
    if isinstance(form, KitForm):
        secret |= {each.name for each in form if isinstance(each, PasswordField | FileField)}
    fields: list[tuple[str, str]] = []
    complete = not request.files
    for name, value in request.form.items(multi=True):
        if name in (FIELD, _host_field()):
            # Made anew when the form runs; that it was there is all that is kept.
            fields.append((name, ""))
        elif name in secret or any(part in name.lower() for part in SECRETS):
            complete = False
        else:
            fields.append((name, value))
    return fields, complete


def replace_form(fields: list[tuple[str, str]]) -> None:
    """Put a form that has waited in the place of this request's, with tokens of now."""
    tokens: dict[str, t.Callable[[], str]] = {
        FIELD: csrf_token,
        # Flask-WTF ships no types.
        _host_field(): flask_wtf.csrf.generate_csrf,  # pyright: ignore[reportUnknownMemberType]
    }
    filled = [(name, str(tokens[name]()) if name in tokens else value) for name, value in fields]
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
