"""An app that protects its own forms: its token goes along in the kit's."""

from __future__ import annotations

import pytest

from tests.http.rows import snapshot
from tests.http.site import FORMS
from tests.http.site import TOKEN
from tests.http.site import is_taken
from tests.http.site import open_site
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.people import sign_up
from tests.rig.pictures import picture
from tests.rig.visitor import Visitor

HOST = "csrf_token"


@pytest.mark.parametrize("form", FORMS)
def test_both_tokens_stand_in_the_form_and_both_are_needed(
    make_app: MakeApp, database: Database, form: str
) -> None:
    ready = FORMS[form][1](open_site(make_app, HOST_CSRF=True))
    assert ready.data.get(TOKEN)
    assert ready.data.get(HOST)
    before = snapshot(database)
    for missing in (TOKEN, HOST):
        partial = {name: value for name, value in ready.data.items() if name != missing}
        assert 400 <= ready.send(partial).status < 500, missing
        assert 400 <= ready.send({**partial, missing: "wrong"}).status < 500, missing
        assert snapshot(database) == before, missing
    assert is_taken(ready.send())
    assert snapshot(database) != before


def test_an_app_may_call_its_field_otherwise(make_app: MakeApp) -> None:
    site = open_site(make_app, HOST_CSRF=True, WTF_CSRF_FIELD_NAME="their_token")
    ready = FORMS["sign-in by password"][1](site)
    assert ready.data.get("their_token")
    assert ready.send().status == 303


def test_an_app_may_keep_its_check_to_some_views(make_app: MakeApp) -> None:
    site = open_site(make_app, HOST_CSRF=True, WTF_CSRF_CHECK_DEFAULT=False)
    ready = FORMS["sign-in by password"][1](site)
    assert ready.send({**ready.data, TOKEN: "wrong"}).status == 422
    assert ready.send().status == 303


def test_without_it_the_kit_asks_for_no_token_of_the_app(make_app: MakeApp) -> None:
    for form in FORMS:
        assert HOST not in FORMS[form][1](open_site(make_app)).data


def test_the_whole_story_goes_through(make_app: MakeApp) -> None:
    site = open_site(make_app, HOST_CSRF=True)
    visitor = Visitor(site.app.test_client())
    sign_up(visitor, site.mailbox, next="/members")
    assert visitor.page.url == "/members"
    visitor.submit("/sign-out")
    assert visitor.open("/members").url.startswith("/account/sign-in")


def test_a_picture_is_longer_than_what_the_app_takes_and_is_taken(make_app: MakeApp) -> None:
    ready = FORMS["picture"][1](open_site(make_app, HOST_CSRF=True, MAX_CONTENT_LENGTH=1000))
    ready.files = {"file": picture() + b"\x00" * 100_000}
    assert ready.send().status == 303


def test_what_is_longer_than_the_kit_takes_is_not_read_for_the_app_either(
    make_app: MakeApp,
) -> None:
    ready = FORMS["picture"][1](open_site(make_app, HOST_CSRF=True))
    ready.files = {"file": b"\x00" * 11_000_000}
    assert ready.send().status == 413
