"""The floor: the same pages by hand, one template and one query each, with no kit in the app."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
import typing as t
from collections.abc import Generator
from collections.abc import Sequence
from contextlib import contextmanager
from zlib import crc32

from flask import Flask
from flask import render_template
from flask import request
from sqlalchemy import Engine
from sqlalchemy import Row
from sqlalchemy import Select
from sqlalchemy import bindparam
from sqlalchemy import create_engine
from sqlalchemy import select

from flask_userkit.models import Client
from flask_userkit.models import EmailAddress
from flask_userkit.models import Session
from flask_userkit.models import User

from .host import SECRET_KEY

_USER = (
    select(User.id, User.first_name, User.last_name, EmailAddress.email_address)
    .select_from(Client)
    .join(Session, Session.id == Client.active_session_id)
    .join(User, User.id == Session.user_id)
    .where(
        Client.token_digest == bindparam("digest"),
        Session.status == "active",
        Session.expire_at > bindparam("now"),
    )
)
_PERSON = _USER.outerjoin(EmailAddress, EmailAddress.id == User.primary_email_address_id)
_ADDRESSES = (
    _USER.join(EmailAddress, EmailAddress.user_id == User.id)
    .add_columns(EmailAddress.id)
    .order_by(EmailAddress.id)
)


@contextmanager
def floor(url: str, list_page: str = "") -> Generator[Flask]:
    """Give the app by hand, on the database of the one with the kit.

    :param list_page: the template of an account page that lists the addresses.
    """
    app = Flask(__name__)
    app.config.update(SECRET_KEY=SECRET_KEY)
    engine = create_engine(url)
    list_template = app.jinja_env.from_string(list_page)

    def home() -> str:
        token = request.cookies["userkit"]
        person = _find(engine, token)
        return render_template(
            "floor/home.html", title="Home", person=person, csrf_token=lambda: _csrf_token(token)
        )

    def account() -> str:
        return _profile_page(engine, "floor/account.html")

    def security() -> str:
        return _profile_page(engine, "floor/security.html")

    def addresses() -> str:
        token = request.cookies["userkit"]
        found = _read(engine, _ADDRESSES, token)
        csrf_token = _csrf_token(token)
        return render_template(
            list_template,
            person=_person(found[0]),
            addresses=[{"id": row[4], "email_address": row[3]} for row in found],
            csrf_token=lambda: csrf_token,
        )

    app.add_url_rule("/", "home", home)
    app.add_url_rule("/hello", "hello", lambda: "Hello")
    app.add_url_rule("/account/", "account", addresses if list_page else account)
    app.add_url_rule("/account/security", "security", security)
    for action in ("sign-out", "profile", "avatar", "username", "session", "data-exports"):
        app.add_url_rule(f"/account/{action}", action, methods=["POST"])
    app.add_url_rule("/account/security", "security")
    app.add_url_rule("/account/assets/<path:path>", "asset")
    yield app
    engine.dispose()


def _profile_page(engine: Engine, template: str) -> str:
    token = request.cookies["userkit"]
    person = _find(engine, token)
    return render_template(template, person=person, csrf_token=lambda: _csrf_token(token))


def _read(
    engine: Engine, statement: Select[*tuple[t.Any, ...]], token: str
) -> Sequence[Row[*tuple[t.Any, ...]]]:
    values = {"digest": hashlib.sha256(token.encode()).digest(), "now": dt.datetime.now(dt.UTC)}
    with engine.connect() as connection:
        return connection.execute(statement, values).all()


def _find(engine: Engine, token: str) -> dict[str, t.Any]:
    (person,) = _read(engine, _PERSON, token)
    return _person(person)


def _person(row: Row[*tuple[t.Any, ...]]) -> dict[str, t.Any]:
    user_id, first_name, last_name, email_address = row[:4]
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
