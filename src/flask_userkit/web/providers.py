"""The way to a provider: a page that leads there, and which one was used last."""

from __future__ import annotations

import typing as t

from flask import make_response
from flask import render_template
from flask import request
from flask.typing import ResponseReturnValue
from werkzeug import Response

from ..request_state import cookie_name
from ..request_state import current_kit
from .htmx import is_htmx

#: For so long the way of signing in is marked that was used last.
COOKIE_AGE = 365 * 86400


class ShownConnection(t.NamedTuple):
    """A provider as the buttons of sign-in show it.

    :param last_used: whether somebody has signed in with it last in this browser.
    """

    name: str
    label: str
    icon: str
    last_used: bool


def shown_connections() -> list[ShownConnection]:
    """Return the providers that people sign in with here."""
    last = last_provider()
    return [
        ShownConnection(each.name, each.label, each.icon, each.name == last)
        for each in current_kit().connections.all()
    ]


def lead_to(url: str, label: str) -> ResponseReturnValue:
    """Lead a browser to a provider.

    A redirect would not do: what a form is answered with may lead only where the policy of its
    page allows (Content Security Policy Level 3, ``form-action``), and that page may be an app's.
    """
    if is_htmx():
        response = make_response("")
        response.headers["HX-Redirect"] = url
        return response
    response = make_response(render_template("userkit/oauth/leave.html", url=url, label=label))
    # It is a header, since the head of the page may be an app's own (HTML section 7.4.2.1).
    response.headers["Refresh"] = f"0; url={url}"
    return response


def last_provider() -> str:
    """Return the provider that somebody signed in with last in this browser, or nothing."""
    return request.cookies.get(cookie_name(current_kit(), "-provider"), "")


def mark_provider(response: Response, provider: str) -> Response:
    """Mark the provider that somebody has signed in with."""
    kit = current_kit()
    response.set_cookie(
        cookie_name(kit, "-provider"),
        provider,
        COOKIE_AGE,
        path="/",
        secure=kit.config.secure,
        httponly=True,
        samesite="Lax",
    )
    return response
