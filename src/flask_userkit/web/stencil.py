"""Rows that are alike are drawn once, and each fills in what is its own."""

from __future__ import annotations

import re
import secrets
import typing as t
from collections.abc import Callable

from markupsafe import Markup
from markupsafe import escape

# Nobody can have a name that is taken for the place of another field.
_SECRET = secrets.token_hex(8)
_PLACE = re.compile(rf"({_SECRET}[a-z_]+?{_SECRET})")


class Row(t.Protocol):
    """A named tuple."""

    def __hash__(self) -> int: ...
    def _replace(self, **fields: str) -> t.Self: ...


class Stencil:
    """Draws the first row of a kind by a macro, and the others of that kind from its picture.

    :param draw: the macro of a row; of these fields it does no more than print them.
    :param fields: the fields in which rows of one kind differ.
    """

    def __init__(self, draw: Callable[[t.Any], Markup], *fields: str) -> None:
        self._draw = draw
        self._places = {field: f"{_SECRET}{field}{_SECRET}" for field in fields}
        self._drawn: dict[Row, list[str]] = {}

    def __call__(self, row: Row) -> Markup:
        kind = row._replace(**self._places)  # pyright: ignore[reportPrivateUsage] # what a named tuple offers begins so, to keep clear of its fields
        if kind not in self._drawn:
            self._drawn[kind] = _PLACE.split(str(self._draw(kind)))
        own = {place: escape(getattr(row, field)) for field, place in self._places.items()}
        return Markup("".join([own.get(piece, piece) for piece in self._drawn[kind]]))  # noqa: S704 (the macro's own answer, and words that are escaped)
