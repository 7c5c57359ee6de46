"""A large export in an app's own session, which nobody but the worker ends outside of a request."""

from __future__ import annotations

import secrets
import typing as t
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy import select

from flask_userkit import UserKit
from flask_userkit.models import DataExport
from flask_userkit.models import User
from flask_userkit.services import data_export_archive
from flask_userkit.services import data_export_work
from flask_userkit.services import data_exports
from flask_userkit.services.kit import Kit
from tests.rig.clock import Clock
from tests.rig.databases import Database
from tests.rig.people import new_address
from tests.services.acts import let_in
from tests.services.deliveries import deliver_all
from tests.services.shared_apps import Factory
from tests.services.support import rows

pytestmark = pytest.mark.usefixtures("backend")


class Alone:
    """An app that ends its session after requests, and the thread of a worker beside it."""

    def __init__(self, app: Flask, url: str) -> None:
        self.app = app
        self.db = Factory(create_engine(url))
        self.userkit: UserKit[User] = UserKit(app, db=self.db)
        self._worker = ThreadPoolExecutor(1)

    @property
    def kit(self) -> Kit:
        return self.userkit.kit

    def ask(self) -> str:
        """Ask for the export of somebody new, as a request does; return who they are."""
        with self.app.app_context():
            user_id = self.userkit.users.create_user(email_address=[new_address()]).id
            self.db.session.commit()
            who = let_in(self.userkit, user_id)
            self.db.session.commit()
            drafted = data_exports.draft(self.kit, who)
            with self.userkit.transaction() as db:
                data_exports.create(db, who, drafted)
            self.db.session.commit()
            self.db.session.remove()
        return user_id

    def work(self) -> bool:
        """Send what waits, and tell whether a transaction is left open there."""

        def run() -> bool:
            with self.app.app_context():
                deliver_all(self.kit)
                return bool(self.db.session().in_transaction())

        return self._worker.submit(run).result()

    def status(self, user_id: str) -> list[str]:
        return [row.status for row in rows(self.kit, DataExport, DataExport.user_id == user_id)]

    def close(self) -> None:
        self._worker.submit(self.db.session.remove).result()
        self._worker.shutdown()
        self.db.session.remove()
        with self.app.app_context():
            self.userkit.close()
        self.db.engine.dispose()


@pytest.fixture
def alone(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Alone]:
    monkeypatch.setattr(data_exports, "SMALL", 0)
    app = Flask("shared", instance_path=str(tmp_path))
    app.testing = True
    app.config.update(SECRET_KEY=secrets.token_urlsafe(32), USERKIT_PASSWORD_HASH="fast")
    app.config.update(USERKIT_OUTBOX="worker")
    alone = Alone(app, database.url)
    yield alone
    alone.close()


def test_each_export_is_read_anew_and_no_transaction_stays_open(alone: Alone) -> None:
    def look(_user: User) -> t.Any:
        # An app's own part reads on after the kit's, and so begins a transaction anew.
        return {"all.json": len(alone.db.session.scalars(select(User.id)).all())}

    alone.userkit.data_exporter(look)
    for _ in range(2):
        user_id = alone.ask()
        assert not alone.work()
        assert alone.status(user_id) == ["ready"]


def test_a_user_who_is_not_found_ends_it_only_where_the_export_is_gone(
    alone: Alone, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone.userkit.clock = clock = Clock()
    monkeypatch.setattr(data_export_archive, "_of_app", lambda *_, **__: None)
    user_id = alone.ask()
    for _ in range(data_export_work.MAX_ATTEMPTS):
        assert alone.status(user_id) == ["preparing"]
        alone.work()
        clock.tick(60)
    assert alone.status(user_id) == ["failed"]
