"""What a response shows: its forms as a browser would send them, and its words."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from functools import cached_property

from bs4 import BeautifulSoup
from bs4 import Tag

REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Form:
    """One form of a page, with the values that stand in it."""

    action: str
    method: str
    values: Mapping[str, str]
    names: frozenset[str]
    buttons: tuple[tuple[str, str], ...]
    tag: Tag = field(repr=False)

    def filled(self, values: Mapping[str, str], button: tuple[str, str] | None) -> dict[str, str]:
        """Return what is sent once a person has typed these values and pressed this button."""
        for name in values:
            if name not in self.names:
                raise LookupError(
                    f"The form {self.action} has no field {name!r}: {sorted(self.names)}"
                )
        if button is not None and button not in self.buttons:
            raise LookupError(f"The form {self.action} has no button {button!r}: {self.buttons}")
        return {**self.values, **values, **dict([button] if button else [])}


@dataclass(frozen=True)
class Page:
    """One response."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return a header, several of one name joined by a comma."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def cookies(self) -> list[str]:
        """Return each Set-Cookie header."""
        return [value for key, value in self.headers if key.lower() == "set-cookie"]

    @property
    def location(self) -> str | None:
        return self.header("Location")

    @property
    def redirects(self) -> bool:
        return self.status in REDIRECTS

    @cached_property
    def text(self) -> str:
        return self.body.decode()

    @cached_property
    def json(self) -> t.Any:
        return json.loads(self.body)

    @cached_property
    def html(self) -> BeautifulSoup:
        return BeautifulSoup(self.body, "html.parser")

    @property
    def words(self) -> str:
        """Return the visible text, its white space folded."""
        return " ".join(self.html.get_text(" ").split())

    @property
    def alerts(self) -> list[str]:
        """Return what the page says went wrong."""
        tags = self.html.select("[role=alert], .userkit-field__error")
        return [" ".join(tag.get_text(" ").split()) for tag in tags]

    @property
    def forms(self) -> list[Form]:
        return [_form(tag, self.url) for tag in self.html.find_all("form")]

    def form(self, action: str) -> Form:
        """Return the first form whose address, less its query, ends like this."""
        for form in self.forms:
            if form.action.partition("?")[0].endswith(action):
                return form
        found = [form.action for form in self.forms]
        raise LookupError(f"{self.url} ({self.status}) has no form for {action!r}: {found}")


def _form(tag: Tag, url: str) -> Form:
    values: dict[str, str] = {}
    names: set[str] = set()
    buttons: list[tuple[str, str]] = []
    for control in tag.find_all(["input", "textarea", "select", "button"]):
        name, kind = _attribute(control, "name"), _attribute(control, "type")
        if not name or control.has_attr("disabled"):
            continue
        if control.name == "button" or kind in ("submit", "image", "button", "reset"):
            if kind in ("", "submit"):
                buttons.append((name, _attribute(control, "value")))
            continue
        names.add(name)
        if kind not in ("checkbox", "radio") or control.has_attr("checked"):
            values[name] = _value(control, kind)
    action = _attribute(tag, "action") or url
    method = (_attribute(tag, "method") or "get").upper()
    return Form(action, method, values, frozenset(names), tuple(buttons), tag)


def _value(control: Tag, kind: str) -> str:
    if control.name == "textarea":
        return control.get_text()
    if control.name == "select":
        option = control.select_one("option[selected]") or control.find("option")
        return _attribute(option, "value") if isinstance(option, Tag) else ""
    return _attribute(control, "value") or ("on" if kind in ("checkbox", "radio") else "")


def _attribute(tag: Tag, name: str) -> str:
    value = tag.get(name, "")
    return value if isinstance(value, str) else " ".join(value or ())
