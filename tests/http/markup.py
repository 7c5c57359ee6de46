"""Reads templates as text: what of them a person sees, and what of that nobody can translate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from jinja2 import Environment
from jinja2 import nodes

#: Stands for whatever an expression gives.
HOLE = "\ue000"
VISIBLE_ATTRIBUTES = {
    "alt",
    "aria-description",
    "aria-label",
    "aria-placeholder",
    "aria-roledescription",
    "aria-valuetext",
    "content",
    "label",
    "placeholder",
    "summary",
    "title",
    "value",
}
#: What `content` of a meta element says is for programs.
FOR_PROGRAMS = {("meta", "content"), ("input", "value"), ("button", "value"), ("data", "value")}
GETTEXT = {"_": 1, "gettext": 1, "ngettext": 2}

#: Arguments of macros that name things and tell nobody anything.
NAMES = {"autocomplete", "classes"}

_ATTRIBUTES = re.compile(r"[\w-]+=\"[^\"]*\"|\b(?:autofocus|disabled|hidden|open|required)\b")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
#: A sentence or a word of one: class names, ids and file names have dashes, dots or no capital.
_WORDS = re.compile(r"^[A-Z][a-z]+[.…?]?$|[^\W\d_] [^\W\d_]")
_CLASSES = re.compile(r"^[\s\w-]*userkit-[\s\w-]*$")

environment = Environment(autoescape=True)


def rendered_by_hand(source: str) -> str:
    """Return a template with a hole for each expression, and nothing for each statement."""
    parts: list[str] = []
    inside = False
    for _line, kind, value in environment.lex(source):
        if kind == "variable_begin":
            parts.append(HOLE)
        if kind in ("variable_begin", "block_begin", "comment_begin", "raw_begin"):
            inside = True
        elif kind in ("variable_end", "block_end", "comment_end", "raw_end"):
            inside = False
        elif kind == "data" and not inside:
            parts.append(value)
    return "".join(parts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append((tag, values))
        self._silent += tag in ("script", "style")
        for name, value in values.items():
            if name in VISIBLE_ATTRIBUTES and (tag, name) not in FOR_PROGRAMS:
                self.texts.append(value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._silent -= tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


def _read(source: str) -> _Reader:
    reader = _Reader()
    reader.feed(rendered_by_hand(source))
    reader.close()
    return reader


def tags(source: str) -> list[tuple[str, dict[str, str]]]:
    """Return each element with its attributes."""
    return _read(source).tags


def literal_words(source: str, *, html: bool) -> Iterator[str]:
    """Yield each text of a template that no catalog can replace."""
    texts = _read(source).texts if html else [rendered_by_hand(source)]
    for text in texts:
        # A macro may give attributes, which stand outside of any element here.
        told = _ATTRIBUTES.sub(" ", text) if html else text
        if _LETTERS.search(told.replace(HOLE, " ")):
            yield " ".join(text.replace(HOLE, "…").split())
    translated: set[int] = set()
    tree = environment.parse(source)
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in GETTEXT:
            translated |= {id(node) for node in call.args[: GETTEXT[call.node.name]]}
    for argument in tree.find_all(nodes.Keyword):
        if argument.key in NAMES:
            translated |= {id(node) for node in argument.find_all(nodes.Const)}
    for const in tree.find_all(nodes.Const):
        value = const.value
        if isinstance(value, str) and id(const) not in translated and _reads_as_words(value):
            yield value


def untranslatable_calls(source: str) -> Iterator[str]:
    """Yield each call of gettext that the extraction of messages cannot read."""
    for call in environment.parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in GETTEXT:
            messages = call.args[: GETTEXT[call.node.name]]
            if not all(isinstance(m, nodes.Const) and isinstance(m.value, str) for m in messages):
                yield f"line {call.lineno}"


def filters(source: str) -> set[str]:
    """Return the filters that a template uses."""
    return {node.name for node in environment.parse(source).find_all(nodes.Filter)}


def _reads_as_words(value: str) -> bool:
    return _WORDS.search(value) is not None and _CLASSES.match(value) is None
