"""What it costs to know who is there: nothing until it is asked, then one query."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.rig.clock import Clock
from tests.rig.people import Person
from tests.rig.queries import Queries
from tests.rig.queries import count_queries
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.usefixtures("backend")


def reading(queries: Queries) -> list[str]:
    """Return the statements that ask for rows, without those that begin a transaction."""
    return [statement for statement in queries.statements if not statement.startswith("BEGIN")]


def asks(statement: str) -> str:
    """Return the table that a query begins with."""
    return statement.split("FROM ", 1)[1].split()[0]


def test_a_request_that_never_asks_costs_nothing_signed_in_or_not(
    visitor: Visitor, ada: Person
) -> None:
    with count_queries() as queries:
        page = visitor.open("/plain")
    assert queries.statements == []
    assert page.cookies == []
    assert page.header("Vary") is None
    assert page.header("Cache-Control") is None


def test_a_visitor_without_a_cookie_costs_no_query_even_where_the_button_stands(
    visitor: Visitor,
) -> None:
    with count_queries() as queries:
        page = visitor.open("/")
    assert queries.statements == []
    assert page.cookies == []


def test_the_button_costs_one_query_however_often_it_stands_on_the_page(
    visitor: Visitor, ada: Person
) -> None:
    with count_queries() as queries:
        page = visitor.open("/template")
    assert ada.email_address in page.text
    assert len(page.html.select(".userkit-user-button")) == 2
    assert len(queries) == 1, queries.statements


def test_the_truth_of_the_user_and_of_the_session_costs_one_query_and_loads_neither(
    visitor: Visitor, ada: Person
) -> None:
    for url in ("/truth", "/session-truth"):
        with count_queries() as queries:
            page = visitor.open(url)
        assert page.text == "True"
        assert [asks(s) for s in reading(queries)] == ["userkit_client"]


def test_the_user_is_loaded_once_at_the_first_attribute(visitor: Visitor, ada: Person) -> None:
    with count_queries() as queries:
        page = visitor.open("/attribute")
    assert page.text.startswith("user_")
    assert [asks(s) for s in reading(queries)] == ["userkit_client", "userkit_user"]


def test_the_session_is_loaded_once_at_its_first_attribute(visitor: Visitor, ada: Person) -> None:
    with count_queries() as queries:
        page = visitor.open("/session")
    assert page.text == "email_code active"
    assert [asks(s) for s in reading(queries)] == ["userkit_client", "userkit_session"]


def test_the_account_page_stays_within_its_budget(visitor: Visitor, ada: Person) -> None:
    with count_queries() as queries:
        page = visitor.open("/account/")
    assert page.status == 200
    assert 1 <= len(reading(queries)) <= 6, queries.statements


def test_a_session_is_marked_as_seen_once_a_minute_and_no_more(
    clock: Clock, visitor: Visitor, ada: Person
) -> None:
    assert isinstance(visitor.client, FlaskClient)
    writes = []
    for seconds in (0, 30, 29, 2, 30, 31):
        clock.tick(seconds)
        with count_queries() as queries:
            # Buffered: the response is closed, as a server does, and then it is written.
            visitor.client.get("/truth", buffered=True)
        writes.append(sum(s.startswith("UPDATE userkit_session") for s in queries.statements))
    assert writes == [0, 0, 0, 1, 0, 1]


def test_a_get_makes_no_row(visitor: Visitor) -> None:
    for url in ("/", "/members", "/account/", "/account/sign-in", "/account/sign-up"):
        with count_queries() as queries:
            visitor.open(url)
        assert queries.statements == [], url
