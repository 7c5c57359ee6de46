"""The example app: whose book is whose, who may do what, and what goes with whom."""

from __future__ import annotations

import re
import secrets
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func
from sqlalchemy import select
from werkzeug.test import TestResponse

from example_app import create_app
from example_app.keys import kept_secret
from example_app.models import TABLES
from example_app.models import Book
from example_app.models import Like
from flask_userkit.models import Base
from flask_userkit.models import User
from tests.rig.clients import RecordingClient
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeVisitor
from tests.rig.fixtures.databases import MakeDatabase
from tests.rig.host import close
from tests.rig.mailbox import Mailbox
from tests.rig.pages import Page
from tests.rig.people import Person
from tests.rig.people import new_address
from tests.rig.people import new_password
from tests.rig.people import sign_in
from tests.rig.people import sign_up
from tests.rig.recorder import record
from tests.rig.visitor import Visitor

FLATLAND = {"title": "Flatland", "author": "Edwin A. Abbott"}
MakeExample = Callable[..., Flask]


@pytest.fixture
def make_example(tmp_path: Path) -> Iterator[MakeExample]:
    """Makes the app on a database; its own tables go at the end."""
    made: list[Flask] = []

    def make(database_url: str, **config: t.Any) -> Flask:
        defaults = {
            "DEBUG": True,
            "SECRET_KEY": secrets.token_urlsafe(32),
            "TESTING": True,
            "USERKIT_DATABASE_URL": database_url,
            "USERKIT_PASSWORD_HASH": "fast",
        }
        app = create_app({**defaults, **config}, instance_path=tmp_path / "example")
        app.test_client_class = RecordingClient
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            with app.extensions["userkit"].transaction() as db:
                Base.metadata.drop_all(db.connection(), tables=TABLES)
            close(app)


@pytest.fixture
def app(make_example: MakeExample, database_url: str) -> Flask:
    """The example app, in place of the suite's host app."""
    return make_example(database_url)


@pytest.fixture
def grace(make_visitor: MakeVisitor, mailbox: Mailbox) -> Visitor:
    """A second reader, signed in."""
    visitor = make_visitor()
    sign_up(visitor, mailbox, Person(first_name="Grace", last_name="Hopper"))
    return visitor


def add_book(visitor: Visitor, **values: str) -> int:
    """Add a book through the form, and return its id."""
    visitor.open("/my-list")
    visitor.submit("/my-list", **{**FLATLAND, **values})
    return max(int(number) for number in re.findall(r'id="book-(\d+)"', visitor.page.text))


def count(app: Flask, model: type[Base]) -> int:
    with app.app_context(), app.extensions["userkit"].transaction() as db:
        return db.scalar(select(func.count()).select_from(model)) or 0


def only_user_id(app: Flask) -> str:
    with app.app_context(), app.extensions["userkit"].transaction() as db:
        return db.scalars(select(User.id)).one()


def csrf_token(visitor: Visitor) -> str:
    visitor.open("/my-list")
    return visitor.page.form("/my-list").values["csrf_token"]


def create(app: Flask, client: FlaskClient, **body: t.Any) -> TestResponse:
    """Call the API that makes users, with its key."""
    headers = {"Authorization": f"Bearer {app.config['API_KEY']}"}
    return client.post("/api/users", json=body, headers=headers)


def by_whom(page: Page) -> list[str]:
    return [tag.get_text() for tag in page.html.select(".book__by a")]


def likes_shown(visitor: Visitor) -> list[str]:
    return [tag.get_text() for tag in visitor.page.html.select(".like__count")]


def test_anybody_sees_the_books_and_gets_no_cookie_for_it(visitor: Visitor) -> None:
    page = visitor.open("/")
    assert page.status == 200
    assert page.cookies == []
    assert page.header("Cache-Control") is None
    links = {link["href"] for link in page.html.select(".account a")}
    assert links == {"/account/sign-in", "/account/sign-up"}


