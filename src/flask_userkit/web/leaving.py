"""What a browser gets that is signed out."""

from __future__ import annotations

from flask import Response
from flask import make_response
from flask import redirect

from ..request_state import current_kit
from ..request_state import state
from . import link_token
from .htmx import is_htmx


def leave(url: str = "") -> Response:
    """Take the token from the browser and lead it away, the whole page where htmx asks.

    :param url: where to; by default where sign-out leads.
    """
    state().keep_token(None)
    url = url or current_kit().config.after_sign_out_url
    if is_htmx():
        response = make_response("")
        response.headers["HX-Redirect"] = url
    else:
        response = make_response(redirect(url, 303))
    if link_token.kept_token():
        link_token.forget(response)
    # A browser keeps whole pages for its Back button, also some that are no-store.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
