"""What went wrong, as a page for people and as JSON for programs."""

from __future__ import annotations

from flask import Flask
from flask import jsonify
from flask import render_template
from flask import request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import Conflict
from werkzeug.exceptions import HTTPException

from flask_userkit import UserKitError

SENTENCES = {
    400: "This request cannot be read.",
    404: "There is nothing at this address.",
    405: "This address takes another kind of request.",
    409: "This was changed meanwhile. Look again.",
    413: "This is more than can be taken.",
    415: "Send JSON.",
    500: "Something broke on our side. Try again in a moment.",
}


def install_errors(app: Flask) -> None:
    """Answer every error of the app in its own words."""
    app.register_error_handler(UserKitError, _show_kit_error)
    app.register_error_handler(HTTPException, _show_http_error)
    app.register_error_handler(IntegrityError, lambda error: _show_http_error(Conflict()))


def _show_kit_error(error: UserKitError) -> ResponseReturnValue:
    if not request.path.startswith("/api/"):
        return _page(error.message, error.status)
    return jsonify(error.envelope()), error.status


def _show_http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response()
    if isinstance(error, CSRFError):
        message = "This page was open for too long. Go back, reload it and send it once more."
    else:
        message = SENTENCES.get(status, SENTENCES[500 if status >= 500 else 400])
    if not request.path.startswith("/api/"):
        return _page(message, status)
    return jsonify(UserKitError(message, code=f"http_{status}").envelope()), status


def _page(message: str, status: int) -> ResponseReturnValue:
    return render_template("error.html", message=message), status
