"""Codes are uniform, and are understood however they come to be typed."""

from __future__ import annotations

from collections import Counter

import pytest

from flask_userkit.security.codes import new_code
from flask_userkit.security.codes import normalize_code

MANY = 20_000


def test_every_digit_is_as_likely_at_every_place() -> None:
    codes = [new_code() for _ in range(MANY)]
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes)
    for place in range(6):
        counts = Counter(code[place] for code in codes)
        # Nine degrees of freedom: one fair draw in a hundred million comes to more than 54.
        expected = MANY / 10
        chi_squared = sum((counts[str(n)] - expected) ** 2 / expected for n in range(10))
        assert chi_squared < 54, (place, counts)
    assert len(set(codes)) > MANY * 0.97


def test_codes_begin_with_zeros_too() -> None:
    assert any(new_code().startswith("00") for _ in range(2000))


@pytest.mark.parametrize(
    "typed",
    [
        "012345",
        " 012345 ",
        "012 345",
        "012-345",
        "01 23 45",
        "012\u2013345",
        "012\u00a0345",
        "\u202a012345\u202c",
        "0\t1 2345\r\n",
        "\uff10\uff11\uff12\uff13\uff14\uff15",
        "٠١٢٣٤٥",
        "०१२३४५",
        "012\u200b345",
    ],
)
def test_grouped_pasted_and_foreign_digits_are_read(typed: str) -> None:
    assert normalize_code(typed) == "012345"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "12345",
        "1234567",
        "12345a",
        "abcdef",
        "12.345",
        "123456.0",
        "+123456",
        "①②③④⑤⑥",
        "½23456",
        "²23456",
        "0x1234",
        "1e5",
        "12345\x00",
        "\ud800",
        "ⅥⅥⅥⅥⅥⅥ",
    ],
)
def test_anything_else_is_no_code(typed: str) -> None:
    assert normalize_code(typed) is None


def test_a_code_with_a_long_tail_is_no_code() -> None:
    assert normalize_code("123456" + " " * 60 + "7") is None
    assert normalize_code("1" * 1_000_000) is None
