"""The browser hears what goes wrong on a page, so that silence means something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask import Response
from playwright.sync_api import Browser
from playwright.sync_api import Page

from tests.rig.browser import PHONE
from tests.rig.browser import SCREENS
from tests.rig.browser import Complaints
from tests.rig.browser import Screen
from tests.rig.browser import axe
from tests.rig.browser import close_context
from tests.rig.browser import open_context
from tests.rig.browser import overflow
from tests.rig.wsgi import serve

pytestmark = pytest.mark.browser
GOOD = "<!doctype html><html lang=en><title>T</title><main><h1>Hello</h1>{}</main>"
PIXEL = "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>"
CSP = "default-src 'self'"


@contextmanager
def shown(browser: Browser, inside: str, screen: Screen) -> Iterator[tuple[Page, list[str]]]:
    app = Flask(__name__)

    @app.get("/")
    def home() -> Response:
        response = Response(GOOD.format(inside))
        response.headers["Content-Security-Policy"] = CSP
        response.set_cookie("token", "a-cookie-of-the-browser")
        return response

    @app.get("/script.js")
    def script() -> Response:
        return Response("undefinedFunction()", mimetype="text/javascript")

    app.add_url_rule("/pixel.svg", view_func=lambda: Response(PIXEL, mimetype="image/svg+xml"))
    with serve(app) as url:
        context = open_context(browser, screen, url)
        complaints = Complaints()
        complaints.listen(context, url)
        page = context.new_page()
        page.goto("/")
        page.wait_for_load_state("networkidle")
        yield page, complaints.heard
        close_context(context)


@pytest.mark.parametrize("screen", [*SCREENS, Screen(javascript=False)], ids=str)
def test_a_good_page_is_met_with_silence(browser: Browser, screen: Screen) -> None:
    with shown(browser, "<p>Fine.</p>", screen) as (page, heard):
        assert heard == []
        assert not screen.javascript or axe(page) == []
        assert overflow(page) == 0
        dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        assert page.evaluate("innerWidth") == screen.width
        assert dark is screen.dark


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "nojs"])
@pytest.mark.parametrize(
    ("inside", "complaint"),
    [
        ("<p style='color: red'>x</p>", "style"),
        ("<script>1</script>", "script"),
        ("<img src='/missing.png' alt=''>", "404"),
        ("<link rel=stylesheet href='http://a.example/b.css'>", "b.css"),
    ],
)
def test_what_a_page_may_not_have_is_heard(
    browser: Browser, inside: str, complaint: str, javascript: bool
) -> None:
    with shown(browser, inside, Screen(javascript=javascript)) as (_, heard):
        if javascript or complaint != "script":
            assert any(complaint in text for text in heard), heard


def test_a_script_that_fails_is_heard(browser: Browser) -> None:
    with shown(browser, "<script src='/script.js'></script>", Screen()) as (_, heard):
        assert any("undefinedFunction" in text for text in heard)


def test_axe_finds_what_is_wrong(browser: Browser) -> None:
    inside = "<img src='/pixel.svg'><button></button>"
    with shown(browser, inside, Screen()) as (page, _):
        found = axe(page)
    assert any(text.startswith("image-alt") for text in found)
    assert any(text.startswith("button-name") for text in found)


def test_a_page_that_is_too_wide_is_seen(browser: Browser) -> None:
    inside = f"<p>{'wide' * 200}</p>"
    with shown(browser, inside, Screen(PHONE)) as (page, _):
        assert overflow(page) > 100
