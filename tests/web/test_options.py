"""The options of a select, which are kept as they are written."""

from __future__ import annotations

import typing as t

import pytest
from markupsafe import Markup

from flask_userkit.web.options import Options
from flask_userkit.web.options import options

PAIRS = (("DE", "Germany"), ("A&B", "<b>A</b>"), ('"', "quote"), ("", "none"), ("ü", "ü"))


def test_no_more_than_the_chosen_one_is_selected() -> None:
    assert options(PAIRS[:2], "DE") == (
        '<option value="DE" selected>Germany</option>'
        '<option value="A&amp;B">&lt;b&gt;A&lt;/b&gt;</option>'
    )


@pytest.mark.parametrize("chosen", [value for value, _text in PAIRS])
def test_each_one_can_be_chosen(chosen: str) -> None:
    html = options(PAIRS, chosen)
    assert html.count(" selected>") == 1
    position = [value for value, _text in PAIRS].index(chosen)
    assert " selected>" in html.split("</option>")[position]
    assert html.replace(" selected", "") == options(PAIRS, "no such value")


@pytest.mark.parametrize("chosen", ["FR", "de", '"><script>', " selected"])
def test_what_is_not_on_offer_is_not_chosen(chosen: str) -> None:
    html = options(PAIRS, chosen)
    assert " selected" not in html
    assert "<script" not in html


def test_a_list_is_as_good_as_a_tuple_and_may_change() -> None:
    pairs: list[t.Any] = [["DE", "Germany"]]
    assert options(pairs, "DE") == options(PAIRS[:1], "DE")
    pairs.append(["AT", "Austria"])
    assert "Austria" in options(pairs)
    fixed: tuple[t.Any] = (["DE", "Germany"],)
    assert options(fixed, "DE") == options(PAIRS[:1], "DE")


def test_what_is_written_once_is_escaped_for_each_list_by_itself() -> None:
    """A text that is markup equals one that is not."""
    safe, unsafe = Options([("a", Markup("<i>a</i>"))]), Options([("a", "<i>a</i>")])
    assert safe == unsafe
    for _ in range(2):
        assert "<i>" in options(safe)
        assert "<i>" not in options(unsafe)
        assert "<i>" in options([("a", Markup("<i>a</i>"))])
        assert "<i>" not in options([("a", "<i>a</i>")])


def test_a_list_that_is_kept_is_written_once() -> None:
    kept = Options(PAIRS)
    assert options(kept, "no such value") is options(kept, "nor this")
    assert options(kept, "DE") == options(PAIRS, "DE")
