"""The countries that a number may be of, in the reader's language, and which is picked."""

from __future__ import annotations

import time

import pytest
from flask import render_template_string

from flask_userkit import translations
from flask_userkit.security.phone_numbers import countries
from flask_userkit.web.countries import MAX_HEADER
from flask_userkit.web.countries import choices
from flask_userkit.web.countries import default_country
from flask_userkit.web.countries import likely_country
from tests.rig.fixtures.apps import MakeApp

FIELD = """{% from "userkit/elements/phone_field/phone_field.html" import phone_field -%}
{{ phone_field(label="Phone number", id="phone", country=country) }}"""


def names(locale: str, *codes: str) -> list[str]:
    """Return what some countries are called, in the order of the list."""
    return [text for _code, text in choices(locale, codes)]


def test_all_countries_are_offered_unless_some_are_named() -> None:
    assert {code for code, _text in choices("en")} == {country.code for country in countries()}
    assert choices("en", ["DE", "at", "XX"]) == (("AT", "Austria (+43)"), ("DE", "Germany (+49)"))
    assert choices("en", []) == ()


def test_a_country_is_called_as_the_reader_calls_it() -> None:
    assert names("de", "DE", "US") == ["Deutschland (+49)", "Vereinigte Staaten (+1)"]
    assert names("pt-BR", "DE") == ["Alemanha (+49)"]
    assert names("zh-Hant", "DE") == ["德國 (+49)"]


def test_every_country_has_a_name_of_its_own() -> None:
    for locale in (*translations.available_locales(), "ar"):
        texts = [text for _code, text in choices(locale)]
        assert len(set(texts)) == len(texts)
        assert not [code for code, text in choices(locale) if text.startswith(code)]


def test_accents_and_case_do_not_move_a_country() -> None:
    assert names("de", "AX", "AL", "AF", "EG", "ET", "AU", "VI", "AS") == [
        "Afghanistan (+93)",
        "Ägypten (+20)",
        "Ålandinseln (+358)",
        "Albanien (+355)",
        "Amerikanisch-Samoa (+1)",
        "Amerikanische Jungferninseln (+1)",
        "Äthiopien (+251)",
        "Australien (+61)",
    ]
    assert names("en", "CI", "CK", "CR", "HR") == [
        "Cook Islands (+682)",
        "Costa Rica (+506)",
        "Côte d’Ivoire (+225)",
        "Croatia (+385)",
    ]


def test_the_plus_sign_stays_before_the_number_from_right_to_left() -> None:
    assert names("he", "DE") == ["גרמניה (\u2066+49\u2069)"]
    assert "\u2066" not in "".join(names("en", "DE"))


def test_the_list_is_made_once() -> None:
    assert choices("en") is choices("en")
    assert choices("en", ["DE", "AT"]) is choices("en", ("DE", "AT"))


@pytest.mark.parametrize(
    ("header", "country"),
    [
        ("de-AT,de;q=0.9", "AT"),
        ("de-at", "AT"),
        ("de_AT", "AT"),
        ("de", "DE"),
        ("en", "US"),
        ("en,de-CH;q=0.5", "CH"),
        ("fr;q=0.1,en-GB", "GB"),
        ("zh-Hant-TW", "TW"),
        ("zh-Hant", "TW"),
        ("en-Latn-DE", "DE"),
        ("ca-valencia-ES", "ES"),
        ("zh", "CN"),
        ("sr-Latn", "RS"),
        ("es-419,es;q=0.9", "ES"),
        ("pt", "BR"),
        ("nb", "NO"),
        ("de-x-at", "DE"),
        ("en-GB-oxendict", "GB"),
        ("tlh,de", "DE"),
        ("en-ZZ", "US"),
        ("", "US"),
        ("*", "US"),
    ],
)
def test_the_languages_of_a_browser_tell_a_country(header: str, country: str) -> None:
    assert default_country(header) == country


@pytest.mark.parametrize(
    ("header", "allowed", "country"),
    [
        ("de-AT", ["DE", "AT"], "AT"),
        ("de-AT", ["at", "de"], "AT"),
        ("de-AT", ["CH", "DE"], "DE"),
        ("fr", ["CH", "DE"], "CH"),
        ("fr", ["XX", "DE"], "DE"),
        ("en-US", ["DE"], "DE"),
        ("fr", ["XX"], "US"),
        ("fr", [], "US"),
    ],
)
def test_the_country_is_one_of_those_that_are_allowed(
    header: str, allowed: list[str], country: str
) -> None:
    assert default_country(header, allowed) == country


@pytest.mark.parametrize(
    "header",
    [
        "x" * 10**6,
        "a," * 10**6,
        "-" * 10**6,
        "de-" * 10**6,
        ";q=" * 10**6,
        '"' * 10**6,
        "\x00,\xff-\xc4\xc4",
        "de-\ud800\ud800",
        "de-\u0130\u0130",
        "-,--,---",
        "de;q=nan,at;q=inf",
        "de-<>",
    ],
    ids=lambda header: ascii(header[:16]),
)
def test_a_hostile_header_gets_a_country_at_once(header: str) -> None:
    known = {country.code for country in countries()}
    # The first reads the tables.
    default_country("de")
    begun = time.thread_time()
    assert default_country(header) in known
    assert time.thread_time() - begun < 0.05


def test_what_stands_far_behind_in_a_header_is_not_read() -> None:
    assert default_country("de" + " " * MAX_HEADER + ",fr-CA") == "DE"


def test_a_field_takes_its_countries_from_the_settings_and_its_words_from_the_reader(
    make_app: MakeApp,
) -> None:
    app = make_app(USERKIT_PHONE_NUMBER_COUNTRIES=["DE", "AT", "CH"])
    with app.test_request_context(headers={"Accept-Language": "de-AT"}):
        html = render_template_string(FIELD)
    assert html.count("<option") == 3
    assert '<option value="AT" selected>Österreich (+43)</option>' in html
    assert 'aria-label="Land"' in html
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        html = render_template_string(FIELD, country="CH")
    assert '<option value="CH" selected>Switzerland (+41)</option>' in html


def test_a_country_that_is_not_on_offer_is_not_picked(make_app: MakeApp) -> None:
    app = make_app(USERKIT_PHONE_NUMBER_COUNTRIES=["DE", "AT"])
    with app.test_request_context():
        for country in ("FR", '"><script>', "x" * 10**5):
            html = render_template_string(FIELD, country=country)
            assert " selected" not in html
            assert country not in html


def test_a_program_has_no_languages(make_app: MakeApp) -> None:
    with make_app().app_context():
        assert likely_country() == "US"
    with make_app(USERKIT_PHONE_NUMBER_COUNTRIES=["CH"]).app_context():
        assert likely_country() == "CH"
