"""The kit's own routes commit once in the app's session, whatever the app did before them."""

from __future__ import annotations

import secrets
import time
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask import jsonify
from flask import render_template_string
from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import event
from sqlalchemy import func
from sqlalchemy import select

from flask_userkit import current_user
from flask_userkit import login_required
from flask_userkit.delivery.mailbox import Mailbox
from flask_userkit.models import User
from flask_userkit.services.outbox import send_mail
from tests.rig.clients import RecordingClient
from tests.rig.databases import Database
from tests.rig.mailbox import Mailbox as Letters
from tests.rig.people import sign_in
from tests.rig.people import sign_out
from tests.rig.people import sign_up
from tests.rig.visitor import Visitor
from tests.services.shared_apps import COMBINATIONS
from tests.services.shared_apps import Book
from tests.services.shared_apps import SharedApp
from tests.services.shared_apps import make_shared_app

pytestmark = pytest.mark.parametrize(("kind", "backend"), COMBINATIONS, indirect=["backend"])
PAGE = '{% from "userkit/macros.html" import user_button %}{{ user_button(show_sign_in=true) }}'


@pytest.fixture
def shared(kind: str, database: Database, tmp_path: Path) -> Iterator[SharedApp]:
    """An app that writes in each request before the kit does, as one that counts visits."""
    app = Flask("shared", instance_path=str(tmp_path))
    app.debug = app.testing = True
    app.test_client_class = RecordingClient
    app.config.update(SECRET_KEY=secrets.token_urlsafe(32), USERKIT_PASSWORD_HASH="fast")
    shared = make_shared_app(kind, app, database.url)
    add_views(app, shared)
    with app.app_context():
        t.cast(t.Any, Book.__table__).create(shared.db.engine, checkfirst=True)
    yield shared
    shared.close()


def add_views(app: Flask, shared: SharedApp) -> None:
    @app.before_request
    def note_visit() -> None:
        if request.method == "POST" and shared.app.config.get("VISITS", True):
            shared.session.add(Book(title=request.path))
            shared.session.flush()

    @app.get("/")
    def home() -> str:
        return render_template_string(PAGE)

    @app.post("/rename")
    @login_required
    def rename() -> ResponseReturnValue:
        current_user.first_name = request.args["name"]
        shared.session.commit()
        user = shared.userkit.users.update_user(current_user.id, last_name="King")
        same = shared.session.get(User, current_user.id) is user
        if request.args.get("commit"):
            shared.session.commit()
        return jsonify(same=same, name=current_user.full_name)

    @app.get("/plain")
    def plain() -> str:
        return ""


def test_people_sign_up_in_and_out_while_the_app_writes_beside(shared: SharedApp) -> None:
    client = shared.app.test_client()
    visitor, letters = Visitor(client), Letters(shared.app.test_client())
    person = sign_up(visitor, letters)
    visitor.open("/account/")
    assert visitor.page.status == 200
    sign_out(visitor)
    begun = time.monotonic()
    assert sign_in(visitor, person).status == 200
    assert time.monotonic() - begun < 4
    renamed = client.post("/rename?name=Augusta&commit=1").get_json()
    assert renamed == {"same": True, "name": "Augusta King"}
    with shared.app.app_context():
        (user,) = shared.userkit.users.get_user_list(email_address=[person.email_address]).data
        assert user.full_name == "Augusta King"
        visits = shared.session.scalars(select(Book.title).order_by(Book.id)).all()
        assert visits == [
            "/account/sign-up",
            "/account/sign-up/verification",
            "/account/sign-out",
            "/account/sign-in",
            "/rename",
        ]


def test_what_the_app_does_not_commit_is_gone_with_the_request(shared: SharedApp) -> None:
    client = shared.app.test_client()
    person = sign_up(Visitor(client), Letters(shared.app.test_client()))
    client.post("/rename?name=Augusta")
    with shared.app.app_context():
        (user,) = shared.userkit.users.get_user_list(email_address=[person.email_address]).data
        assert (user.first_name, user.last_name) == ("Augusta", None)


def test_a_route_of_the_kit_commits_its_work_once(shared: SharedApp) -> None:
    visitor = Visitor(shared.app.test_client())
    letters = Letters(shared.app.test_client())
    person = sign_up(visitor, letters)
    visitor.open("/account/?edit=profile")
    shared.app.config["VISITS"] = False
    commits: list[object] = []
    with shared.app.app_context():
        event.listen(shared.db.engine, "commit", commits.append)
    visitor.submit("/account/profile", follow=False, first_name="Augusta")
    assert len(commits) == 1
    with shared.app.app_context():
        found = shared.userkit.users.get_user_list(email_address=[person.email_address])
        assert found.data[0].first_name == "Augusta"


def test_a_wrong_password_undoes_nothing_of_the_app_and_is_counted(shared: SharedApp) -> None:
    visitor = Visitor(shared.app.test_client())
    person = sign_up(visitor, Letters(shared.app.test_client()))
    sign_out(visitor)
    visitor.open("/account/sign-in")
    page = visitor.submit("/sign-in", identifier=person.email_address, password="not it at all")
    assert page.status == 422
    with shared.app.app_context():
        assert shared.session.scalar(select(func.count()).select_from(Book)) == 4


def test_the_outbox_sends_before_any_request_has_used_the_database(shared: SharedApp) -> None:
    with shared.app.app_context():
        with shared.userkit.transaction() as db:
            send_mail(db, "sign_up_notice", "ada@example.com", sign_in_url="http://localhost/")
        shared.userkit.kit.outbox.stop()
        shared.userkit.kit.database.dispose()
        shared.session.commit()
        sender = shared.userkit.kit.email_sender
    assert isinstance(sender, Mailbox)
    shared.app.test_client().get("/plain")
    deadline = time.monotonic() + 30
    while not sender.messages() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [mail.to for mail in sender.messages()] == ["ada@example.com"]
