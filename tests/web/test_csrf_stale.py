"""A form from before a change of who is there is shown again with what was typed."""

from __future__ import annotations

import pytest

from tests.http.cookies import forget
from tests.http.site import FORMS
from tests.http.site import TOKEN
from tests.http.site import Ready
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.rig.visitor import Visitor

AGAIN = "This page was open while you signed in or out elsewhere. Send it once more."


def without_nonce(visitor: Visitor) -> None:
    """Take away what the form's token was bound to, as another tab's sign-in does."""
    forget(visitor, "userkit-nonce")


def resubmit(ready: Ready, shown: Page, action: str, **typed: str) -> Page:
    """Send the form of a refusal as it stands there."""
    form = shown.form(action)
    return request(ready.visitor.client, "POST", form.action, form.filled(typed, None))


def test_a_stale_sign_in_is_shown_again_without_the_password(make_app: MakeApp) -> None:
    ready = FORMS["sign-in by password"][1](open_site(make_app))
    without_nonce(ready.visitor)
    ready.data["next"] = "/members"
    page = ready.send()
    assert page.status == 422
    assert page.alerts == [AGAIN]
    assert ready.data["password"] not in page.text
    values = page.form("/sign-in").values
    assert values["identifier"] == ready.data["identifier"]
    assert values["next"] == "/members"
    sent = resubmit(ready, page, "/sign-in", password=ready.data["password"])
    assert (sent.status, sent.location) == (303, "/members")


def test_a_stale_sign_up_is_shown_again_without_the_password(make_app: MakeApp) -> None:
    site = open_site(make_app, USERKIT_USERNAME="optional", USERKIT_FIRST_NAME="required")
    ready = FORMS["sign-up"][1](site)
    without_nonce(ready.visitor)
    typed = {"username": "grace-hopper", "first_name": "Grace 'Amazing' <b>"}
    ready.data |= typed
    page = ready.send()
    assert page.status == 422
    assert page.alerts == [AGAIN]
    assert ready.data["password"] not in page.text
    values = page.form("/sign-up").values
    assert {name: values[name] for name in typed} == typed
    assert values["email_address"] == ready.data["email_address"]
    assert resubmit(ready, page, "/sign-up", password=ready.data["password"]).status == 303


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "htmx"])
def test_a_stale_name_is_shown_again(make_app: MakeApp, headers: dict[str, str]) -> None:
    ready = FORMS["name"][1](open_site(make_app))
    page = ready.send({**ready.data, TOKEN: ready.stale[0]}, **headers)
    assert page.status == 422
    assert page.alerts == [AGAIN]
    assert ("<html" in page.text) == (not headers)
    values = page.form("/account/profile").values
    assert (values["first_name"], values["last_name"]) == ("Augusta", "King")
    assert resubmit(ready, page, "/account/profile").status == 303


def test_a_stale_sign_out_asks_once_more(make_app: MakeApp) -> None:
    ready = FORMS["sign-out"][1](open_site(make_app))
    page = ready.send({TOKEN: ready.stale[0]})
    assert page.status == 422
    assert page.alerts == [AGAIN]
    assert ready.visitor.open("/members").url == "/members"
    assert resubmit(ready, page, "/sign-out").status == 303
    assert ready.visitor.open("/members").url.startswith("/account/sign-in")


@pytest.mark.parametrize("form", ["code of a sign-in", "code of a sign-up"])
def test_a_stale_code_is_shown_again_and_not_spent(make_app: MakeApp, form: str) -> None:
    ready = FORMS[form][1](open_site(make_app))
    for _ in range(6):
        page = ready.send({**ready.data, TOKEN: ready.stale[0]})
        assert page.status == 422
        assert page.alerts == [AGAIN]
    assert page.form("/verification").values["code"] == ready.data["code"]
    assert resubmit(ready, page, "/verification").status == 303
