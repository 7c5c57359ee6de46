"""What the templates promise: every word can be translated, nothing runs inline, nothing is far."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flask_userkit.paths import TEMPLATES
from tests.http.markup import filters
from tests.http.markup import literal_words
from tests.http.markup import rendered_by_hand
from tests.http.markup import tags
from tests.http.markup import untranslatable_calls

FOLDER = TEMPLATES / "userkit"
FILES = sorted(path for path in FOLDER.rglob("*") if path.suffix in (".html", ".txt"))
PAGES = [path for path in FILES if path.suffix == ".html" and "mail" not in path.parts]
MAILS = [path for path in FILES if "mail" in path.parts]
#: Both majors of htmx read these alike, and none of them is code.
HTMX = {
    "hx-boost",
    "hx-boost:inherited",
    "hx-get",
    "hx-history",
    "hx-post",
    "hx-select",
    "hx-swap",
    "hx-swap-oob",
    "hx-sync",
    "hx-target",
}
FORM = re.compile(r"<form\b[^>]*?method=\"post\"(?:[^>{]|{{.*?}}|{%.*?%})*>\s*(.{0,40})", re.DOTALL)


def name(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_word_goes_through_gettext(path: Path) -> None:
    assert list(literal_words(path.read_text("utf-8"), html=path.suffix == ".html")) == []


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_message_can_be_extracted(path: Path) -> None:
    assert list(untranslatable_calls(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Save</p>", ["Save"]),
        ("<p>{{ name }} signed in</p>", ["… signed in"]),
        ('<button aria-label="Show it"></button>', ["Show it"]),
        ('<input placeholder="{{ x }} name" value="ok">', ["… name"]),
        ('<abbr title="Time">{{ x }}</abbr>', ["Time"]),
        ('{{ button("Save") }}', ["Save"]),
        ('{{ button(text="Save name", variant="primary") }}', ["Save name"]),
        ('{{ text or "Sign in" }}', ["Sign in"]),
        ('{% set label = "A label" %}', ["A label"]),
        ("{% if x %}Yes{% else %}{{ _('No') }}{% endif %}", ["Yes…"]),
        ('<p>{{ _("Save") }} · {{ n }}</p>', []),
        ('{{ ngettext("%(n)s day", "%(n)s days", n) }}', []),
        ('{{ button(_("Save"), classes="userkit-a userkit-b") }}', []),
        ("{# A comment with words #}<style>a { color: red }</style>", []),
    ],
)
def test_the_search_for_words_finds_them(source: str, found: list[str]) -> None:
    assert list(literal_words(source, html=True)) == found


def test_a_message_that_is_put_together_is_found() -> None:
    assert list(untranslatable_calls('{{ _("a" ~ b) }}')) == ["line 1"]
    assert list(untranslatable_calls('{{ ngettext("a", b, 2) }}')) == ["line 1"]


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_nothing_is_inline_that_the_policy_forbids(path: Path) -> None:
    for tag, attributes in tags(path.read_text("utf-8")):
        assert tag != "style"
        assert tag != "script" or "src" in attributes
        for attribute in attributes:
            assert not attribute.startswith("on"), (tag, attribute)
            assert attribute != "style", tag
            if attribute.startswith(("hx-", "data-hx-")):
                assert attribute in HTMX, (tag, attribute)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_nothing_comes_from_elsewhere(path: Path) -> None:
    text = rendered_by_hand(path.read_text("utf-8"))
    assert re.findall(r"(?:https?:)?//[\w.-]+", text) == []
    assert "javascript:" not in text.lower()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_nothing_is_written_unescaped(path: Path) -> None:
    source = path.read_text("utf-8")
    assert filters(source) & {"safe", "xmlattr"} == set()
    # What tojson gives counts as safe, and it is not within an attribute.
    assert source.count("tojson") == source.count("tojson|forceescape")
    assert "autoescape" not in source
    assert "Markup" not in source


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_form_that_is_posted_begins_with_its_token(path: Path) -> None:
    source = path.read_text("utf-8")
    for begin in FORM.findall(source):
        assert begin.startswith("{{ userkit.csrf_fields() }}"), begin
    assert source.count('method="post"') == len(FORM.findall(source))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_attribute_is_quoted(path: Path) -> None:
    # Autoescape keeps a value inside its quotes, and inside nothing else.
    text = re.sub(r'"[^"]*"', '""', rendered_by_hand(path.read_text("utf-8")))
    assert re.findall(r"<[^>]*\s[\w-]+=[^\"]", text) == []


def test_every_mail_has_a_subject_a_text_and_a_page() -> None:
    folders = {path.parent for path in MAILS} - {FOLDER / "mail"}
    assert len(folders) >= 2
    for folder in folders:
        files = {path.name for path in folder.iterdir()}
        assert files == {"subject.txt", "body.txt", "body.html"}, folder


@pytest.mark.parametrize("path", [path for path in MAILS if path.suffix == ".html"], ids=name)
def test_a_mail_loads_nothing_and_runs_nothing(path: Path) -> None:
    for tag, attributes in tags(path.read_text("utf-8")):
        assert tag not in ("script", "img", "link", "iframe", "form", "object")
        for attribute, value in attributes.items():
            assert not attribute.startswith("on")
            assert attribute not in ("src", "srcset", "background")
            assert "url(" not in value
