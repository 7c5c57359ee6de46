"""An app whose views ask who is there in every way that an app can."""

from __future__ import annotations

import pytest
from flask import Flask
from flask import Response
from flask import render_template_string
from flask import request

from flask_userkit import UserKit
from flask_userkit import current_identity
from flask_userkit import current_session
from flask_userkit import current_user
from tests.rig.fixtures.apps import MakeApp


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app()
    add_views(app)
    return app


def add_views(app: Flask) -> None:
    """Add a view for each way of asking."""
    kit: UserKit = app.extensions["userkit"]

    @app.get("/truth")
    def truth() -> str:
        return str(bool(current_user))

    @app.get("/session-truth")
    def session_truth() -> str:
        return str(bool(current_session))

    @app.get("/attribute")
    def attribute() -> str:
        return f"{current_user.id} {current_user.first_name} {current_user.created_at.year}"

    @app.get("/session")
    def session() -> str:
        return f"{current_session.strategy} {current_session.status}"

    @app.get("/template")
    def template() -> str:
        return render_template_string(
            '{% from "userkit/macros.html" import user_button %}'
            "{{ userkit.identity.name if userkit.identity }}|{{ user_button() }}{{ user_button() }}"
        )

    @app.post("/rename")
    def rename() -> str:
        identity = current_identity()
        assert identity is not None
        before = (identity.first_name, current_user.first_name)
        kit.users.update_user(identity.user_id, first_name=request.form["to"])
        again = current_identity()
        assert again is not None
        after = (again.first_name, current_user.first_name)
        return f"{before} {after} frozen: {identity.first_name}"

    @app.post("/leave")
    def leave() -> str:
        kit.users.delete_user(current_user.id)
        return f"{bool(current_user)} {current_identity()}"

    @app.get("/own-cache")
    def own_cache() -> Response:
        response = Response(f"Hello {bool(current_user)}")
        response.headers["Cache-Control"] = "private, max-age=60"
        return response

    @app.get("/own-vary")
    def own_vary() -> Response:
        response = Response(f"Hello {bool(current_user)}")
        response.headers["Vary"] = "Accept-Language"
        return response

    @app.get("/fails")
    def fails() -> Response:
        assert bool(current_user) is None
        return Response()
