"""The gallery: every element of the kit in every state. A contributor begins here."""

from __future__ import annotations

import re
import typing as t
from functools import cache
from itertools import product

from flask import Blueprint
from flask import abort
from flask import current_app
from flask import render_template
from flask import request
from flask.typing import ResponseReturnValue
from jinja2 import Environment
from jinja2 import Template
from markupsafe import Markup
from markupsafe import escape

from flask_userkit import KitForm
from flask_userkit.errors import FormError
from flask_userkit.errors import FormErrors

from .elements import Element
from .elements import Example
from .elements import elements
from .elements import import_line

gallery = Blueprint("gallery", __name__, url_prefix="/gallery")

SCHEMES = {"light": "Light", "dark": "Dark"}
DIRECTIONS = {"ltr": "Left to right", "rtl": "Right to left"}
#: Attributes that hold ids: in a second copy of an example each gets an ending.
_IDS = re.compile(
    r'( (?:id|for|name|aria-controls|aria-describedby|aria-labelledby|commandfor|popovertarget)=")'
    r'([^"]+)"'
)
_FRAGMENT = re.compile(r'( href="#[^"]+)"')
_LANDMARK = re.compile(r'(<nav [^>]*aria-label="[^"]+)"')


class Frame(t.NamedTuple):
    """How an example is looked at."""

    scheme: str
    direction: str

    @property
    def name(self) -> str:
        return f"{SCHEMES[self.scheme]}, {DIRECTIONS[self.direction].lower()}"


@gallery.get("")
def index() -> ResponseReturnValue:
    return _page("index")


@gallery.get("/<name>")
def element(name: str) -> ResponseReturnValue:
    return _page("element", element=_element(name))


@gallery.get("/<name>/<slug>")
def example(name: str, slug: str) -> ResponseReturnValue:
    found = _element(name)
    shown = next((one for one in found.examples if one.slug == slug), None)
    return _page("example", element=found, example=shown) if shown else abort(404)


@gallery.app_template_filter("code_words")
def code_words(text: str) -> Markup:
    """Return a sentence with what stands in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 (escaped)


def render(example: Example, frame: Frame | None = None) -> Markup:
    """Return an example as HTML; with ``frame``, as one of several copies on a page."""
    html = _template(current_app.jinja_env, example.source).render(refused_form=refused_form())
    if frame is not None:
        ending = f"-{frame.scheme}-{frame.direction}"
        html = _IDS.sub(rf'\1\2{ending}"', html)
        html = _FRAGMENT.sub(rf'\1{ending}"', html)
        html = _LANDMARK.sub(rf'\1 ({frame.name})"', html)
    return Markup(html)  # noqa: S704 (rendered with autoescape)


def refused_form() -> KitForm:
    """Return a form of which two fields are wrong."""
    macros: t.Any = current_app.jinja_env.globals["userkit"]
    form: KitForm = macros.sign_up_form()
    messages = {"email_address": "Enter your email address.", "password": "Enter a password."}
    form.attach(FormErrors([FormError(text, param=name) for name, text in messages.items()]))
    return form


@cache
def _template(environment: Environment, source: str) -> Template:
    return environment.from_string(source)


def _page(name: str, **context: t.Any) -> str:
    frames = [
        Frame(*look)
        for look in product(_chosen("scheme", SCHEMES), _chosen("direction", DIRECTIONS))
    ]
    context.update(elements=elements(), frames=frames, render=render, import_line=import_line)
    return render_template(f"gallery/{name}.html", **context)


def _chosen(name: str, options: dict[str, str]) -> list[str]:
    wanted = request.args.get(name)
    if wanted == "both":
        return list(options)
    return [wanted if wanted in options else next(iter(options))]


def _element(name: str) -> Element:
    found = elements().get(name)
    return found if found is not None else abort(404)
