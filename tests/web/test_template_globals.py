"""The global ``userkit`` of templates."""

from __future__ import annotations

import pytest
from flask import Flask
from flask import render_template_string

BOTH = """{% from "userkit/macros.html" import MACRO %}
{%- if userkit.MACRO() == MACRO() and userkit.MACRO %}same{% endif -%}"""


@pytest.mark.parametrize("macro", ["userkit_head", "sign_in_button", "user_button", "user_avatar"])
def test_a_macro_is_there_without_an_import(app: Flask, macro: str) -> None:
    with app.test_request_context():
        assert render_template_string(BOTH.replace("MACRO", macro)) == "same"


def test_what_is_not_there_is_undefined(app: Flask) -> None:
    with app.test_request_context():
        assert render_template_string("{{ userkit.nothing is defined }}") == "False"
