"""Stored tokens outlive the key that they were encrypted with."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_userkit.cli import commands
from flask_userkit.connections.connection import Profile
from flask_userkit.connections.connection import Tokens
from flask_userkit.models import ExternalAccount
from flask_userkit.services import external_accounts
from flask_userkit.services import key_rotation
from flask_userkit.services.oauth_proofs import Proof
from tests.rig.fixtures.apps import MakeApp
from tests.services.support import rows

pytestmark = pytest.mark.usefixtures("backend")
OLD, NEW = "the old secret key", "the new secret key"
SUBJECTS = ["ada", "bea", "cleo", "dora", "eve"]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """An app with the old key, and accounts whose tokens that one encrypts."""
    app = make_app(SECRET_KEY=OLD)
    userkit = app.extensions["userkit"]
    with app.app_context():
        user = userkit.users.create_user(email_address=["ada@example.com"])
        for subject in SUBJECTS:
            refresh_token = None if subject == "eve" else f"refresh-{subject}"
            tokens = Tokens(f"access-{subject}", refresh_token, ("openid",), expires_at=None)
            profile = Profile(subject, "https://acme.example")
            with userkit.transaction() as db:
                external_accounts.add(db, user.id, Proof("acme", profile, tokens))
    return app


def rotate(app: Flask) -> tuple[int, list[str]]:
    result = app.test_cli_runner().invoke(commands, ["rotate-keys"])
    return result.exit_code, result.output.splitlines()


def stored(app: Flask) -> list[tuple[str | None, str | None]]:
    with app.app_context():
        found = rows(app.extensions["userkit"].kit, ExternalAccount)
    return [(row.access_token, row.refresh_token) for row in found]


def read(app: Flask) -> list[tuple[str | None, str | None]]:
    """Return the tokens as an app reads them."""
    keys = app.extensions["userkit"].kit.keys
    return [
        (keys.decrypt(access or ""), keys.decrypt(refresh) if refresh else None)
        for access, refresh in stored(app)
    ]


def test_after_it_the_old_key_can_go(
    app: Flask, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_rotation, "BATCH", 2)
    tokens = read(app)
    assert [access for access, _refresh in tokens] == [f"access-{name}" for name in SUBJECTS]
    assert read(make_app(SECRET_KEY=NEW)) != tokens
    both = make_app(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD])
    assert read(both) == tokens
    assert rotate(both) == (0, ["5 connected accounts are encrypted under the newest key."])
    assert read(make_app(SECRET_KEY=NEW)) == tokens
    assert read(app) != tokens


def test_without_the_old_key_nothing_is_lost(app: Flask, make_app: MakeApp) -> None:
    before, tokens = stored(app), read(app)
    code, (done, left) = rotate(make_app(SECRET_KEY=NEW))
    assert (code, done[:1], "5 are not" in left) == (1, "0", True)
    assert stored(app) == before
    both = make_app(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD])
    assert rotate(both)[0] == 0
    assert read(make_app(SECRET_KEY=NEW)) == tokens


def test_what_came_meanwhile_is_not_written_over(
    app: Flask, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = make_app(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD])
    userkit = both.extensions["userkit"]
    act = key_rotation._rotate

    def bring_newer_ones(_kit: object, id: str, *before: str | None) -> bool:
        with both.app_context(), userkit.transaction() as db:
            db.get_one(ExternalAccount, id).access_token = userkit.kit.keys.encrypt("newer")
        return act(userkit.kit, id, *before)

    monkeypatch.setattr(key_rotation, "_rotate", bring_newer_ones)
    rotate(both)
    assert {access for access, _refresh in read(make_app(SECRET_KEY=NEW))} == {"newer"}
