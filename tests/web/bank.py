"""A bank: an app whose own views ask who one is."""

from __future__ import annotations

import typing as t

from flask import Flask
from flask import Response
from flask import jsonify
from flask import render_template_string
from flask import request as asked
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired

from flask_userkit import current_session
from flask_userkit import reverification_required


class TransferForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    to = StringField(validators=[InputRequired()])
    note = StringField()


def add_views(app: Flask, done: list[t.Any]) -> None:
    """Add its views: what is secret is read, and what is sent is done, by who has proven it."""

    @app.get("/secret")
    @reverification_required("strict")
    def secret() -> str:
        return "the secret"

    @app.get("/lax")
    @reverification_required("lax")
    def lax() -> str:
        return "not that secret"

    @app.route("/transfers/<int:account>", methods=["GET", "POST"])
    @reverification_required(("first_factor", 5))
    def transfer(account: int) -> t.Any:
        form = TransferForm()
        if form.validate_on_submit():
            values = asked.form.getlist("note"), asked.values["to"], asked.args.get("tab")
            done.append((account, form.to.data, *values))
            return "transferred"
        return render_template_string("{{ form.errors }}", form=form), 422

    @app.get("/form")
    def form() -> str:
        return render_template_string(
            '<form method="post" action="/transfers/7?tab=2">{{ form.hidden_tag() }}'
            '<input name="to"><input name="note"></form>'
            '<form method="post" action="/files"><input name="userkit_reverification"></form>',
            form=TransferForm(),
        )

    @app.post("/files")
    @reverification_required()
    def files() -> t.Any:
        done.append((asked.form.to_dict(), {n: f.read() for n, f in asked.files.items()}))
        return "kept"

    @app.get("/age")
    def age() -> Response:
        return jsonify(current_session.factor_verification_age)
