"""``request.htmx`` stands beside what an app's own request class has."""

from __future__ import annotations

import pytest
from flask import Flask
from flask import Request
from flask import request
from htmx_flask.requests import HtmxAwareRequest

from flask_userkit.web.htmx import install
from flask_userkit.web.htmx import is_htmx


class OwnRequest(Request):
    """What an app may have."""

    own = "its own"


@pytest.mark.parametrize("base", [Request, OwnRequest, HtmxAwareRequest])
@pytest.mark.parametrize("header", ["true", "false", None])
def test_it_tells_whether_htmx_asks(base: type[Request], header: str | None) -> None:
    app = Flask(__name__)
    app.request_class = base
    install(app)
    headers = {} if header is None else {"HX-Request": header, "HX-Target": "panel"}
    with app.test_request_context("/", headers=headers):
        assert is_htmx() is (header == "true")
        assert bool(request.htmx) is is_htmx()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType] # Flask's types do not know what is tried here
        assert getattr(request, "own", None) == getattr(base, "own", None)


def test_an_app_without_the_kit_has_none() -> None:
    with Flask(__name__).test_request_context("/", headers={"HX-Request": "true"}):
        assert is_htmx() is False
