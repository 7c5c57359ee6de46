"""Write the tables of the manual that follow from the code: ``python docs/generate.py``."""

from __future__ import annotations

import json
import re
import sys
import tempfile
import typing as t
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

from flask import Flask

from flask_userkit import UserKit
from flask_userkit.config import PREFIX
from flask_userkit.config import Config
from flask_userkit.services.limits import DEFAULTS

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from example_app.elements import Element  # noqa: E402 (the path comes first)
from example_app.elements import Parameter  # noqa: E402 (the path comes first)
from example_app.elements import elements as read_elements  # noqa: E402 (the path comes first)

_PLACE = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- /generated -->)", re.DOTALL)


def settings() -> Iterable[str]:
    """Return every setting: its type, its default and what it is for."""
    types = t.get_type_hints(Config)
    yield from _row("Setting", "Type", "Default", "What it is for")
    yield from _row(*["---"] * 4)
    for setting in fields(Config):
        value = setting.default
        default = "unset" if value is None else f"`{value!r}`".replace("'", '"')
        name = f"`{PREFIX}{setting.name.upper()}`"
        yield from _row(name, _type_name(types[setting.name]), default, setting.metadata["help"])


def limits() -> Iterable[str]:
    """Return every limit with its default."""
    yield from _row("Limit", "Default")
    yield from _row("---", "---")
    for name, text in DEFAULTS.items():
        yield from _row(f"`{name}`", text.replace("; ", ", "))


def routes() -> Iterable[str]:
    """Return every address of the kit, in an app that is developed."""
    with tempfile.TemporaryDirectory() as folder:
        app = Flask("routes", instance_path=folder)
        app.config.update(SECRET_KEY="for this table alone", TESTING=True)
        kit: UserKit[t.Any] = UserKit(app)
        with app.app_context():
            kit.close()
    yield from _row("Method", "Address", "Endpoint", "For")
    yield from _row(*["---"] * 4)
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("userkit.")]
    for rule in sorted(rules, key=lambda rule: (rule.rule, sorted(rule.methods or ()))):
        method = " ".join(sorted((rule.methods or set()) & {"GET", "POST"}))
        public = getattr(app.view_functions[rule.endpoint], "_userkit_public", False)
        audience = "everybody" if public else "signed-in users"
        yield from _row(method, f"`{rule.rule}`", f"`{rule.endpoint}`", audience)


def elements() -> Iterable[str]:
    """Return every element of the kit: its first example and its parameters."""
    for element in read_elements().values():
        yield from ("", f"## {element.title}", "", element.summary, "")
        yield from _example(element)
        yield from _row("Parameter", "Type", "Default", "What it is")
        yield from _row(*["---"] * 4)
        for one in element.parameters:
            default = "needed" if one.required else f"`{json.dumps(one.default)}`"
            yield from _row(f"`{one.name}`", one.type, default, _about(one))


def _example(element: Element) -> Iterable[str]:
    example = element.examples[0]
    # A form that was refused is nothing that a template can make.
    if "refused_form" not in example.code:
        yield from ("<!-- test: jinja -->", "```jinja", example.source, "```", "")


def _about(parameter: Parameter) -> str:
    options = ", ".join(f"`{json.dumps(option)}`" for option in parameter.options)
    return f"{parameter.about} One of {options}." if options else parameter.about


TABLES = {"elements": elements, "settings": settings, "limits": limits, "routes": routes}


def generated(text: str) -> str:
    """Return a page with its tables as the code has them now."""
    return _PLACE.sub(
        lambda match: match[1] + "\n" + "\n".join(TABLES[match[2]]()) + "\n\n" + match[3], text
    )


def _row(*cells: str) -> Iterable[str]:
    yield "| " + " | ".join(cells) + " |"


def _type_name(kind: t.Any) -> str:
    arguments = [option for option in t.get_args(kind) if option is not type(None)]
    if t.get_origin(kind) is t.Literal:
        return ", ".join(f'`"{option}"`' for option in arguments)
    if len(arguments) == 1 and t.get_origin(kind) not in (list, dict):
        return _type_name(arguments[0])
    return f"`{getattr(kind, '__name__', kind)}`" if t.get_origin(kind) is None else f"`{kind}`"


def main() -> None:
    """Bring every page up to date."""
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text("utf-8")
        if generated(text) != text:
            page.write_text(generated(text), "utf-8")
            print(page.name)


if __name__ == "__main__":
    main()
