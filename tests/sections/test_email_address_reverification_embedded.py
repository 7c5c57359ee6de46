"""Confirming that it is you in the profile of an app's own page: what the app asked for stays."""

from __future__ import annotations

import pytest
from flask import render_template_string

from flask_userkit import login_required
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page
from tests.sections.address_prompts import PROMPT
from tests.sections.address_prompts import step
from tests.sections.address_rows import SECTION
from tests.sections.test_email_address_reverification import DONE
from tests.sections.test_email_address_reverification import PLACES
from tests.sections.test_email_address_reverification import WAYS

EMBEDDED = """{% from "userkit/macros.html" import user_profile %}<!doctype html>
<title>Own</title>
{{ user_profile(pages=["account"], hide=["username"], heading_level=2) }}"""


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


@WAYS
@PLACES
def test_what_an_app_asked_of_the_profile_survives_it(
    site: Site, place: str, headers: dict[str, str]
) -> None:
    @site.app.get("/own")
    @login_required
    def own() -> str:
        return render_template_string(EMBEDDED)

    asked = step(site, place, home="/own")
    pages = [asked.ask(headers), asked.answer("wrong", headers)]
    for page in pages:
        assert_embedded(page, "h3" if headers else "h2")
        (cancel,) = page.html.select(f"{PROMPT} a")
        assert cancel["href"] == "/own"
    page = asked.answer(headers=headers)
    if headers:
        assert_embedded(page, "h3")
        return
    assert (page.location or "").startswith("/own?")
    page = asked.visitor.open(page.location or "")
    assert DONE[place] in page.words
    assert_embedded(page, "h3")


def assert_embedded(page: Page, title: str) -> None:
    """Fail where a section is shown otherwise than the app asked for; a page of the kit has
    its own order of titles."""
    assert page.html.select_one(f"{title}{SECTION}-title") is not None
    assert page.html.select("#userkit-username") == []
