"""The options of a select, written once for a list that is kept, such as that of all countries."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from markupsafe import Markup
from markupsafe import escape


class Options(tuple[tuple[str, str], ...]):  # noqa: SLOT001 (it remembers)
    """Pairs of a value and a text, which remember how they are written."""

    @cached_property
    def _written(self) -> tuple[Markup, dict[str, int]]:
        """The options, and for each value where the tag ends that it opens."""
        html: list[str] = []
        ends: dict[str, int] = {}
        length = 0
        for value, text in self:
            begin = f'<option value="{escape(value)}"'
            option = f"{begin}>{escape(text)}</option>"
            ends.setdefault(value, length + len(begin))
            html.append(option)
            length += len(option)
        return Markup("".join(html)), ends  # noqa: S704 (escaped piece by piece)

    def html(self, chosen: str) -> Markup:
        """Return all options; the chosen one, if it is among them, is selected."""
        html, ends = self._written
        end = ends.get(chosen)
        if end is None:
            return html
        return Markup(f"{html[:end]} selected{html[end:]}")  # noqa: S704 (escaped above)


def options(pairs: Iterable[tuple[str, str]], chosen: str = "") -> Markup:
    """Return pairs of a value and a text as options, of which one is selected."""
    # Other lists are an app's and written anew: texts that are equal may not be equally safe, or
    # may be in another language by now.
    kept = pairs if isinstance(pairs, Options) else Options(pairs)
    return kept.html(chosen)
