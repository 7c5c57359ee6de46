"""The elements of the kit, as the YAML beside each describes them."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from flask_userkit.paths import STATIC
from flask_userkit.paths import TEMPLATES

FOLDER = TEMPLATES / "userkit" / "elements"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a macro; one without a default has to be given."""

    name: str
    type: str
    about: str
    required: bool
    default: t.Any
    options: tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """An example of an element, as it is written in a template."""

    name: str
    about: str
    code: str
    #: Whether it takes a page of its own, such as a dialog that is open from the start.
    alone: bool = False

    @property
    def slug(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")

    @property
    def source(self) -> str:
        """What a template has to hold: the imports, then the example."""
        used = (name for name in elements() if re.search(rf"\b{name}\(", self.code))
        return "\n".join([*(import_line(name) for name in used), self.code.strip()])


@dataclass(frozen=True)
class Element:
    """A folder with a macro and its description."""

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    examples: tuple[Example, ...]

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").capitalize()

    @property
    def files(self) -> list[str]:
        """Where it is written."""
        stem = self.name.replace("_", "-")
        own = [f"css/{stem}.css", f"js/{stem}.js"]
        folder = f"templates/userkit/elements/{self.name}/{self.name}"
        static = [f"static/{path}" for path in own if (STATIC / path).is_file()]
        return [f"{folder}.html", f"{folder}.yaml", *static]


@cache
def elements() -> dict[str, Element]:
    """Return every element by its name."""
    return {path.stem: _element(path) for path in sorted(FOLDER.glob("*/*.yaml"))}


def import_line(name: str) -> str:
    """Return what a template begins with that uses an element."""
    return f'{{% from "userkit/elements/{name}/{name}.html" import {name} %}}'


def _element(path: Path) -> Element:
    described = yaml.safe_load(path.read_text("utf-8"))
    return Element(
        path.stem,
        described["summary"],
        tuple(_parameter(**values) for values in described["parameters"]),
        tuple(Example(**values) for values in described["examples"]),
    )


def _parameter(
    name: str, type: str, about: str, options: t.Sequence[str] = (), **rest: t.Any
) -> Parameter:
    required = "default" not in rest
    return Parameter(name, type, about, required, rest.get("default"), tuple(options))
