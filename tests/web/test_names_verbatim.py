"""A name of any script is stored as it was typed and shown as text everywhere."""

from __future__ import annotations

import pytest

from tests.http.hostile import injected
from tests.http.rows import scalar
from tests.http.site import NAME_CARD
from tests.http.site import Site
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.databases import Database
from tests.rig.fixtures.apps import MakeApp
from tests.rig.visitor import Visitor

pytestmark = pytest.mark.usefixtures("backend")
STORED = (
    "Ada",
    "Zoë",
    "José María",
    "李小龍",
    "محمد",
    "שָׁלוֹם",
    "नेपाली",
    "😀",
    "👨\u200d👩\u200d👧\u200d👦",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "𝕬𝖉𝖆",
    "O'Brien",
    "Smith & Sons",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '" hx-get="/x" hx-trigger="load',
    "{{7*7}}",
    "%(name)s",
    "=HYPERLINK(1)",
    "javascript:alert(1)",
    "None",
    "0",
    "x" * 100,
    "😀" * 100,
)
REFUSED = ("\u202eevil", "a\u2066b", "\u200b", "\u00ad", "a\nb", "a\x00b", "a\u2028b", "x" * 101)
TIDIED = {"  Ada  ": "Ada", "e\u0301": "\u00e9", "\u00a0Ada\u3000": "Ada"}


@pytest.fixture
def site(make_app: MakeApp) -> Site:
    return open_site(make_app)


def save(visitor: Visitor, name: str) -> int:
    form = visitor.open(NAME_CARD).form("/account/profile")
    data = form.filled({"first_name": name, "last_name": ""}, None)
    return request(visitor.client, "POST", form.action, data).status


def stored(database: Database) -> str | None:
    name: str | None = scalar(database, "SELECT first_name FROM userkit_user")
    return name


def test_a_name_is_stored_and_shown_as_it_was_typed(site: Site, database: Database) -> None:
    visitor = site.signed_in()
    for name in STORED:
        assert save(visitor, name) == 303, name
        assert stored(database) == name
        for url in ("/", "/account/"):
            page = visitor.open(url)
            shown = {tag.get_text() for tag in page.html.select("[data-userkit-name]")}
            assert shown == {name}, url
            assert injected(page) == [], name


def test_the_answer_to_htmx_shows_it_as_text_as_well(site: Site) -> None:
    visitor = site.signed_in()
    for name in STORED:
        form = visitor.open(NAME_CARD).form("/account/profile")
        data = form.filled({"first_name": name, "last_name": ""}, None)
        page = request(visitor.client, "POST", form.action, data, {"HX-Request": "true"})
        assert page.status == 200, name
        places = page.html.select("[data-userkit-name], [hx-swap-oob*=data-userkit-name]")
        assert {tag.get_text() for tag in places} == {name}
        assert injected(page) == [], name


def test_what_reads_as_something_else_is_refused(site: Site, database: Database) -> None:
    visitor = site.signed_in()
    for name in REFUSED:
        assert save(visitor, name) == 422, repr(name)
    assert stored(database) == "Ada"


def test_white_space_around_a_name_goes_and_accents_are_composed(
    site: Site, database: Database
) -> None:
    visitor = site.signed_in()
    for typed, kept in TIDIED.items():
        assert save(visitor, typed) == 303
        assert stored(database) == kept


def test_a_name_may_be_taken_away(site: Site, database: Database) -> None:
    visitor = site.signed_in()
    assert save(visitor, "   ") == 303
    assert stored(database) is None
