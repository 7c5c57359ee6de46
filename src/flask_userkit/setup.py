"""What an app has to have before it serves, and the sentence for each thing that it lacks."""

from __future__ import annotations

import typing as t
from contextlib import nullcontext
from pathlib import Path

import click
from flask import Flask
from flask import has_app_context
from flask.cli import FlaskGroup
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from .config import Config
from .delivery.breaches import BreachChecker
from .delivery.breaches import PwnedPasswords
from .delivery.email import EmailSender
from .delivery.email import sender_from_url
from .delivery.mailbox import Mailbox
from .delivery.sms import EXAMPLE
from .delivery.sms import SmsSender
from .delivery.sms import sms_sender_from_url
from .errors import SetupError
from .services import schema
from .services.database import Database
from .services.engines import in_memory
from .services.kit import Kit


class SharedDatabase(t.Protocol):
    """What Flask-SQLAlchemy, Flask-SQLAlchemy-Lite and the like offer."""

    @property
    def session(self) -> t.Any: ...

    @property
    def engine(self) -> Engine: ...


def choose_database(app: Flask, config: Config, shared: SharedDatabase | None) -> Database:
    """Return the database: the app's own where it is shared, else the kit's."""
    if shared is not None:
        return Database(
            None,
            app_session=lambda: _session_of(shared),
            app_engine=lambda: _engine_of(app, shared),
        )
    if config.database_url is not None:
        return Database(config.database_url)
    path = Path(app.instance_path)
    path.mkdir(parents=True, exist_ok=True)
    return Database(f"sqlite:///{path / 'userkit.sqlite3'}")


def choose_sender(app: Flask, config: Config, *, development: bool) -> EmailSender:
    """Return what sends mail: what the setting names, else the development mailbox."""
    if config.mail_url is not None:
        return sender_from_url(config.mail_url)
    if development or not is_serving():
        return _mailbox(app)
    raise SetupError(
        "USERKIT_MAIL_URL is not set, so nobody would get a code. Set it to "
        "smtp://user:password@host:587, or run `flask run --debug` to keep mail on this machine."
    )


def choose_sms_sender(
    app: Flask, config: Config, given: SmsSender | None, *, development: bool
) -> SmsSender | None:
    """Return what sends text messages: the app's own, the setting's, or the development mailbox."""
    if config.phone_number == "off":
        return None
    if given is not None:
        return given
    if config.sms_url is not None:
        return sms_sender_from_url(config.sms_url)
    if development or not is_serving():
        return _mailbox(app)
    raise SetupError(
        "USERKIT_SMS_URL is not set, so nobody would get a code by text message. Set it to "
        f"{EXAMPLE}, give UserKit an sms_sender, or run `flask run --debug` to keep text "
        "messages on this machine."
    )


def choose_breach_checker(config: Config, given: BreachChecker | None) -> BreachChecker | None:
    """Return what knows stolen passwords: the app's own, or the setting's."""
    if given is not None or not config.password_breach_check:
        return given
    return PwnedPasswords()


def check(app: Flask, kit: Kit) -> None:
    """Refuse to serve an app that is not set up.

    :raises SetupError: what is missing, and what to run.
    """
    if not is_serving():
        return
    if kit.config.base_url is None and not kit.development:
        raise SetupError(
            "USERKIT_BASE_URL is not set. Links in mail and the kind of cookies follow from it: "
            "set it to the public address, such as https://example.com."
        )
    if kit.database.shared:
        # The app's own migrations have the kit's tables, and its engine may need the app first.
        return
    engine = kit.database.engine
    try:
        if kit.development:
            if not schema.is_current(engine):
                _upgrade(app, kit.database)
        elif not schema.is_current(engine):
            raise SetupError(
                "The database is not up to date. Run `flask userkit db upgrade`, then start again."
            )
    except DBAPIError:
        # It may come back; pages that need it say so until then.
        app.logger.warning("The database does not answer; the kit serves without it for now.")
    finally:
        # A process that is forked from this one must not inherit a connection.
        if not in_memory(engine.url):
            kit.database.dispose()


def is_serving() -> bool:
    """Tell whether this process will serve requests: any but a command other than ``run``."""
    context = click.get_current_context(silent=True)
    if context is None or not isinstance(context.find_root().command, FlaskGroup):
        return True
    return context.info_name == "run"


def _mailbox(app: Flask) -> Mailbox:
    return Mailbox(Path(app.instance_path) / "userkit-mailbox")


def _upgrade(app: Flask, database: Database) -> None:
    with database.migrating() as engine:
        if in_memory(engine.url):
            schema.upgrade(engine)
        else:
            schema.upgrade_once(engine, Path(app.instance_path))


def _engine_of(app: Flask, shared: SharedDatabase) -> Engine:
    # The outbox's thread asks as well, and no request has pushed a context there. Where there is
    # one, the end of a second would run the app's teardown, which gives up its session.
    with nullcontext() if has_app_context() else app.app_context():
        return shared.engine


def _session_of(shared: SharedDatabase) -> Session:
    session = shared.session
    return session if isinstance(session, Session) else t.cast(Session, session())