@pytest.mark.usefixtures("backend", "ada")
def test_a_book_is_on_my_list_and_on_everybodys(visitor: Visitor, client: FlaskClient) -> None:
    values = {"link": "https://example.com/flatland", "note": "Two dimensions suffice. 📐"}
    add_book(visitor, **values)
    assert "The book is on your list." in visitor.page.words
    visitor.open("/")
    link = visitor.page.html.select_one(".book__title a")
    assert link is not None
    assert (link.get_text(), link["href"]) == ("Flatland", values["link"])
    assert values["note"] in visitor.page.words
    assert client.get("/").headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"title": "  "}, "Enter a title."),
        ({"author": ""}, "Enter an author."),
        ({"title": "x" * 201}, "Use up to 200 characters."),
        ({"title": "a\0b"}, "Use one line of ordinary characters."),
        ({"link": "javascript:alert(1)"}, "Enter an address that begins with https:// or http://."),
        ({"link": "https://"}, "Enter an address that begins with https:// or http://."),
        ({"link": "https://[::1"}, "Enter an address that begins with https:// or http://."),
        ({"note": "x" * 281}, "Use up to 280 characters."),
    ],
)
def test_a_book_that_cannot_be_taken_is_shown_again(
    app: Flask, visitor: Visitor, ada: Person, values: dict[str, str], complaint: str
) -> None:
    visitor.open("/my-list")
    page = visitor.submit("/my-list", **{**FLATLAND, "note": "Kept as typed.", **values})
    assert page.status == 422
    assert [tag.get_text() for tag in page.html.select(".field__error")] == [complaint]
    shown = page.form("/my-list").values
    typed = {**FLATLAND, "note": "Kept as typed.", **values}
    kept = {name: value for name, value in typed.items() if value.strip() and "\0" not in value}
    assert kept.items() <= shown.items()
    assert count(app, Book) == 0


def test_my_list_leads_guests_to_sign_in_and_back(
    visitor: Visitor, mailbox: Mailbox, make_visitor: MakeVisitor
) -> None:
    person = sign_up(make_visitor(), mailbox)
    visitor.open("/my-list")
    assert visitor.page.url == "/account/sign-in?next=/my-list"
    visitor.submit("/sign-in", identifier=person.email_address, password=person.password)
    assert visitor.page.url == "/my-list"


def test_htmx_leads_guests_with_the_whole_page(client: FlaskClient) -> None:
    here = {"HX-Request": "true", "HX-Current-URL": "http://localhost/my-list"}
    response = client.get("/my-list", headers=here)
    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/account/sign-in?next=/my-list"


def test_a_program_is_told_that_nobody_is_signed_in(client: FlaskClient) -> None:
    response = client.get("/my-list", headers={"Accept": "application/json"})
    assert response.status_code == 401
    assert response.json["errors"][0]["code"] == "authentication_invalid"


@pytest.mark.usefixtures("backend", "ada")
def test_another_readers_book_is_like_one_that_is_not_there(
    app: Flask, visitor: Visitor, grace: Visitor
) -> None:
    book_id = add_book(visitor)
    token = {"csrf_token": csrf_token(grace)}
    theirs = request(grace.client, "POST", f"/books/{book_id}/removal", token)
    missing = request(grace.client, "POST", f"/books/{book_id + 1000}/removal", token)
    assert (theirs.status, missing.status) == (404, 404)
    assert theirs.html.main == missing.html.main
    assert count(app, Book) == 1
    grace.open("/")
    with pytest.raises(LookupError):
        grace.page.form(f"/books/{book_id}/removal")

    visitor.open("/my-list")
    visitor.submit(f"/books/{book_id}/removal")
    assert "The book is off your list." in visitor.page.words
    assert count(app, Book) == 0


