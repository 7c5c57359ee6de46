"""htmx: the request's side by htmx-Flask, with what it lacks."""

from __future__ import annotations

import json
from functools import cached_property

from flask import Flask
from flask import Request
from flask import Response
from flask import make_response
from flask import request
from htmx_flask.requests import HtmxAwareRequest
from htmx_flask.requests import HtmxHeaders


class HtmxRequest(Request):
    """A request with ``htmx``, which is made for those that ask for it."""

    @cached_property
    def htmx(self) -> HtmxHeaders:
        return HtmxHeaders(self.headers)


def install(app: Flask) -> None:
    """Give requests ``request.htmx``, over the app's own request class and not instead of it."""
    base = app.request_class
    if not issubclass(base, (HtmxRequest, HtmxAwareRequest)):
        app.request_class = type("HtmxRequest", (HtmxRequest, base), {})


def is_htmx() -> bool:
    """Tell whether htmx asks, for a fragment and not for a page."""
    return bool(getattr(request, "htmx", None))


def fragment(*parts: str, event: str | None = None) -> Response:
    """Answer with a section and what it changes elsewhere.

    :param event: an event for the app's own scripts (``HX-Trigger``).
    """
    response = make_response("".join(parts))
    if event is not None:
        response.headers["HX-Trigger"] = json.dumps({event: {}})
    return response
