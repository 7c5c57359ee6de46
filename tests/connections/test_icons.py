"""The drawings of the providers that are ready."""

from __future__ import annotations

from flask import Flask

from flask_userkit.connections import READY


def test_every_ready_provider_has_a_drawing(app: Flask) -> None:
    drawn = app.jinja_env.get_template("userkit/elements/icon/icon.html").module
    assert {*READY, "link"} <= set(vars(drawn)["paths"])