@pytest.mark.usefixtures("backend", "ada")
def test_a_like_counts_once_and_can_be_taken_back(
    app: Flask, visitor: Visitor, grace: Visitor
) -> None:
    book_id = add_book(visitor)
    token = {"csrf_token": csrf_token(grace)}
    for _ in range(2):
        answer = request(grace.client, "POST", f"/books/{book_id}/like", token)
        assert (answer.status, answer.location) == (303, f"/#book-{book_id}")
    assert count(app, Like) == 1
    grace.open("/")
    assert likes_shown(grace) == ["1"]
    pressed = grace.page.html.select_one("button.like")
    assert pressed is not None
    assert pressed["aria-pressed"] == "true"
    grace.submit(f"/books/{book_id}/like/removal")
    assert (count(app, Like), likes_shown(grace)) == (0, ["0"])
    missing = request(grace.client, "POST", f"/books/{book_id + 1}/like", token)
    assert missing.status == 404


@pytest.mark.usefixtures("ada")
def test_ones_own_book_is_not_for_liking(visitor: Visitor) -> None:
    add_book(visitor)
    visitor.open("/")
    assert likes_shown(visitor) == ["0"]
    assert visitor.page.html.select("button.like") == []


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("reader", ["//evil.example", "https://evil.example", "../../x"])
def test_a_like_never_leads_to_another_site(visitor: Visitor, grace: Visitor, reader: str) -> None:
    book_id = add_book(visitor)
    values = {"csrf_token": csrf_token(grace), "reader": reader}
    answer = request(grace.client, "POST", f"/books/{book_id}/like", values)
    assert (answer.location or "").startswith("/readers/")


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("path", ["/my-list", "/books/1/removal", "/books/1/like"])
def test_a_form_of_another_site_changes_nothing(
    app: Flask, visitor: Visitor, client: FlaskClient, path: str
) -> None:
    add_book(visitor)
    response = client.post(path, data=FLATLAND)
    assert response.status_code == 400
    assert (count(app, Book), count(app, Like)) == (1, 0)


@pytest.mark.usefixtures("backend")
def test_a_readers_list_shows_a_name_and_never_an_address(
    app: Flask, visitor: Visitor, ada: Person, make_visitor: MakeVisitor
) -> None:
    guest = make_visitor()
    page = f"/readers/{only_user_id(app)}"
    assert guest.open(page).status == 404
    add_book(visitor)
    assert guest.open(page).html.h1.get_text() == "A reader"
    assert by_whom(guest.open("/")) == ["A reader"]
    visitor.open("/account/")
    visitor.submit("/account/profile", first_name="Ada", last_name="Lovelace")
    assert guest.open(page).html.h1.get_text() == "Ada Lovelace"
    assert by_whom(guest.open("/")) == ["Ada Lovelace"]
    for path in ("/", page):
        assert ada.email_address.partition("@")[0] not in guest.open(path).text


@pytest.mark.usefixtures("ada")
def test_older_books_are_a_page_away(visitor: Visitor) -> None:
    for number in range(14):
        add_book(visitor, title=f"Volume {number}")
    visitor.open("/")
    assert len(likes_shown(visitor)) == 12
    older = visitor.page.html.select_one(".older a")
    assert older is not None
    visitor.open(str(older["href"]))
    assert "Volume 0" in visitor.page.words
    assert len(likes_shown(visitor)) == 2
    assert visitor.page.html.select(".older a") == []


@pytest.mark.parametrize("before", ["0", "-1", "9" * 30, "x", "1' OR '1'='1"])
def test_a_page_that_cannot_be_is_the_first(client: FlaskClient, before: str) -> None:
    assert client.get("/", query_string={"before": before}).status_code == 200


def test_no_book_has_a_number_that_no_table_has(client: FlaskClient) -> None:
    assert client.post(f"/books/{'9' * 30}/like").status_code == 404


@pytest.mark.usefixtures("backend")
def test_nobody_can_delete_nobody(client: FlaskClient) -> None:
    response = client.delete("/api/me")
    assert response.status_code == 401
    assert response.json["errors"][0]["code"] == "authentication_invalid"


