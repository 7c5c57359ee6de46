"""Rows of one kind are drawn once, and each says what is its own."""

from __future__ import annotations

import typing as t

from jinja2 import Environment
from markupsafe import Markup

from flask_userkit.web.stencil import Stencil

ROW = """
{% macro draw(row) %}<li id="{{ row.id }}" class="{{ row.kind }}">{{ row.name }}</li>{% endmacro %}
"""


class Fields(t.NamedTuple):
    id: str
    name: str
    kind: str = "plain"


class Row(Fields):
    # mypy knows this method of a named tuple by the names of the tuple's own fields alone.
    def _replace(self, **fields: str) -> t.Self:
        return super()._replace(**fields)


class Counted:
    """A macro that counts how often it draws."""

    def __init__(self) -> None:
        env = Environment(autoescape=True)
        self._draw = t.cast(t.Any, env.from_string(ROW).module).draw
        self.count = 0

    def __call__(self, row: Row) -> Markup:
        self.count += 1
        return t.cast(Markup, self._draw(row))


def test_rows_of_a_kind_are_drawn_once_and_look_as_if_each_were_drawn() -> None:
    draw = Counted()
    rows = [Row("1", "Ada"), Row("2", "Grace", "other"), Row("3", "Alan"), Row("4", "Mary")]
    stencil = Stencil(draw, "id", "name")
    assert [stencil(row) for row in rows] == [Counted()(row) for row in rows]
    assert draw.count == 2


def test_what_a_row_says_is_escaped() -> None:
    stencil = Stencil(Counted(), "id", "name")
    for row in (Row('"><b>', "<script>"), Row("&amp;", "'\"")):
        assert stencil(row) == Counted()(row)
        assert "<b>" not in stencil(row)
        assert "<script>" not in stencil(row)


def test_nobody_can_be_named_like_the_place_of_another_field() -> None:
    seen: list[Row] = []
    draw = Counted()

    def spy(row: Row) -> Markup:
        seen.append(row)
        return draw(row)

    Stencil(spy, "id", "name")(Row("1", "Ada"))
    (places,) = seen
    stencil = Stencil(draw, "id", "name")
    # Even who knew the place of the id would have nothing but its words shown.
    assert stencil(Row("the id", places.id)) == Counted()(Row("the id", places.id))
    assert not {"id", "name"} & {places.id, places.name}


def test_a_word_in_the_row_that_looks_like_a_field_stays() -> None:
    stencil = Stencil(Counted(), "id", "name")
    row = Row("id", "name id email_address_0123456789abcdef", "id_name")
    assert stencil(row) == Counted()(row)


def test_a_place_may_stand_at_a_letter_or_at_another_place() -> None:
    macro = "{% macro draw(row) %}Ändern{{ row.name }}{{ row.id }}{{ row.name }}s{% endmacro %}"
    env = Environment(autoescape=True)
    draw = t.cast(t.Any, env.from_string(macro).module).draw
    assert Stencil(draw, "id", "name")(Row("1", "Ada")) == "ÄndernAda1Adas"
