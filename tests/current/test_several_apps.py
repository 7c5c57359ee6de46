"""Several apps in one process: each has its own people."""

from __future__ import annotations

import gc
import threading
import weakref
from pathlib import Path

import pytest
from flask import Flask
from flask import render_template_string
from flask.testing import FlaskClient

from flask_userkit import SetupError
from flask_userkit import UserKit
from flask_userkit import current_user
from tests.rig.fixtures.apps import MakeApp
from tests.rig.fixtures.databases import MakeDatabase
from tests.rig.host import close
from tests.rig.host import migrate
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import new_password
from tests.rig.visitor import Visitor


@pytest.fixture
def app(app: Flask) -> Flask:
    @app.get("/outer")
    def outer() -> dict[str, object]:
        before = bool(current_user)
        inner = app.config["OTHER"].test_client().get("/whoami").json
        return {"before": before, "inner": inner, "after": bool(current_user)}

    return app


@pytest.fixture
def other(make_app: MakeApp, make_database: MakeDatabase, tmp_path: Path) -> Flask:
    """A second app, on a database of its own and under another prefix."""
    url = make_database().url
    migrate(url, tmp_path)
    return make_app(
        USERKIT_DATABASE_URL=url, USERKIT_URL_PREFIX="/me", USERKIT_APP_NAME="Elsewhere"
    )


def cookie_of(visitor: Visitor) -> str:
    assert isinstance(visitor.client, FlaskClient)
    cookie = visitor.client.get_cookie("userkit")
    assert cookie is not None
    return cookie.value


def test_the_cookie_of_one_app_is_nobody_in_the_other(
    other: Flask, visitor: Visitor, ada: Person
) -> None:
    client = other.test_client()
    client.set_cookie("userkit", cookie_of(visitor))
    assert client.get("/whoami").json == {"user_id": None}
    assert visitor.open("/whoami").json != {"user_id": None}


def test_the_users_of_one_app_are_not_those_of_the_other(
    app: Flask, other: Flask, ada: Person
) -> None:
    totals = []
    for one in (app, other, app):
        kit: UserKit = one.extensions["userkit"]
        with one.app_context():
            totals.append(kit.users.get_user_list().total_count)
    assert totals == [1, 0, 1]


def test_one_request_inside_another_sees_its_own_person(
    app: Flask, other: Flask, visitor: Visitor, ada: Person
) -> None:
    app.config["OTHER"] = other
    shown = visitor.open("/outer").json
    assert shown == {"before": True, "inner": {"user_id": None}, "after": True}


def test_each_app_has_its_own_addresses_and_name(app: Flask, other: Flask) -> None:
    source = (
        '{% from "userkit/macros.html" import sign_in_button %}'
        "{{ sign_in_button() }} {{ userkit.app_name }}"
    )
    shown = []
    for one in (app, other):
        with one.test_request_context("/"):
            shown.append(render_template_string(source))
    assert 'href="/account/sign-in"' in shown[0]
    assert 'href="/me/sign-in"' in shown[1]
    assert "Elsewhere" in shown[1]
    assert "Elsewhere" not in shown[0]
    assert other.test_client().get("/me/sign-in").status_code == 200
    assert other.test_client().get("/account/sign-in").status_code == 404


def test_each_app_has_its_own_mail(app: Flask, other: Flask, visitor: Visitor, ada: Person) -> None:
    here = Mailbox(app.test_client()).all()
    there = Mailbox(other.test_client(), "/me/mailbox.json").all()
    assert [mail.to for mail in here] == [ada.email_address]
    assert there == []


def test_one_kit_may_serve_several_apps(app: Flask, tmp_path: Path) -> None:
    kit: UserKit = UserKit()
    apps = []
    for name in ("first", "second"):
        made = Flask(name, instance_path=str(tmp_path / name))
        made.testing = True
        made.config.update(SECRET_KEY=name, USERKIT_PASSWORD_HASH="fast")
        kit.init_app(made)
        apps.append(made)
    with apps[0].app_context():
        kit.users.create_user(email_address=["a@example.com"], password=new_password())
    counted = []
    for made in apps:
        with made.app_context():
            counted.append(kit.users.get_user_list().total_count)
    with pytest.raises(SetupError, match=r"with app\.app_context"):
        kit.users.get_user_list()
    for made in apps:
        with made.app_context():
            close(made)
    assert counted == [1, 0]


@pytest.mark.parametrize("closes", [True, False])
def test_an_app_that_nobody_has_any_more_is_freed_with_its_thread(
    tmp_path: Path, closes: bool
) -> None:
    kit: UserKit = UserKit()
    before = threading.enumerate()

    def serve() -> weakref.ref[Flask]:
        made = Flask("made", instance_path=str(tmp_path))
        made.testing = True
        made.config.update(SECRET_KEY="made", USERKIT_PASSWORD_HASH="fast")
        kit.init_app(made)
        assert made.test_client().get("/account/sign-in").status_code == 200
        assert len(threading.enumerate()) == len(before) + 1
        if closes:
            close(made)
        return weakref.ref(made)

    gone = serve()
    gc.collect()
    assert gone() is None
    assert threading.enumerate() == before
    with pytest.raises(SetupError, match="no current app"):
        kit.users.get_user_list()


def test_an_app_takes_one_kit_alone(app: Flask) -> None:
    with pytest.raises(SetupError, match="one is enough"):
        UserKit(app)
