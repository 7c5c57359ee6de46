"""The blueprint of the kit's pages: secure by default, opened where a view says so."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from flask import Blueprint
from flask import current_app
from flask import jsonify
from flask import make_response
from flask import render_template
from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import RequestEntityTooLarge

from ..current import RETRY_AFTER
from ..current import current_identity
from ..current import unauthenticated
from ..current import wants_json
from ..errors import AuthenticationError
from ..errors import UnavailableError
from ..errors import UserKitError
from ..paths import TEMPLATES
from ..request_state import state
from ..services.database import UNAVAILABLE
from ..services.database import unavailable
from ..translations import gettext as _
from . import responses

#: More than every form of the kit needs; a longer body is refused before it is read.
MAX_BODY = 4 * 1024 * 1024
MAX_PARTS = 200
#: What comes along with a file: its name, the token, the lines between them.
MAX_REST = 64 * 1024
_PUBLIC = "_userkit_public"
_FILES = "_userkit_files"

V = t.TypeVar("V", bound=Callable[..., ResponseReturnValue])

blueprint = Blueprint("userkit", __name__, template_folder=str(TEMPLATES))


def public(view: V) -> V:
    """Open a view to people who are not signed in; without it, the blueprint asks."""
    setattr(view, _PUBLIC, True)
    return view


def takes_file(limit: int) -> Callable[[V], V]:
    """Let a view take a file of so many bytes, in a form of several parts and in no other."""

    def mark(view: V) -> V:
        setattr(view, _FILES, limit + MAX_REST)
        return view

    return mark


@blueprint.url_value_preprocessor
def _exempt_providers(endpoint: str | None, _values: dict[str, t.Any] | None) -> None:
    """Take what a provider sends by a form out of an app's own ``CSRFProtect``.

    It has no token of this site; the state in it does that, in the GET that it leads to.
    """
    csrf = current_app.extensions.get("csrf")
    if csrf is not None and endpoint == "userkit.post_oauth_callback":
        csrf.exempt(current_app.view_functions[endpoint])


@blueprint.url_value_preprocessor
def _limit_body(endpoint: str | None, _values: dict[str, t.Any] | None) -> None:
    """Set how much a form of the kit may bring, before anything of the app reads it.

    An app may have limits of its own, and a ``CSRFProtect`` that reads every form. This runs
    before each hook of the app, and not at all for the app's own addresses.
    """
    view = current_app.view_functions[endpoint or ""]
    # A file goes to disk as it comes; all else is held in memory.
    limit = getattr(view, _FILES, None) if request.mimetype == "multipart/form-data" else None
    request.max_content_length = limit or MAX_BODY
    request.max_form_memory_size = MAX_BODY
    request.max_form_parts = MAX_PARTS
    if limit is None and request.content_length is None and len(request.get_data()) >= MAX_BODY:
        # A body in chunks does not say how long it is, and would be read as far as it may.
        raise RequestEntityTooLarge


@blueprint.before_request
def _guard() -> ResponseReturnValue | None:
    view = current_app.view_functions[request.endpoint or ""]
    if getattr(view, _PUBLIC, False) or current_identity() is not None:
        return None
    return unauthenticated()


blueprint.after_request(responses.harden)


@blueprint.errorhandler(AuthenticationError)
def lead_to_sign_in(_error: AuthenticationError) -> ResponseReturnValue:
    """Answer somebody whose session has ended within this request as if it had before."""
    return unauthenticated()


@blueprint.errorhandler(UserKitError)
def show_error(error: UserKitError) -> ResponseReturnValue:
    """Answer with an error: as JSON to a program, in words to a person."""
    if isinstance(error, UnavailableError):
        state().give_up()
    if wants_json():
        response = make_response(jsonify(error.envelope()), error.status)
    else:
        page = _error_page(_title(error.status), error.message, error.status, error.retry_after)
        response = make_response(page, error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def show_unavailable(error: Exception) -> ResponseReturnValue:
    """Answer while the database is away or held by another."""
    current_app.logger.error("The database does not answer.", exc_info=error)
    return show_error(UnavailableError(unavailable(), retry_after=RETRY_AFTER))


for _kind in UNAVAILABLE:
    blueprint.register_error_handler(_kind, show_unavailable)


@blueprint.errorhandler(HTTPException)
def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """Answer a request that cannot be read, such as one that is too large."""
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    status = error.code or 500
    return show_error(_as_kit_error(status))


def _as_kit_error(status: int) -> UserKitError:
    messages = {
        404: _("There is nothing at this address."),
        405: _("This address takes another kind of request."),
        413: _("This is more than can be taken."),
    }
    error = UserKitError(messages.get(status, _("This request cannot be read.")))
    error.code = "resource_not_found" if status == 404 else "request_invalid"
    error.status = status
    return error


def _title(status: int) -> str:
    titles = {
        403: _("Not allowed"),
        404: _("Not found"),
        413: _("Too large"),
        429: _("Wait a moment"),
        503: _("Not available"),
    }
    return titles.get(status, _("This did not work"))


def _error_page(title: str, message: str, status: int, retry_after: int | None) -> str:
    return render_template(
        "userkit/error.html",
        title=title,
        message=message,
        status_code=status,
        retry_after=retry_after,
    )