@pytest.mark.usefixtures("backend")
def test_deleting_oneself_takes_books_and_likes_along(
    app: Flask, visitor: Visitor, ada: Person, grace: Visitor, client: FlaskClient
) -> None:
    own, others = add_book(visitor), add_book(grace, title="Emma")
    request(visitor.client, "POST", f"/books/{others}/like", {"csrf_token": csrf_token(visitor)})
    request(grace.client, "POST", f"/books/{own}/like", {"csrf_token": csrf_token(grace)})
    assert (count(app, User), count(app, Book), count(app, Like)) == (2, 2, 2)

    forged = client.delete("/api/me")
    assert forged.status_code == 400
    assert forged.json["errors"][0]["code"] == "http_400"
    assert count(app, User) == 2

    response = client.delete("/api/me", headers={"X-CSRFToken": csrf_token(visitor)})
    assert (response.status_code, response.json["deleted"]) == (200, True)
    assert (count(app, User), count(app, Book), count(app, Like)) == (1, 1, 0)
    assert client.delete("/api/me").status_code == 401
    assert sign_in(visitor, ada).status == 422


@pytest.mark.usefixtures("backend")
def test_a_program_with_the_key_creates_a_user_who_can_sign_in(
    app: Flask, client: FlaskClient, visitor: Visitor
) -> None:
    person = Person()
    response = create(
        app,
        client,
        email_address=[person.email_address],
        password=person.password,
        first_name="Ada",
    )
    assert response.status_code == 201
    assert response.json["email_addresses"] == [person.email_address]
    assert person.password not in response.text
    sign_in(visitor, person)
    assert visitor.page.url == "/my-list"


def test_a_weak_password_is_told_by_its_code(app: Flask, client: FlaskClient) -> None:
    response = create(app, client, email_address=[new_address()], password="password1")
    [error] = response.json["errors"]
    assert response.status_code == 422
    assert error["code"] == "form_password_not_strong_enough"
    assert error["meta"]["param_name"] == "password"
    assert count(app, User) == 0


def test_an_address_that_is_taken_is_told(app: Flask, client: FlaskClient) -> None:
    body = {"email_address": [new_address()], "password": new_password()}
    assert create(app, client, **body).status_code == 201
    again = create(app, client, **body)
    assert (again.status_code, again.json["errors"][0]["code"]) == (422, "form_identifier_exists")


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Bearer \xff", "Basic eDp5"])
def test_nobody_without_the_key_creates_users(
    app: Flask, client: FlaskClient, header: str | None
) -> None:
    headers = {"Authorization": header} if header else {}
    response = client.post("/api/users", json={"email_address": [new_address()]}, headers=headers)
    assert response.status_code == 401
    assert response.json["errors"][0]["code"] == "authentication_invalid"
    assert count(app, User) == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email_address": "ada@example.com"},
        {"email_address": [1]},
        {"email_address": []},
        {"email_address": ["ada@example.com"], "password": 12345678901},
        {"email_address": ["ada@example.com"], "password": ""},
        {"email_address": ["ada@example.com"], "first_name": ["Ada"]},
        {"email_address": ["ada@example.com"], "first_name": "\ud800"},
        {"email_address": ["a\0@example.com"]},
    ],
)
def test_a_body_of_the_wrong_kind_is_told(
    app: Flask, client: FlaskClient, body: dict[str, t.Any]
) -> None:
    response = create(app, client, **body)
    assert response.status_code == 422
    assert response.json["errors"][0]["message"]
    assert count(app, User) == 0


@pytest.mark.parametrize(
    ("options", "status"),
    [({"data": "x"}, 415), ({"data": "{", "content_type": "application/json"}, 400)],
)
def test_what_is_not_json_is_refused_in_json(
    app: Flask, client: FlaskClient, options: dict[str, str], status: int
) -> None:
    headers = {"Authorization": f"Bearer {app.config['API_KEY']}"}
    response = client.post("/api/users", headers=headers, **options)
    assert response.status_code == status
    assert response.json["errors"][0]["code"] == f"http_{status}"


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


def run_demo(app: Flask) -> list[str]:
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 0, result.output
    for line in result.output.splitlines():
        if "  " in line:
            record("password", line.partition("  ")[2])
    return result.output.splitlines()


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
