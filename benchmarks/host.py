"""An app with the kit, as in production, and somebody who is signed in to it."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask import render_template

from flask_userkit import UserKit

from .call import Call

SECRET_KEY = "a key for benchmarks alone"
PASSWORD = "correct horse battery staple"
_CSRF = re.compile(r'name="userkit_csrf" value="([^"]+)"')


@dataclass(frozen=True)
class Visit:
    """An app, and the cookie of a browser that is signed in to it."""

    app: Flask
    userkit: UserKit
    cookies: dict[str, str]

    @property
    def url(self) -> str:
        """The address of the app's database."""
        with self.app.app_context():
            return self.userkit.kit.database.engine.url.render_as_string(hide_password=False)


def create_app(folder: Path, url: str | None = None, **config: t.Any) -> Flask:
    """Return an app with the kit, which serves as in production."""
    app = Flask(__name__, instance_path=str(folder))
    app.config.update(
        SECRET_KEY=SECRET_KEY,
        USERKIT_APP_NAME="Benchmarks",
        USERKIT_BASE_URL="http://localhost",
        USERKIT_DATABASE_URL=url or f"sqlite:///{folder}/userkit.sqlite3",
        USERKIT_MAIL_URL=f"file://{folder}/mail",
        USERKIT_OUTBOX="worker",
        USERKIT_USERNAME="optional",
    )
    app.config.update(config)
    UserKit(app)
    app.add_url_rule("/", "home", lambda: render_template("home.html", title="Home"))
    app.add_url_rule("/hello", "hello", lambda: "Hello")
    return app


@contextmanager
def visit(folder: Path, *, fast: bool = True, **config: t.Any) -> Generator[Visit]:
    """Set an app up, with one user, and sign her in by the form.

    :param fast: whether passwords are hashed as in tests.
    """
    hashing = {"USERKIT_PASSWORD_HASH": "fast" if fast else "default"}
    migrate(folder)
    app = create_app(folder, **hashing, **config)
    userkit = t.cast("UserKit", app.extensions["userkit"])
    with app.app_context():
        userkit.users.create_user(
            email_address=["ada@example.com"],
            first_name="Ada",
            last_name="Lovelace",
            password=PASSWORD,
        )
    answer = sign_in(app)()
    try:
        yield Visit(app, userkit, cookies_of(answer.header("Set-Cookie")))
    finally:
        with app.app_context():
            userkit.close()


def migrate(folder: Path, url: str | None = None) -> None:
    """Make the tables, as an app in debug does by itself."""
    app = create_app(folder, url, DEBUG=True)
    with app.app_context():
        app.extensions["userkit"].close()


def sign_in(app: Flask, identifier: str = "ada@example.com", status: int = 303) -> Call:
    """Return the request that signs Ada in at a new browser."""
    form = Call(app, "/account/sign-in")()
    token = _CSRF.search(form.text)
    assert token is not None
    return Call(
        app,
        "/account/sign-in",
        cookies=cookies_of(form.header("Set-Cookie")),
        form={
            "userkit_csrf": token[1],
            "identifier": identifier,
            "password": PASSWORD,
        },
        status=status,
    )


def cookies_of(headers: list[str]) -> dict[str, str]:
    """Return the cookies that an answer sets."""
    pairs = (header.partition(";")[0].partition("=") for header in headers)
    return {name: value for name, _, value in pairs if value}
