"""One phone has one number however it is typed, and none that costs or is nobody's (B55)."""

from __future__ import annotations

import re
import subprocess
import sys
import time

import phonenumbers
import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat
from phonenumbers import PhoneNumberType

from flask_userkit.models.types import PHONE_LENGTH
from flask_userkit.security.phone_numbers import INTERNATIONAL
from flask_userkit.security.phone_numbers import MAX_INPUT
from flask_userkit.security.phone_numbers import countries
from flask_userkit.security.phone_numbers import format_phone_number
from flask_userkit.security.phone_numbers import is_in_countries
from flask_userkit.security.phone_numbers import is_reachable
from flask_userkit.security.phone_numbers import parse_phone_number

CODES = [country.code for country in countries()]
NATIONAL = PhoneNumberFormat.NATIONAL
AMERICAN = "+14155552671"
GERMAN = "+4915123456789"
MEXICAN = "+525512345678"
ARGENTINE = "+5491123456789"
#: An app that starts, shows a form and lists elements, but has no use for phone numbers.
START = """
import sys, tempfile
from flask import Flask
import flask_userkit
import flask_userkit.security.phone_numbers, flask_userkit.web.countries
app = Flask("app", instance_path=tempfile.mkdtemp())
app.config.update(SECRET_KEY="for this test alone", TESTING=True)
kit = flask_userkit.UserKit(app)
assert app.test_client().get("/account/sign-in").status_code == 200
print("phonenumbers" in sys.modules)
with app.app_context():
    kit.close()
"""


def number_of(value: str, country: str | None = None) -> str | None:
    parsed = parse_phone_number(value, country)
    return parsed and parsed.number


def example_of(country: str, kind: int) -> str | None:
    """Return a number of a kind that a country gives as an example."""
    found = phonenumbers.example_number_for_type(country, kind)
    return None if found is None else phonenumbers.format_number(found, PhoneNumberFormat.E164)


@pytest.mark.parametrize(
    ("value", "country", "number"),
    [
        (AMERICAN, None, AMERICAN),
        ("+1 (415) 555-2671", None, AMERICAN),
        ("1 415 555 2671", "US", AMERICAN),
        ("(415) 555-2671", "US", AMERICAN),
        ("415.555.2671", "CA", AMERICAN),
        ("415/555-2671", "us", AMERICAN),
        ("tel:+1-415-555-2671", None, AMERICAN),
        ("TEL: 415 555 2671", "US", AMERICAN),
        ("001 415 555 2671", "DE", AMERICAN),
        ("+1\u00a0415\u2011555\u20132671", None, AMERICAN),
        ("\u202a+1 415 555-2671\u202c\r\n", None, AMERICAN),
        ("\u200e+1415\u200b555\u00ad2671\ufeff", None, AMERICAN),
        (
            "\uff0b\uff11 \uff08\uff14\uff11\uff15\uff09 \uff15\uff15\uff15\uff0d2671",
            None,
            AMERICAN,
        ),
        ("\u0661\u0664\u0661\u0665\u0665\u0665\u0665\u0662\u0666\u0667\u0661", "US", AMERICAN),
        ("0151 23456789", "DE", GERMAN),
        ("0151/2345\u30fb6789", "DE", GERMAN),
        ("151 23456789", "DE", GERMAN),
        ("+49 (0) 151 23456789", None, GERMAN),
        ("0049 151 23456789", "FR", GERMAN),
        ("00 \u200e49 151 23456789", "FR", GERMAN),
        ("011 49 151 23456789", "US", GERMAN),
        ("0011 49 151 23456789", "AU", GERMAN),
        ("8~10 49 151 23456789", "RU", GERMAN),
        (
            "\u0660\u0661\u0660\u0660 \u0661\u0662\u0663\u0664\u0665\u0666\u0667",
            "EG",
            "+201001234567",
        ),
        ("+39 06 698 12345", None, "+390669812345"),
        ("06 698 12345", "IT", "+390669812345"),
        ("+39 312 345 6789", None, "+393123456789"),
        ("312 345 6789", "IT", "+393123456789"),
        ("+54 9 11 2345-6789", None, ARGENTINE),
        ("+54 11 15 2345 6789", None, ARGENTINE),
        ("011 15-2345-6789", "AR", ARGENTINE),
        ("+54 11 2345-6789", None, "+541123456789"),
        ("+52 55 1234 5678", None, MEXICAN),
        ("+52 1 55 1234 5678", None, MEXICAN),
        ("0052 1 55 1234 5678", "DE", MEXICAN),
        ("55 1234 5678", "MX", MEXICAN),
        ("01 55 1234 5678", "MX", MEXICAN),
        ("044 55 1234 5678", "MX", MEXICAN),
        ("045 55 1234 5678", "MX", MEXICAN),
    ],
    ids=ascii,
)
def test_however_it_is_typed_a_number_is_one(value: str, country: str | None, number: str) -> None:
    assert number_of(value, country) == number


