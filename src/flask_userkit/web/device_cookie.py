"""The cookie by which a browser is known again where somebody has signed in with it before.

It outlives sign-out and names nobody. Sign-in reads it; another password renews it.
"""

from __future__ import annotations

from flask import make_response
from flask import redirect
from flask import request
from flask.typing import ResponseReturnValue
from werkzeug import Response

from ..request_state import cookie_name
from ..request_state import current_kit
from ..request_state import state
from ..services.sessions import SignedIn
from .responses import COOKIE_AGE


def known_devices() -> str:
    """Return what the browser's cookie of known devices holds, or nothing."""
    return request.cookies.get(cookie_name(current_kit(), "-device"), "")


def welcome(signed_in: SignedIn, url: str) -> Response:
    """Lead somebody who has just signed in to where they want to go, and know the browser again."""
    state().keep_token(signed_in.token)
    return remember(signed_in.device, redirect(url, 303))


def remember(device: str, answer: ResponseReturnValue) -> Response:
    """Know a browser again, by what its cookie is to hold."""
    return _set(answer, device, COOKIE_AGE)


def forget_device(answer: ResponseReturnValue) -> Response:
    """Take the cookie from a browser where it knows nobody any more."""
    return _set(answer, "", 0)


def _set(answer: ResponseReturnValue, device: str, age: int) -> Response:
    kit = current_kit()
    response = make_response(answer)
    response.set_cookie(
        cookie_name(kit, "-device"),
        device,
        age,
        path="/",
        secure=kit.config.secure,
        httponly=True,
        samesite="Lax",
    )
    return response
