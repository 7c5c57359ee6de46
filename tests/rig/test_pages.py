"""A form is sent as a browser would send it, and no way around."""

from __future__ import annotations

import pytest
from flask import Flask
from flask import redirect
from flask import request
from werkzeug import Response

from tests.rig.pages import Page
from tests.rig.visitor import Visitor

HTML = b"""
<p role="alert">Check <b>the code</b>.</p>
<form action="/account/sign-in?next=/x" method="post">
  <input type="hidden" name="token" value="t&amp;1"><input name="identifier" value="ada">
  <input type="checkbox" name="stay" checked><input type="checkbox" name="news" value="yes">
  <input name="off" value="1" disabled><textarea name="about">Hi</textarea>
  <select name="language"><option value="en">E</option><option value="de" selected>D</select>
  <button>Sign in</button><button name="strategy" value="email_code">Code</button>
</form><form action="/search"><input name="q"></form>
"""
PAGE = Page("/account/sign-in", 200, (("Vary", "Cookie"), ("vary", "HX-Request")), HTML)


def test_a_form_holds_what_a_browser_would_send() -> None:
    form = PAGE.form("/sign-in")
    sent = form.filled({"identifier": "bob"}, None)
    assert (form.action, form.method) == ("/account/sign-in?next=/x", "POST")
    assert sent == {
        "token": "t&1",
        "identifier": "bob",
        "stay": "on",
        "about": "Hi",
        "language": "de",
    }
    assert form.filled({}, ("strategy", "email_code"))["strategy"] == "email_code"
    assert PAGE.form("/search").method == "GET"


def test_what_is_not_in_a_form_cannot_be_sent() -> None:
    form = PAGE.form("/sign-in")
    with pytest.raises(LookupError, match="no field 'off'"):
        form.filled({"off": "2"}, None)
    with pytest.raises(LookupError, match="no button"):
        form.filled({}, ("strategy", "sms"))
    with pytest.raises(LookupError, match="no form"):
        PAGE.form("/sign-up")


def test_a_page_tells_its_words_and_headers() -> None:
    assert PAGE.alerts == ["Check the code ."]
    assert PAGE.header("VARY") == "Cookie, HX-Request"


def test_a_visitor_follows_redirects_and_keeps_cookies() -> None:
    app = Flask(__name__)

    @app.route("/form", methods=["GET", "POST"])
    def form() -> Response | str:
        if request.method == "GET":
            return "<form action='' method=post><input name=word></form>"
        response = redirect("/end?a=b", 303)
        response.set_cookie("word", request.form["word"])
        return response

    @app.get("/end")
    def end() -> str:
        return f"{request.args['a']} {request.cookies['word']}"

    visitor = Visitor(app.test_client())
    visitor.open("/form")
    assert visitor.submit("/form", follow=False, word="plum").status == 303
    assert visitor.submit("/form", word="plum").words == "b plum"
    assert visitor.page.url == "/end?a=b"
