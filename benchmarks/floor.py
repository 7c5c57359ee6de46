"""The floor: the same pages by hand, one template and one query each, with no kit in the app."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
import typing as t
from collections.abc import Generator
from contextlib import contextmanager
from zlib import crc32

from flask import Flask
from flask import render_template
from flask import request
from sqlalchemy import Engine
from sqlalchemy import bindparam
from sqlalchemy import create_engine
from sqlalchemy import select

from flask_userkit.models import Client
from flask_userkit.models import EmailAddress
from flask_userkit.models import Session
from flask_userkit.models import User

from .host import SECRET_KEY

_PERSON = (
    select(User.id, User.first_name, User.last_name, EmailAddress.email_address)
    .select_from(Client)
    .join(Session, Session.id == Client.active_session_id)
    .join(User, User.id == Session.user_id)
    .outerjoin(EmailAddress, EmailAddress.id == User.primary_email_address_id)
    .where(
        Client.token_digest == bindparam("digest"),
        Session.status == "active",
        Session.expire_at > bindparam("now"),
    )
)


@contextmanager
def floor(url: str, account: str | None = None) -> Generator[Flask]:
    """Give the app by hand, on the database of the one with the kit.

    :param account: its account page, where that is not the one in its file.
    """
    app = Flask(__name__)
    app.config.update(SECRET_KEY=SECRET_KEY)
    engine = create_engine(url)
    account_page = app.jinja_env.from_string(account) if account else "floor/account.html"

    def home() -> str:
        token = request.cookies["userkit"]
        person = _find(engine, token)
        return render_template(
            "floor/home.html", title="Home", person=person, csrf_token=lambda: _csrf_token(token)
        )

    def account() -> str:
        token = request.cookies["userkit"]
        person = _find(engine, token)
        return render_template(account_page, person=person, csrf_token=lambda: _csrf_token(token))

    app.add_url_rule("/", "home", home)
    app.add_url_rule("/hello", "hello", lambda: "Hello")
    app.add_url_rule("/account/", "account", account)
    for action in ("sign-out", "profile", "avatar", "username"):
        app.add_url_rule(f"/account/{action}", action, methods=["POST"])
    app.add_url_rule("/account/assets/<path:path>", "asset")
    yield app
    engine.dispose()


def _find(engine: Engine, token: str) -> dict[str, t.Any]:
    values = {"digest": hashlib.sha256(token.encode()).digest(), "now": dt.datetime.now(dt.UTC)}
    with engine.connect() as connection:
        user_id, first_name, last_name, email_address = connection.execute(_PERSON, values).one()
    names = (first_name or "", last_name or "")
    return {
        "name": " ".join(names),
        "first_name": first_name,
        "last_name": last_name,
        "email_address": email_address,
        "initials": "".join(name[:1] for name in names),
        "hue": crc32(user_id.encode()) % 16 + 1,
    }


def _csrf_token(token: str) -> str:
    salt = secrets.token_urlsafe(9)
    mac = hmac.digest(SECRET_KEY.encode(), f"{salt}:{token}".encode(), "sha256")
    return f"{salt}.{base64.urlsafe_b64encode(mac).decode()}"
