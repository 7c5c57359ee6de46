"""Two route handlers for programs: create a user, delete the signed-in user."""

from __future__ import annotations

import hmac
import typing as t

from flask import Blueprint
from flask import current_app
from flask import jsonify
from flask import request
from flask.typing import ResponseReturnValue

from flask_userkit import current_user
from flask_userkit.errors import AuthenticationError
from flask_userkit.errors import FormError
from flask_userkit.models import User

from .extensions import csrf
from .extensions import userkit

api = Blueprint("api", __name__, url_prefix="/api")
TEXTS = ("password", "first_name", "last_name")


@api.post("/users")
@csrf.exempt  # type: ignore[untyped-decorator] # Flask-WTF ships no types
def create_user() -> ResponseReturnValue:
    # An address given here counts as verified, so who may call this may take anybody's: only
    # who has the key. No browser sends a key by itself, so no other site can make it call.
    _require_key()
    user = userkit.users.create_user(**_new_user(request.get_json()))
    return jsonify(_as_json(user)), 201


@api.delete("/me")
@csrf.exempt  # type: ignore[untyped-decorator] # Flask-WTF ships no types
def delete_me() -> ResponseReturnValue:
    if not current_user:
        raise AuthenticationError("Sign in to go on.")
    # After the question who asks, so that a program without a session gets the plain 401.
    csrf.protect()
    user_id = current_user.id
    userkit.users.delete_user(user_id)
    return jsonify(id=user_id, deleted=True)


def _require_key() -> None:
    sent = request.authorization
    token = sent.token if sent is not None and sent.type == "bearer" else None
    if not hmac.compare_digest((token or "").encode(), current_app.config["API_KEY"].encode()):
        raise AuthenticationError("Send the API key as `Authorization: Bearer …`.")


def _new_user(body: object) -> dict[str, t.Any]:
    """Return what a request may set; the kit judges the values, JSON alone their types."""
    if not isinstance(body, dict):
        raise FormError("Send a JSON object.", code="request_body_invalid")
    addresses = body.get("email_address")
    if not isinstance(addresses, list) or not all(isinstance(item, str) for item in addresses):
        raise _wrong_type("email_address", "a list of texts")
    for name in TEXTS:
        if not isinstance(body.get(name), str | None):
            raise _wrong_type(name, "a text")
    return {"email_address": addresses, **{name: body.get(name) for name in TEXTS}}


def _wrong_type(name: str, wanted: str) -> FormError:
    return FormError(f"{name} is {wanted}.", code="form_param_format_invalid", param=name)


def _as_json(user: User) -> dict[str, t.Any]:
    return {
        "id": user.id,
        "email_addresses": [email.email_address for email in user.email_addresses],
        "first_name": user.first_name,
        "last_name": user.last_name,
        "created_at": user.created_at.isoformat(),
    }
