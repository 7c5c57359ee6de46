"""A view for signed-in people only: who else asks is led to sign-in, each in their own way."""

from __future__ import annotations

import pytest
from flask import Flask
from flask import render_template_string
from flask import request as flask_request

from flask_userkit import login_required
from tests.http.cookies import forget
from tests.rig.clients import request
from tests.rig.people import Person
from tests.rig.people import sign_in
from tests.rig.visitor import Visitor

HTMX = {"HX-Request": "true"}


@pytest.fixture
def app(app: Flask) -> Flask:
    app.config["SEEN"] = []

    @app.route("/secret", methods=["GET", "POST"])
    @login_required
    def secret() -> str:
        app.config["SEEN"].append(flask_request.method)
        return "the secret"

    @app.get("/for-both")
    def for_both() -> str:
        return render_template_string(
            '{% from "userkit/macros.html" import sign_in_button, user_avatar %}'
            "{% if userkit.identity %}for {{ userkit.identity.email_address }} {{ user_avatar() }}"
            '{% else %}for nobody {{ sign_in_button(next="/for-both") }}{% endif %}'
        )

    return app


def test_a_person_is_led_to_sign_in_and_back_to_the_same_address(
    visitor: Visitor, ada: Person
) -> None:
    forget(visitor)
    answer = request(visitor.client, "GET", "/secret?page=2&q=a%20b%26c")
    assert answer.status == 303
    assert answer.location == "/account/sign-in?next=/secret?page%3D2%26q%3Da%2520b%2526c"
    visitor.open("/secret?page=2&q=a%20b%26c")
    page = visitor.submit("/sign-in", identifier=ada.email_address, password=ada.password)
    assert page.url == "/secret?page=2&q=a%20b%26c"
    assert page.text == "the secret"


def test_an_app_below_the_root_of_a_site_is_led_back_to(app: Flask) -> None:
    answer = app.test_client().get("/secret?page=2", base_url="http://localhost/shop")
    assert answer.status_code == 303
    assert answer.location == "/shop/account/sign-in?next=/shop/secret?page%3D2"


def test_the_view_does_not_run_for_nobody(visitor: Visitor, app: Flask) -> None:
    for method in ("GET", "HEAD", "POST"):
        for headers in ({}, HTMX, {"Accept": "application/json"}):
            page = request(visitor.client, method, "/secret", headers=headers)
            assert page.status in (303, 401)
            assert b"the secret" not in page.body
    assert app.config["SEEN"] == []


def test_it_runs_for_somebody(visitor: Visitor, ada: Person, app: Flask) -> None:
    for method in ("GET", "POST"):
        assert request(visitor.client, method, "/secret").text == "the secret"
    assert app.config["SEEN"] == ["GET", "POST"]


def test_a_form_that_was_sent_is_not_what_sign_in_leads_back_to(visitor: Visitor) -> None:
    page = request(visitor.client, "POST", "/secret?id=3", {"a": "b"})
    assert page.status == 303
    assert page.location == "/account/sign-in"


def test_htmx_takes_the_whole_page_to_sign_in_and_back_to_the_page_that_is_shown(
    visitor: Visitor, ada: Person
) -> None:
    shown = {**HTMX, "HX-Current-URL": "http://localhost/members?tab=2"}
    for method in ("GET", "POST"):
        forget(visitor)
        page = request(visitor.client, method, "/secret", headers=shown)
        assert page.status == 401
        assert page.location is None
        assert page.header("HX-Redirect") == "/account/sign-in?next=/members?tab%3D2"
        assert "<form" not in page.text


def test_htmx_without_the_page_that_is_shown_goes_to_sign_in_alone(visitor: Visitor) -> None:
    page = request(visitor.client, "GET", "/secret", headers=HTMX)
    assert page.status == 401
    assert page.header("HX-Redirect") == "/account/sign-in"


@pytest.mark.parametrize(
    "headers",
    [{"Accept": "application/json"}, {"Accept": "application/json;q=0.9, text/plain;q=0.5"}],
)
def test_a_program_gets_401_and_the_envelope(visitor: Visitor, headers: dict[str, str]) -> None:
    page = request(visitor.client, "GET", "/members.json", headers=headers)
    assert page.status == 401
    assert page.location is None
    assert page.header("Content-Type") == "application/json"
    message = "Sign in to go on."
    assert page.json == {
        "errors": [
            {
                "code": "authentication_invalid",
                "message": message,
                "long_message": message,
                "meta": {},
            }
        ]
    }


def test_a_program_that_sends_json_gets_json(visitor: Visitor) -> None:
    page = request(visitor.client, "POST", "/secret", headers={"Content-Type": "application/json"})
    assert page.status == 401
    assert page.json["errors"][0]["code"] == "authentication_invalid"


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/json, text/html",
        "nonsense",
        "",
    ],
)
def test_all_else_is_a_browser(visitor: Visitor, accept: str) -> None:
    page = request(visitor.client, "GET", "/secret", headers={"Accept": accept})
    assert page.status == 303


def test_all_three_answers_vary_by_cookie(visitor: Visitor) -> None:
    for headers in ({}, HTMX, {"Accept": "application/json"}):
        page = request(visitor.client, "GET", "/secret", headers=headers)
        assert "Cookie" in (page.header("Vary") or ""), headers


def test_a_template_shows_each_their_own(visitor: Visitor, ada: Person) -> None:
    page = visitor.open("/for-both")
    assert ada.email_address in page.words
    assert page.html.select_one("[data-userkit-avatar]") is not None
    forget(visitor)
    page = visitor.open("/for-both")
    assert "for nobody" in page.words
    link = page.html.select_one("a")
    assert link is not None
    assert link["href"] == "/account/sign-in?next=/for-both"
    assert sign_in(visitor, ada, next="/for-both").words.startswith(f"for {ada.email_address}")
