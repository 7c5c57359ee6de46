"""A username is one person's, and nobody's looks like the site (B51, B53)."""

from __future__ import annotations

import string
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from flask_userkit.security.usernames import MAX_LENGTH
from flask_userkit.security.usernames import RESERVED
from flask_userkit.security.usernames import is_reserved
from flask_userkit.security.usernames import normalize_username
from flask_userkit.security.usernames import username_key
from flask_userkit.security.usernames import username_problem

LENGTH = "form_username_invalid_length"
CHARACTER = "form_username_invalid_character"
DIGITS = "form_username_needs_non_number_char"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", LENGTH),
        ("ada", LENGTH),
        ("a" * 65, LENGTH),
        ("a" * 1_000_000, LENGTH),
        ("ada lovelace", CHARACTER),
        ("ada.l", CHARACTER),
        ("ada@example.com", CHARACTER),
        ("+14155552671", CHARACTER),
        ("_ada_", CHARACTER),
        ("-ada", CHARACTER),
        ("ada-", CHARACTER),
        ("----", CHARACTER),
        ("ádám", CHARACTER),
        ("a\u0301dam", CHARACTER),
        ("ad\u0430m", CHARACTER),
        ("\u03bfliver", CHARACTER),
        ("ada\u200bm", CHARACTER),
        ("\u202eadam", CHARACTER),
        ("adam\u200f", CHARACTER),
        ("ada\n1", CHARACTER),
        ("adam\n", CHARACTER),
        ("adam\0", CHARACTER),
        ("\ud800adam", CHARACTER),
        ("\u212aelvin", CHARACTER),
        ("٠١٢٣", CHARACTER),
        ("1234", DIGITS),
        ("415-555-2671", DIGITS),
        ("adam", None),
        ("4dam", None),
        ("Ada_Lovelace-1815", None),
        ("ada__-1815", None),
        ("a" * 64, None),
    ],
    ids=lambda value: ascii(value)[:24],
)
def test_a_username_is_ascii_with_dashes_and_underscores_between(
    value: str, problem: str | None
) -> None:
    assert username_problem(value) == problem


@pytest.mark.parametrize(
    "value", ["a" * 10**6, "a-" * 500_000, "\ufdfa" * 10**6, "e" + "\u0301" * 10**6, "-" * 10**6]
)
def test_a_megabyte_costs_nothing(value: str) -> None:
    begun = time.thread_time()
    assert username_problem(normalize_username(value)) == LENGTH
    assert time.thread_time() - begun < 0.05


@pytest.mark.parametrize(
    "typed",
    [
        "Ada_Lovelace",
        "ADA_lovelace",
        " ada_lovelace\n",
        "\u00a0ada_lovelace\u3000",
        "\uff21\uff44\uff41\uff3flovelace",
        "\u1d2c\u1d30\u1d2c_lovelace",
    ],
    ids=ascii,
)
def test_spellings_of_one_username_have_one_key(typed: str) -> None:
    assert username_key(typed) == "ada_lovelace"


def test_two_usernames_have_two_keys() -> None:
    names = ["ada_l", "ada-l", "adal", "ada_1", "adai", "adal1"]
    assert len({username_key(name) for name in names}) == len(names)


PLAIN = string.ascii_letters + string.digits + "-_"
NAME = st.text(PLAIN, min_size=1, max_size=MAX_LENGTH)
#: Every character that is one of those in another guise.
GUISES = [
    guise for guise in map(chr, range(0x20000)) if unicodedata.normalize("NFKC", guise) in PLAIN
]


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.text(st.sampled_from(GUISES) | st.characters(), max_size=70) | NAME)
def test_whatever_is_taken_fits_its_column_and_has_one_key(typed: str) -> None:
    name = normalize_username(typed)
    if username_problem(name) is not None:
        return
    key = username_key(typed)
    assert name.isascii()
    assert len(key) == len(name) <= MAX_LENGTH
    assert key == username_key(name) == username_key(name.upper()) == username_key(key)
    assert normalize_username(name) == name


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_what_stands_for_the_site_is_nobodys(name: str) -> None:
    for spelling in (name, name.upper(), "-".join(name), f"{name[0]}_{name[1:]}"):
        assert is_reserved(spelling), spelling


@pytest.mark.parametrize(
    "name",
    [
        "adm1n",
        "AdmIn",
        "admln",
        "aclmin",
        "adrnin",
        "r00t",
        "R0OT",
        "5upport",
        "5upp0rt",
        "h3lpd3sk",
        "s-e-c-u-r-i-t-y",
        "a_p_i",
        "no-reply",
        "mailer-daemon",
        "WebMaster",
        "vvebmaster",
        "pr1vacy",
        "b1ll1ng",
        "ｒｏｏｔ",
    ],
)
def test_what_looks_like_it_is_nobodys_either(name: str) -> None:
    assert is_reserved(name)


@pytest.mark.parametrize(
    "name", ["adam", "admiral", "rooted", "support_fan", "helen", "carl", "ada-1815", "adminton"]
)
def test_the_names_of_people_are_left_to_them(name: str) -> None:
    assert not is_reserved(name)


@pytest.mark.parametrize(
    "name", ["paypal", "PayPaI", "pay-pal", "payp4l", "ReadingList", "read1ng_l1st"]
)
def test_an_app_has_names_of_its_own(name: str) -> None:
    assert not is_reserved(name)
    assert is_reserved(name, ["PayPal", "Reading list"])


def test_a_name_of_no_letters_reserves_nothing() -> None:
    assert not is_reserved("adam", ["", "  ", "…", "😀", "李小龍"])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(NAME, st.sets(st.integers(0, 63)))
def test_case_and_marks_between_never_hide_a_reserved_name(name: str, places: set[int]) -> None:
    spelled = "".join(
        f"{letter.swapcase()}-_" if place in places else letter for place, letter in enumerate(name)
    )
    assert is_reserved(spelled) == is_reserved(name)
