"""Every word in every language on offer, and which of them a reader gets."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from flask_userkit import errors
from flask_userkit import translations
from flask_userkit.errors import UserKitError
from flask_userkit.paths import PACKAGE
from flask_userkit.paths import TEMPLATES
from flask_userkit.paths import TRANSLATIONS
from tests.http.site import FORMS
from tests.http.site import open_site
from tests.rig.clients import request
from tests.rig.fixtures.apps import MakeApp

LOCALES = [locale for locale in translations.available_locales() if locale != "en"]
UNKIND = re.compile(r"\b(please|error|sorry|oops|invalid)\b|!", re.IGNORECASE)
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
RTL = """msgid ""
msgstr ""
"Language: ar\\n"
"Content-Type: text/plain; charset=utf-8\\n"

msgid "Sign in"
msgstr "تسجيل الدخول"
"""
MessageId = str | tuple[str, ...]


def extracted() -> dict[MessageId, str]:
    """Return every message of the code and the templates, with where it stands."""
    with (TRANSLATIONS / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, "babel.cfg")  # type: ignore[no-untyped-call] # Babel's
    found: dict[MessageId, str] = {}
    root = PACKAGE.parent.parent if TEMPLATES.parent != PACKAGE else PACKAGE
    for name, line, message, _comments, _context in extract_from_dir(root, methods, options):
        key = tuple(message) if isinstance(message, (list, tuple)) else message
        found[key] = f"{name}:{line}"
    return found


@pytest.fixture(scope="module")
def messages() -> dict[MessageId, str]:
    return extracted()


def catalog(locale: str) -> Catalog:
    with (TRANSLATIONS / f"{locale}.po").open("rb") as file:
        return read_po(file, locale=locale)


def entries(locale: str) -> Iterator[Message]:
    return (message for message in catalog(locale) if message.id)


def texts(message: Message) -> list[str]:
    found = message.string
    return list(found) if isinstance(found, (list, tuple)) else [found or ""]


def ids(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, (list, tuple)) else [message.id]


def test_there_is_a_language_besides_the_source() -> None:
    assert LOCALES


def test_the_extraction_finds_code_and_templates(messages: dict[MessageId, str]) -> None:
    places = set(messages.values())
    assert any(place.endswith(".py") or ".py:" in place for place in places)
    assert any(".html:" in place for place in places)
    assert any(".txt:" in place for place in places)
    assert len(messages) > 80


@pytest.mark.parametrize("locale", LOCALES)
def test_every_message_is_translated_and_none_is_left_over(
    locale: str, messages: dict[MessageId, str]
) -> None:
    known = {message.id for message in entries(locale)}
    assert {key: place for key, place in messages.items() if key not in known} == {}
    assert known - set(messages) == set()
    assert dict(catalog(locale).obsolete) == {}
    for message in entries(locale):
        assert all(text.strip() for text in texts(message)), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_has_the_places_of_its_message(locale: str) -> None:
    number = catalog(locale).num_plurals
    for message in entries(locale):
        wanted = set(PLACEHOLDER.findall(" ".join(ids(message))))
        assert len(texts(message)) == (number if isinstance(message.id, tuple) else 1)
        for text in texts(message):
            found = set(PLACEHOLDER.findall(text))
            assert found <= wanted, message.id
            # "One day" need not say the number.
            assert wanted - found <= {"n", "count"}, message.id
            assert text % dict.fromkeys(wanted, "x") if wanted else text


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_is_text_and_nothing_else(locale: str) -> None:
    for message in entries(locale):
        for text in (*ids(message), *texts(message)):
            assert "<" not in text, message.id
            assert not re.search(r"&\w+;|https?:|[\x00-\x1f]", text), message.id


def test_no_message_says_please_or_error_or_shouts(messages: dict[MessageId, str]) -> None:
    for key, place in messages.items():
        for text in key if isinstance(key, tuple) else (key,):
            assert not re.search(r"\b(please|error|sorry|oops|invalid)\b|!", text, re.IGNORECASE), (
                place
            )


def test_every_refusal_in_the_code_goes_through_gettext() -> None:
    kinds = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, UserKitError)
    }
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                literal = node.args and isinstance(node.args[0], ast.Constant | ast.JoinedStr)
                assert not (node.func.id in kinds and literal), f"{path.name}:{node.lineno}"


@pytest.mark.parametrize(
    ("accepted", "locale"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("de-CH", "de"),
        ("de_AT", "de"),
        ("fr, de;q=0.5", "de"),
        ("en, de;q=0.9", "en"),
        ("en-US, de", "en"),
        ("de;q=0.1, en;q=0.9", "en"),
        ("fr", "en"),
        ("*", "en"),
        ("", "en"),
        ("x" * 5000, "en"),
        ("../../etc/passwd", "en"),
        ("de/../en", "en"),
    ],
)
def test_a_reader_gets_the_first_language_that_is_there(
    make_app: MakeApp, accepted: str, locale: str
) -> None:
    client = make_app().test_client()
    page = request(client, "GET", "/account/sign-in", headers={"Accept-Language": accepted})
    html = page.html.find("html")
    assert html is not None
    assert (html["lang"], html["dir"]) == (locale, "ltr")
    words = {"de": "Passwort", "en": "Password"}
    assert words[locale] in page.words
    assert words["en" if locale == "de" else "de"] not in page.words


def test_a_refusal_and_the_mail_are_in_the_readers_language(make_app: MakeApp) -> None:
    site = open_site(make_app)
    german = {"Accept-Language": "de"}
    ready = FORMS["sign-in by code"][1](site)
    refused = ready.send({**ready.data, "identifier": ""}, **german)
    assert refused.status == 422
    assert refused.alerts
    known = {text for message in entries("de") for text in texts(message)}
    assert set(refused.alerts) <= known
    assert ready.send(None, **german).status == 303
    letter = site.mailbox.wait(ready.data["identifier"])
    assert letter.code is not None
    assert "Code" in letter.subject
    assert "Your code" not in letter.subject


def test_an_app_chooses_which_languages_it_offers(make_app: MakeApp) -> None:
    client = make_app(USERKIT_LOCALES=["en"]).test_client()
    page = request(client, "GET", "/account/sign-in", headers={"Accept-Language": "de"})
    assert "Password" in page.words


@pytest.mark.parametrize("url", ["/", "/account/sign-in", "/account/assets/none.css"])
def test_a_page_says_that_it_depends_on_the_language(make_app: MakeApp, url: str) -> None:
    # The home page of nobody may be kept by a shared cache, which would answer all in one.
    page = request(make_app().test_client(), "GET", url, headers={"Accept-Language": "de"})
    assert "Accept-Language" in (page.header("Vary") or "")


def test_a_page_that_says_nothing_of_the_kit_does_not(make_app: MakeApp) -> None:
    assert request(make_app().test_client(), "GET", "/plain").header("Vary") is None


def test_a_language_that_runs_from_right_to_left_turns_the_page(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ar.po").write_text(RTL, encoding="utf-8")
    monkeypatch.setattr(translations, "TRANSLATIONS", tmp_path)
    client = make_app().test_client()
    page = request(client, "GET", "/account/sign-in", headers={"Accept-Language": "ar"})
    html = page.html.find("html")
    assert html is not None
    assert (html["lang"], html["dir"]) == ("ar", "rtl")
    assert "تسجيل الدخول" in page.words
    assert "Password" in page.words, "what a catalog lacks is shown in the source language"