@pytest.mark.parametrize("value", ["+8100780336625851", "+620018035514397298", "+4923417684878706"])
def test_a_number_is_no_longer_than_its_column_even_where_a_plan_has_longer_ones(
    value: str,
) -> None:
    assert phonenumbers.is_valid_number(phonenumbers.parse(value))
    assert len(value) > PHONE_LENGTH
    assert parse_phone_number(value) is None


def test_a_plus_wins_over_the_country() -> None:
    for country in [*CODES, "", "001", "XX", "U", "\u0131", "U" * 10**6, None]:
        assert number_of("+49 151 23456789", country) == GERMAN, country


@pytest.mark.parametrize("country", [None, "", "001", "XX", "\u0131", "\ud800", "DEU", "D" * 10**6])
def test_a_national_number_is_none_without_a_country(country: str | None) -> None:
    assert parse_phone_number("0151 23456789", country) is None


@pytest.mark.parametrize(
    ("number", "country"),
    [
        (AMERICAN, "US"),
        (GERMAN, "DE"),
        ("+16135550123", "CA"),
        ("+77011234567", "KZ"),
        ("+79123456789", "RU"),
        ("+447911123456", "GG"),
        ("+390669812345", "VA"),
        ("+881612345678", INTERNATIONAL),
    ],
)
def test_a_number_tells_its_country(number: str, country: str) -> None:
    assert parse_phone_number(number) == (number, country)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "+",
        "++14155552671",
        "+1+4155552671",
        "14155552671+",
        "+1 415 555 2671;ext=9",
        "+1;ext=9",
        "+1 415 555 2671 x9",
        "+1 415 555 2671 ext. 9",
        "+1 415 555 2671 #9",
        "+1 415 555 2671,,9",
        "tel:863-1234;phone-context=+1-914-555",
        "tel:",
        "tel:tel:+14155552671",
        "sms:+14155552671",
        "+1-800-FLOWERS",
        "1-800-FLOWERS",
        "+1 415 555 267l",
        "+\u00b9 415 555 2671",
        "*31#4155552671",
        "4155552671*",
        "+1 415 555 2671\n+1 415 555 2672",
        "+1 415 555\t2671",
        "+1415555\x002671",
        "\ud8004155552671",
        "+1415555267\udfff",
        "911",
        "110",
        "86753",
        "+1911",
        "+1 415 555 267",
        "+1 415 555 26711",
        "+1 015 555 2671",
        "+0 415 555 2671",
        "+999 415 555 2671",
        "+39 6 698 12345",
        "0" * 40,
        "1" * 40,
        "+" + "1" * 40,
        "+1415555267" + "1" * 30,
        "\u0660\u0661\u0662",
        "-4155552671e0",
        "0x10ffff",
    ],
    ids=ascii,
)
def test_what_is_no_number_is_refused(value: str) -> None:
    for country in (None, "US"):
        assert parse_phone_number(value, country) is None


@pytest.mark.parametrize(
    "value",
    ["1" * 10**6, "+1" * 10**6, "+" * 10**6, "(" * 10**6, AMERICAN + " " * 10**6, "\u200e" * 10**6],
    ids=lambda value: ascii(value[:12]),
)
def test_a_megabyte_is_refused_at_once(value: str) -> None:
    begun = time.thread_time()
    assert parse_phone_number(value, "US") is None
    assert not is_reachable(value)
    assert not is_in_countries(value, ["US"])
    assert format_phone_number(value) is value
    assert time.thread_time() - begun < 0.05


@pytest.mark.parametrize("code", CODES)
def test_a_number_of_every_country_is_read_as_it_is_written(code: str) -> None:
    for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.VOIP):
        number = example_of(code, kind)
        if number is None:
            continue
        assert is_reachable(number)
        assert is_in_countries(number, [code])
        national = phonenumbers.format_number(phonenumbers.parse(number), NATIONAL)
        for spelling in (number, format_phone_number(number), national):
            assert number_of(spelling, code) == number, ascii(spelling)


@pytest.mark.parametrize(
    "kind",
    ["PREMIUM_RATE", "SHARED_COST", "TOLL_FREE", "UAN", "PAGER", "VOICEMAIL"],
)
def test_no_message_goes_to_a_number_that_costs_or_is_nobodys(kind: str) -> None:
    numbers = {example_of(code, getattr(PhoneNumberType, kind)) for code in CODES} - {None}
    assert len(numbers) > 10
    assert [number for number in numbers if number and is_reachable(number)] == []


