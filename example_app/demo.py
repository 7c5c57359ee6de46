"""``flask --app example_app demo``: everything that a first look needs."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from flask_userkit.cli import upgrade

from .models import create_tables
from .seed import seed


@click.command()
@click.pass_context
@with_appcontext
def demo(context: click.Context) -> None:
    """Make the tables, people and books of the demo; what is there stays."""
    context.invoke(upgrade)
    create_tables()
    for email_address, password in seed():
        click.echo(f"{email_address}  {password}")
    click.echo(f"API key  {current_app.config['API_KEY']}")
    click.echo(current_app.config.get("USERKIT_BASE_URL") or "http://localhost:5000")
