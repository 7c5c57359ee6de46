"""What responses that depend on a person say to caches."""

from __future__ import annotations

import pytest
from flask import Flask
from flask import Response

from flask_userkit import UserKit
from flask_userkit import current_user
from tests.http.cookies import token_of
from tests.rig.fixtures.apps import MakeApp
from tests.rig.host import close
from tests.rig.people import Person
from tests.rig.visitor import Visitor

ASKING = ("/", "/truth", "/session-truth", "/template", "/members", "/whoami", "/own-vary")


def vary(value: str | None) -> set[str]:
    return {part.strip() for part in (value or "").split(",") if part.strip()}


@pytest.mark.parametrize("url", ASKING)
def test_a_page_that_asked_varies_by_cookie_even_for_nobody(visitor: Visitor, url: str) -> None:
    answer = visitor.open(url)
    assert "Cookie" in vary(answer.header("Vary"))


@pytest.mark.parametrize("url", [*ASKING, "/account/"])
def test_a_page_for_somebody_is_kept_by_no_cache(visitor: Visitor, ada: Person, url: str) -> None:
    page = visitor.open(url)
    assert page.status == 200
    assert "Cookie" in vary(page.header("Vary"))
    assert page.header("Cache-Control") == "private, no-store"


def test_a_view_that_says_how_it_is_cached_is_left_alone(visitor: Visitor, ada: Person) -> None:
    page = visitor.open("/own-cache")
    assert page.text == "Hello True"
    assert page.header("Cache-Control") == "private, max-age=60"
    assert "Cookie" in vary(page.header("Vary"))


def test_what_a_view_varies_by_is_kept(visitor: Visitor, ada: Person) -> None:
    assert vary(visitor.open("/own-vary").header("Vary")) == {"Accept-Language", "Cookie"}


def test_a_page_for_nobody_may_be_kept_by_a_cache(visitor: Visitor) -> None:
    assert visitor.open("/").header("Cache-Control") is None


def test_a_failing_view_says_the_same(app: Flask, visitor: Visitor, ada: Person) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.testing = app.debug = False
    page = visitor.open("/fails")
    assert page.status == 500
    assert page.header("Cache-Control") == "private, no-store"
    assert "Cookie" in vary(page.header("Vary"))


def test_sign_out_says_the_same_though_nobody_is_left(visitor: Visitor, ada: Person) -> None:
    visitor.open("/")
    page = visitor.submit("/sign-out", follow=False)
    assert page.status == 303
    assert page.header("Cache-Control") == "private, no-store"
    assert "Cookie" in vary(page.header("Vary"))


@pytest.mark.parametrize("when", ["before the kit", "after the kit"])
def test_a_hook_that_asks_after_the_view_is_counted_whenever_it_was_registered(
    make_app: MakeApp, visitor: Visitor, ada: Person, app: Flask, when: str
) -> None:
    late = Flask("late", instance_path=app.instance_path)
    late.testing = True
    late.config |= {k: v for k, v in app.config.items() if k.startswith(("USERKIT", "SECRET"))}

    def hello(response: Response) -> Response:
        response.headers["X-Hello"] = str(bool(current_user))
        return response

    if when == "before the kit":
        late.after_request(hello)
    UserKit(late)
    if when == "after the kit":
        late.after_request(hello)
    late.add_url_rule("/quiet", view_func=lambda: "quiet")
    client = late.test_client()
    client.set_cookie("userkit", token_of(visitor) or "")
    answer = client.get("/quiet")
    close(late)
    assert answer.headers["X-Hello"] == "True"
    assert "Cookie" in vary(answer.headers.get("Vary"))
    assert answer.headers["Cache-Control"] == "private, no-store"
