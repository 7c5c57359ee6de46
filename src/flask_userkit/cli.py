"""``flask userkit …``."""

from __future__ import annotations

import secrets
import signal
import threading

import click
from flask import current_app
from flask.cli import AppGroup
from flask.cli import with_appcontext

from .errors import SetupError
from .errors import UserKitError
from .request_state import current_kit
from .services import schema
from .services.key_rotation import rotate_keys as rotate
from .services.outbox import deliver_next
from .services.purge import purge as purge_kinds

IDLE_SECONDS = 1.0


def _make_commands() -> AppGroup:
    """Return the group of the kit's commands."""
    group = AppGroup("userkit", help="Users of this app.")
    group.add_command(_database_commands())
    group.add_command(create_user)
    group.add_command(create_secret_key)
    group.add_command(worker)
    group.add_command(purge)
    group.add_command(rotate_keys)
    return group


def _database_commands() -> AppGroup:
    group = AppGroup("db", help="The kit's tables.")
    group.add_command(upgrade)
    return group


@click.command()
@with_appcontext
def upgrade() -> None:
    """Bring the kit's tables up to date."""
    try:
        with current_kit().database.migrating() as engine:
            schema.upgrade(engine)
    except SetupError as error:
        raise click.ClickException(str(error)) from error
    click.echo("The database is up to date.")


@click.command()
@click.argument("email_address")
@click.option("--first-name")
@click.option("--last-name")
@click.option("--username")
@click.password_option()
@with_appcontext
def create_user(
    email_address: str,
    password: str,
    first_name: str | None,
    last_name: str | None,
    username: str | None,
) -> None:
    """Create a user, whose address counts as verified."""
    try:
        user = current_app.extensions["userkit"].users.create_user(
            email_address=[email_address],
            password=password,
            username=username,
            first_name=first_name,
            last_name=last_name,
        )
    except UserKitError as error:
        raise click.ClickException(error.message) from error
    click.echo(user.id)


@click.command()
def create_secret_key() -> None:
    """Print a new SECRET_KEY."""
    click.echo(secrets.token_urlsafe(48))


@click.command()
@with_appcontext
def worker() -> None:
    """Send what is in the outbox, until it is told to stop; any number may run."""
    kit = current_kit()
    stopping = threading.Event()

    def stop(number: int, frame: object) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    click.echo("Sending. Stop with Ctrl+C.")
    while not stopping.is_set():
        try:
            if not deliver_next(kit):
                stopping.wait(IDLE_SECONDS)
        except Exception:
            current_app.logger.exception("The outbox could not be read.")
            stopping.wait(IDLE_SECONDS * 5)


@click.command()
@with_appcontext
def rotate_keys() -> None:
    """Encrypt stored tokens anew, under the newest SECRET_KEY."""
    done, left = (sum(numbers) for numbers in zip(*rotate(current_kit()), strict=True))
    click.echo(f"{done} connected accounts are encrypted under the newest key.")
    if left:
        raise click.ClickException(
            f"{left} are not: the key that they were encrypted with is not in SECRET_KEY_FALLBACKS."
        )


@click.command()
@with_appcontext
def purge() -> None:
    """Delete what has expired, a few rows at a time; run it daily. Any number may run."""
    for name, deleted in purge_kinds(current_kit()):
        click.echo(f"{deleted:>9} {name}")


#: Found by Flask through the package's entry point, so that it is there before an app loads.
commands = _make_commands()