@pytest.mark.parametrize("code", phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS)
def test_no_message_goes_to_a_number_of_no_country(code: int) -> None:
    found = phonenumbers.example_number_for_non_geo_entity(code)
    assert found is not None
    number = phonenumbers.format_number(found, PhoneNumberFormat.E164)
    assert parse_phone_number(number) == (number, INTERNATIONAL)
    assert not is_reachable(number)


@pytest.mark.parametrize("number", [AMERICAN, GERMAN, MEXICAN, ARGENTINE, "+15005550006"])
def test_a_message_goes_to_a_phone(number: str) -> None:
    assert is_reachable(number)


@pytest.mark.parametrize(
    "value", ["", "911", "+1911", "415 555 2671", "+1 415 555 2671", f"{AMERICAN}\n", "+999123456"]
)
def test_no_message_goes_to_what_is_no_number(value: str) -> None:
    assert not is_reachable(value)
    assert not is_in_countries(value, ["US"])


def test_a_number_is_in_its_country_and_in_those_that_share_it() -> None:
    assert is_in_countries("+358412345678", ["AX"])
    assert is_in_countries("+358412345678", ["FI"])
    assert is_in_countries(GERMAN, ["at", "de"])
    assert not is_in_countries(GERMAN, ["AT", "CH"])
    assert not is_in_countries(AMERICAN, ["CA"])
    assert not is_in_countries(GERMAN, [])
    assert not is_in_countries("+881612345678", CODES)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (GERMAN, "+49 1512 3456789"),
        (AMERICAN, "+1 415-555-2671"),
        ("+390669812345", "+39 06 6981 2345"),
        (ARGENTINE, "+54 9 11 2345-6789"),
    ],
)
def test_a_number_is_shown_as_people_read_it(number: str, shown: str) -> None:
    assert format_phone_number(number) == shown


@pytest.mark.parametrize("value", ["", "Ada", "+49", "+0123456", "+49 1512 3456789", f"{GERMAN}\n"])
def test_what_is_no_number_is_shown_as_it_is(value: str) -> None:
    assert format_phone_number(value) == value


def test_every_country_has_its_calling_code() -> None:
    assert set(CODES) == phonenumbers.SUPPORTED_REGIONS
    assert sorted(CODES) == CODES
    for code, calling_code in countries():
        assert calling_code == phonenumbers.country_code_for_region(code)


def test_an_app_without_phone_numbers_does_not_load_the_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", START], capture_output=True, text=True, check=False
    )
    assert done.stdout == "False\n", done.stderr


DIGITS = st.text("0123456789", min_size=1, max_size=12)
NOISE = st.text(
    st.sampled_from("0123456789+-(). x;,#*\u0661\u200e\u00a0\uff0b\x00\ud800a"), max_size=20
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.text(st.characters(), max_size=MAX_INPUT) | NOISE, st.sampled_from([*CODES, None, "x"]))
@example("+52 1 1 1", None)
@example("+800", "001")
def test_no_text_is_too_much(value: str, country: str | None) -> None:
    parsed = parse_phone_number(value, country)
    shown = format_phone_number(value)
    is_reachable(value)
    if parsed is None:
        assert shown == value or re.fullmatch(r"\+\d+", value)
    else:
        assert parse_phone_number(parsed.number) == parsed


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(st.sampled_from(countries()), st.integers(0, 10), st.integers(0, 12), DIGITS)
def test_one_number_has_one_spelling(
    country: tuple[str, int], kind: int, kept: int, digits: str
) -> None:
    """Numbers near the examples of each country, with and without the plus sign."""
    code, calling_code = country
    found = phonenumbers.example_number_for_type(code, kind)
    near = phonenumbers.national_significant_number(found) if found else ""
    national = near[:kept] + digits[: max(0, len(near) - kept)]
    for parsed in (
        parse_phone_number(f"+{calling_code}{national}"),
        parse_phone_number(national, code),
    ):
        if parsed is None:
            continue
        number, home = parsed
        assert re.fullmatch(r"\+[1-9][0-9]+", number, re.ASCII)
        assert len(number) <= PHONE_LENGTH
        assert home in CODES
        assert parse_phone_number(number) == parsed
        assert parse_phone_number(format_phone_number(number)) == parsed
        assert is_in_countries(number, [home])
        shown = phonenumbers.format_number(phonenumbers.parse(number), NATIONAL)
        assert parse_phone_number(shown, home) in (parsed, None), "never another number"
