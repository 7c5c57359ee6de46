"""The app as a whole: its layout, its settings, its demo."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from example_app.keys import kept_secret
from example_app.models import Book
from example_app.models import Like
from flask_userkit.models import User
from tests.example.steps import MakeExample
from tests.example.steps import count
from tests.example.steps import run_demo
from tests.rig.fixtures.apps import MakeVisitor
from tests.rig.fixtures.databases import MakeDatabase
from tests.rig.people import Person
from tests.rig.people import sign_in
from tests.rig.visitor import Visitor


@pytest.mark.parametrize("path", ["/", "/my-list", "/account/", "/account/sign-in", "/nowhere"])
@pytest.mark.usefixtures("ada")
def test_every_page_is_in_the_apps_layout_and_policy(
    visitor: Visitor, client: FlaskClient, path: str, make_visitor: MakeVisitor
) -> None:
    page = (make_visitor() if path.endswith("sign-in") else visitor).open(path)
    brand = page.html.select_one("header .brand")
    assert brand is not None
    assert brand.get_text(strip=True) == "Reading list"
    policy = page.header("Content-Security-Policy") or ""
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert page.html.select("[style], style, script:not([src])") == []
    assert page.header("X-Content-Type-Options") == "nosniff"


def test_mail_is_a_link_away_in_debug_alone(
    make_example: MakeExample, database_url: str, tmp_path: Path
) -> None:
    live = {"DEBUG": False, "TESTING": False, "USERKIT_BASE_URL": "https://books.example"}
    live["USERKIT_MAIL_URL"] = f"file://{tmp_path}/mail"
    live["USERKIT_SMS_URL"] = f"file://{tmp_path}/texts"
    debug, production = make_example(database_url), make_example(database_url, **live)
    assert "/account/mailbox" in debug.test_client().get("/").text
    assert "/account/mailbox" not in production.test_client().get("/").text
    assert production.config["SESSION_COOKIE_SECURE"] is True
    assert production.test_client().get("/account/mailbox").status_code == 404


def test_every_setting_can_come_from_the_environment(
    make_example: MakeExample, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_USERKIT_APP_NAME", "Lesezirkel")
    monkeypatch.setenv("FLASK_USERKIT_PASSWORD", "off")
    client = make_example(database_url).test_client()
    page = client.get("/account/sign-up").text
    assert "Lesezirkel" in page
    assert 'name="password"' not in page


@pytest.mark.usefixtures("backend")
def test_the_demo_is_made_once_and_kept(
    make_database: MakeDatabase, make_example: MakeExample
) -> None:
    app = make_example(make_database().url, DEBUG=False)
    printed = run_demo(app)
    lines = dict(line.split("  ") for line in printed if "@" in line)
    assert list(lines) == ["ada@example.com", "grace@example.com", "katherine@example.com"]
    assert printed[-1] == "http://localhost:5000"
    made = (count(app, User), count(app, Book), count(app, Like))
    assert made[0] == 3
    assert made[1] >= 8
    assert made[2] >= 3

    with app.app_context(), app.extensions["userkit"].transaction() as db:
        db.delete(db.scalars(select(Book).limit(1)).one())
    assert run_demo(app) == printed
    assert count(app, Book) == made[1] - 1


def test_the_demos_people_sign_in_with_what_is_printed(
    app: Flask, visitor: Visitor, tmp_path: Path
) -> None:
    for _ in range(2):
        for line in run_demo(app):
            email_address, at, password = line.partition("@example.com  ")
            if at:
                person = Person(f"{email_address}@example.com", password)
                sign_in(visitor, person)
                assert visitor.page.url == "/my-list"
                visitor.submit("/sign-out")
        # A database that is older than the instance folder gets the folder's passwords.
        (tmp_path / "example" / "demo_key").unlink()


def test_a_kept_secret_is_made_once_however_many_ask(tmp_path: Path) -> None:
    together = Barrier(8)

    def ask(name: str) -> str:
        together.wait()
        return kept_secret(tmp_path / "new", name)

    names = [f"key{number}" for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        for name in names:
            found = set(pool.map(ask, [name] * 8))
            assert len(found) == 1
            assert len(found.pop()) >= 43
    made = sorted((tmp_path / "new").iterdir())
    assert {path.name for path in made} == set(names)
    assert [path for path in made if path.stat().st_mode & 0o077] == []
