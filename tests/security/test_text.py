"""What a line of text may hold."""

from __future__ import annotations

import time

import pytest

from flask_userkit.security.text import is_plain
from flask_userkit.security.text import is_visible
from flask_userkit.security.text import normalize_line

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    "value",
    [
        "\0",
        "a\0b",
        "\ud800",
        "a\udfff",
        "a\r\nBcc: b",
        "a\nb",
        "a\tb",
        "\x1b[31m",
        "\x7f",
        "\x85",
        "\u2028",
        "\u2029",
        "admin\u202etxt",
        "\u2066a\u2069",
        "\u202a",
        "\u2067",
    ],
)
def test_what_breaks_a_line_an_encoder_or_a_reader_is_not_plain(value: str) -> None:
    assert not is_plain(value)


@pytest.mark.parametrize(
    "value",
    [
        "Ada",
        "O\u2019Brien-Smith, Jr.",
        "Nguyễn",
        "李小龙",
        "مريم",
        "\U0001f600",
        FAMILY,
        "a\u200db",
        "{{7*7}}",
        "<script>",
        '"><img onerror=x>',
        "javascript:alert(1)",
        "%00",
        "=1+1",
        "",
    ],
)
def test_what_people_are_called_is_plain(value: str) -> None:
    assert is_plain(value)


@pytest.mark.parametrize(
    "value", ["", " ", "\u00a0", "\u3000", "\u200b", "\u200d", "\u0301", " \u200b\u0301\u00a0 "]
)
def test_spaces_marks_and_joiners_show_nothing(value: str) -> None:
    assert not is_visible(value)


@pytest.mark.parametrize("value", ["a", "1", "!", FAMILY, "e\u0301", "\u200ba"])
def test_a_letter_a_sign_and_a_picture_show_something(value: str) -> None:
    assert is_visible(value)


def test_a_line_is_composed_and_trimmed_and_otherwise_kept() -> None:
    assert normalize_line(" \u00a0Zoe\u0308  X\u2003") == "Zoë  X"
    assert normalize_line("ﬁ") == "ﬁ"
    once = normalize_line("  e\u0301 ")
    assert normalize_line(once) == once


def test_a_megabyte_of_marks_takes_no_time_worth_naming() -> None:
    begun = time.thread_time()
    assert not is_visible("\u0301" * 1_000_000)
    assert is_plain("\u0301" * 1_000_000)
    assert time.thread_time() - begun < 2
