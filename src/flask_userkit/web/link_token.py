"""The token of a link in a mail: moved out of the address, which histories and referrers keep.

A cookie carries it to the clean address and survives a reload there. What a form does is decided
by the token in the form and not by the cookie: a second link, opened in another tab, takes the
cookie over.
"""

from __future__ import annotations

import re

from flask import redirect
from flask import request
from werkzeug import Response

from ..request_state import cookie_name
from ..request_state import current_kit
from ..services.email_links import TOKEN_LENGTH

#: As long as a link works.
AGE = 600
_TOKEN = re.compile(rf"[\w.-]{{1,{TOKEN_LENGTH}}}", re.ASCII)


def move_to(url: str, token: str) -> Response:
    """Lead to an address without the token; what cannot be one takes the last one away."""
    response = redirect(url, 303)
    if _TOKEN.fullmatch(token) is None:
        forget(response)
        return response
    kit = current_kit()
    # Lax, since a link in a web mail comes from another site, and so does where it leads.
    response.set_cookie(
        cookie_name(kit, "-link"),
        token,
        AGE,
        path="/",
        secure=kit.config.secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def kept_token() -> str:
    """Return the token of the link that was opened last, or nothing."""
    return request.cookies.get(cookie_name(current_kit(), "-link"), "")


def forget(response: Response) -> None:
    """Take the token away from the browser."""
    kit = current_kit()
    response.delete_cookie(
        cookie_name(kit, "-link"),
        path="/",
        secure=kit.config.secure,
        httponly=True,
        samesite="Lax",
    )
