"""An app's own template at the same path is what is shown: on the page, and after a swap."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.http.site import USERNAME_CARD
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp
from tests.rig.pages import Page

HTMX = {"HX-Request": "true"}
URL = "/account/username"
ELEMENT = """
{% macro button(label) %}
  <button class="ours" type="{{ kwargs.get('type', 'submit') }}">{{ label }}</button>
{% endmacro %}
"""
PARTIAL = '<b class="ours">{{ username or "Nobody" }}</b>'
SECTION = """
{% from "userkit/macros.html" import profile_section %}
{% call profile_section("username", "Handle", status=status, classes="ours") %}
  {% include "userkit/sections/username/_row.html" %}
  {% if card %}{% include "userkit/sections/username/_form.html" %}{% endif %}
{% endcall %}
"""
ELEMENT_PATH = "userkit/elements/button/button.html"
#: By its path: an app's own, and where its mark is.
OWN = {
    ELEMENT_PATH: (ELEMENT, "#userkit-username button.ours"),
    "userkit/sections/username/_row.html": (PARTIAL, "#userkit-username b.ours"),
    "userkit/sections/username/section.html": (SECTION, "#userkit-username.ours"),
}


@pytest.fixture(params=OWN, ids=["element", "partial", "section"])
def path(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def site(make_app: MakeApp, tmp_path: Path, path: str) -> Site:
    """A site whose app has one template of its own."""
    site = open_site(make_app)
    site.app.template_folder = str(tmp_path / "templates")
    file = tmp_path / "templates" / path
    file.parent.mkdir(parents=True)
    file.write_text(OWN[path][0], "utf-8")
    return site


def marks(page: Page, path: str) -> int:
    return len(page.html.select(OWN[path][1]))


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_an_apps_own_template_is_shown_on_the_page_and_after_each_answer(
    site: Site, path: str, headers: dict[str, str]
) -> None:
    visitor = site.signed_in()
    form = visitor.open(USERNAME_CARD).form(URL)
    assert marks(visitor.page, path) > 0
    refused = request(visitor.client, "POST", URL, form.filled({"username": "a b"}, None), headers)
    assert refused.status == 422
    assert marks(refused, path) > 0
    assert refused.form(URL).values["username"] == "a b"
    name = f"ours_{secrets.token_hex(4)}"
    saved = request(visitor.client, "POST", URL, form.filled({"username": name}, None), headers)
    if not headers:
        saved = visitor.open(str(saved.location))
    assert name in visitor.open(USERNAME_CARD).text
    assert (marks(saved, path) > 0) == (path != ELEMENT_PATH), "a closed card has no button"


def test_all_that_an_app_does_not_override_is_the_kits(site: Site, path: str) -> None:
    page = site.signed_in().open(USERNAME_CARD)
    assert page.html.select_one("#userkit-profile .userkit-item__row")
    assert page.html.select_one("#userkit-username")
    others = [other for other in OWN if other != path]
    assert [marks(page, other) for other in others] == [0, 0]
