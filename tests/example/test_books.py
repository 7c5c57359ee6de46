"""Whose book is whose: the list, the likes, and who may do what."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from example_app.models import Book
from example_app.models import Like
from tests.example.steps import FLATLAND
from tests.example.steps import add_book
from tests.example.steps import by_whom
from tests.example.steps import count
from tests.example.steps import csrf_token
from tests.example.steps import likes_shown
from tests.example.steps import only_user_id
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeVisitor
from tests.rig.mailbox import Mailbox
from tests.rig.people import Person
from tests.rig.people import sign_up
from tests.rig.visitor import Visitor


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
    assert response.get_json()["errors"][0]["code"] == "authentication_invalid"


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
    assert [tag.get_text() for tag in guest.open(page).html.select("h1")] == ["A reader"]
    assert by_whom(guest.open("/")) == ["A reader"]
    visitor.open("/account/?edit=profile")
    visitor.submit("/account/profile", first_name="Ada", last_name="Lovelace")
    assert [tag.get_text() for tag in guest.open(page).html.select("h1")] == ["Ada Lovelace"]
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
