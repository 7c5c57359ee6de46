"""A small app that the kit lives in: a public page, one for members, and one that never asks."""

from __future__ import annotations

import typing as t
from pathlib import Path

from flask import Flask
from flask import Response
from flask import jsonify
from flask import render_template_string
from flask_wtf import CSRFProtect

from flask_userkit import UserKit
from flask_userkit import current_user
from flask_userkit import login_required
from flask_userkit.cli import commands

#: What the strictest of apps sends.
STRICT_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE = """<!doctype html>
{% from "userkit/macros.html" import userkit_head, user_button %}
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{{ userkit_head() }}</head>
<body><header>{{ user_button(show_name=true, show_sign_in=true) }}</header>
<main><h1>{{ title }}</h1></main></body></html>
"""


def create_app(instance: str | Path, **config: t.Any) -> Flask:
    """Return the app.

    :param instance: its instance folder.
    :param config: Flask's and the kit's settings, and ``HOST_CSRF`` for an app that protects its
        own forms.
    """
    app = Flask(__name__, instance_path=str(instance))
    app.config.from_prefixed_env()
    app.config.update(config)
    app.debug = bool(app.config.get("DEBUG", app.debug))
    if app.config.get("HOST_CSRF"):
        CSRFProtect(app)
    UserKit(app)

    @app.get("/")
    def home() -> str:
        return render_template_string(PAGE, title="Home")

    @app.get("/members")
    @login_required
    def members() -> str:
        return render_template_string(PAGE, title="Members")

    @app.get("/whoami")
    def whoami() -> Response:
        return jsonify(user_id=current_user.id if current_user else None)

    @app.get("/members.json")
    @login_required
    def members_json() -> Response:
        return jsonify(user_id=current_user.id)

    @app.get("/plain")
    def plain() -> str:
        return "Nobody is asked who they are."

    @app.after_request
    def strict(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", STRICT_CSP)
        return response

    return app


def migrate(url: str, instance: Path) -> None:
    """Bring a database up to date by the command that a person runs."""
    app = create_app(
        instance, SECRET_KEY="for migrations alone", DEBUG=True, USERKIT_DATABASE_URL=url
    )
    result = app.test_cli_runner().invoke(commands, ["db", "upgrade"])
    close(app)
    if result.exception is not None:
        raise RuntimeError(f"flask userkit db upgrade: {result.output}") from result.exception


def close(app: Flask) -> None:
    """End an app's threads and connections."""
    app.extensions["userkit"].close()
