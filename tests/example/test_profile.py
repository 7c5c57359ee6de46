"""The app's own section and page in the profile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask

from example_app.models import Goal
from tests.example.steps import add_book
from tests.example.steps import count
from tests.http.cookies import in_process
from tests.rig.people import Person
from tests.rig.visitor import Visitor


@pytest.mark.usefixtures("backend")
@pytest.mark.usefixtures("backend", "ada")
def test_a_goal_is_set_and_changed_in_the_profile(app: Flask, visitor: Visitor) -> None:
    for number in ("12", "30"):
        visitor.open("/account/?edit=reading_goal")
        visitor.submit("/reading-goal", books=number)
        assert "Your goal is saved." in visitor.page.words
        assert f"{number} books" in visitor.page.words
    assert count(app, Goal) == 1


@pytest.mark.usefixtures("backend", "ada")
def test_the_first_goal_of_two_tabs_is_one(app: Flask, visitor: Visitor) -> None:
    visitor.open("/account/?edit=reading_goal")
    data = visitor.page.form("/reading-goal").filled({"books": "12"}, None)
    together = Barrier(2)

    def send() -> int:
        client = app.test_client()
        cookies = in_process(visitor)._cookies
        assert cookies is not None
        for cookie in cookies.values():
            client.set_cookie(cookie.key, cookie.value)
        together.wait()
        return client.post("/reading-goal", data=data).status_code

    with ThreadPoolExecutor(2) as tabs:
        assert [tab.result() for tab in [tabs.submit(send) for _ in range(2)]] == [303, 303]
    assert count(app, Goal) == 1


@pytest.mark.parametrize("typed", ["", "0", "1001", "-1", "many", "1.5", "9" * 5000, "\0"])
def test_a_goal_that_cannot_be_is_shown_again(
    app: Flask, ada: Person, visitor: Visitor, typed: str
) -> None:
    visitor.open("/settings?edit=reading_goal")
    page = visitor.submit("/reading-goal", books=typed)
    assert page.status == 422
    (error,) = page.html.select(".userkit-field__error")
    assert error.get_text().strip() in ("Enter a number.", "Enter a number from 1 to 1000.")
    assert page.form("/reading-goal").values["books"] == typed
    assert count(app, Goal) == 0


@pytest.mark.usefixtures("ada")
def test_the_page_of_the_app_in_the_profile_counts(visitor: Visitor, grace: Visitor) -> None:
    book = add_book(visitor)
    grace.open("/")
    grace.submit(f"/books/{book}/like")
    for who, numbers in ((visitor, ["1", "1", "0"]), (grace, ["0", "0", "1"])):
        page = who.open("/account/statistics")
        shown = page.html.select("#userkit-statistics .userkit-item__actions")
        assert [tag.get_text().strip() for tag in shown] == numbers
