"""The YAML beside each element is true: its parameters are the macro's, and its examples render."""

from __future__ import annotations

import secrets
import typing as t
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import product

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask import get_template_attribute
from jinja2 import UndefinedError
from jinja2 import nodes
from jinja2.runtime import Macro
from markupsafe import Markup
from markupsafe import escape

from example_app import create_app
from example_app.elements import FOLDER
from example_app.elements import Element
from example_app.elements import Example
from example_app.elements import Parameter
from example_app.elements import elements
from example_app.gallery import DIRECTIONS
from example_app.gallery import SCHEMES
from example_app.gallery import Frame
from example_app.gallery import refused_form
from example_app.gallery import render
from tests.rig.clients import RecordingClient
from tests.rig.clients import request
from tests.rig.host import close

HOSTILE = "<b>&\"'"
#: A value of each type, where an example needs one.
SAMPLES: dict[str, t.Any] = {
    "boolean": True,
    "classes": "sample",
    "country": "DE",
    "html": "sample",
    "icon": "check",
    "id": "sample",
    "list": ["sample"],
    "mapping": {"data-sample": "sample"},
    "name": "sample",
    "number": 2,
    "pairs": [("sample", "Sample")],
    "text": "sample",
    "url": "/sample",
}
TEXTS = ("html", "id", "name", "text", "url")
#: What goes into `<title>` is no element, so it has no class.
NO_ELEMENT = "page_title"
ELEMENTS = list(elements().values())
EXAMPLES = [
    pytest.param(example, id=f"{element.name}: {example.slug}")
    for element in ELEMENTS
    for example in element.examples
]
PARAMETERS = [
    pytest.param(element, parameter, id=f"{element.name}: {parameter.name}")
    for element in ELEMENTS
    for parameter in element.parameters
]
each_element = pytest.mark.parametrize("element", ELEMENTS, ids=lambda element: element.name)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The example app, for all of these tests: none of them changes anything."""
    folder = tmp_path_factory.mktemp("gallery")
    config = {
        "DEBUG": True,
        "SECRET_KEY": secrets.token_urlsafe(32),
        "TESTING": True,
        "USERKIT_DATABASE_URL": f"sqlite:///{folder / 'gallery.sqlite3'}",
    }
    app = create_app(config, instance_path=folder / "instance")
    app.test_client_class = RecordingClient
    yield app
    with app.app_context():
        close(app)


@pytest.fixture
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def definition(element: Element, app: Flask) -> nodes.Macro:
    """Return the macro of an element, as it is written."""
    source = (FOLDER / element.name / f"{element.name}.html").read_text("utf-8")
    macros = app.jinja_env.parse(source).find_all(nodes.Macro)
    return next(macro for macro in macros if macro.name == element.name)


def macro_of(element: Element) -> Macro:
    path = f"userkit/elements/{element.name}/{element.name}.html"
    return t.cast("Macro", get_template_attribute(path, element.name))


def sample(parameter: Parameter) -> t.Any:
    if parameter.type == "form":
        return refused_form()
    return parameter.options[-1] if parameter.type == "option" else SAMPLES[parameter.type]


def outputs(element: Element, **given: t.Any) -> list[str]:
    """Return what a macro gives for some arguments, beside few others and beside all there are."""
    macro = macro_of(element)
    names = [parameter.name for parameter in element.parameters]
    needed = [parameter.name for parameter in element.parameters if parameter.required]
    values = {parameter.name: sample(parameter) for parameter in element.parameters}
    found = []
    for chosen, called in product(
        (needed, names, set(names) - {"href"}, set(names) - {"disabled", "href"}), (False, True)
    ):
        arguments = {**{name: values[name] for name in chosen}, **given}
        if called:
            arguments["caller"] = lambda: Markup("<i>called</i>")
        if called and not macro.caller:
            continue
        # Some show nothing without a call.
        with suppress(UndefinedError):
            found.append(str(macro(**arguments)))
    assert found
    return found


def ids(html: str) -> list[str]:
    return [str(tag["id"]) for tag in BeautifulSoup(html, "html.parser").select("[id]")]


def twice(html: str) -> list[str]:
    """Return the ids that stand in a page more than once."""
    return [name for name, count in Counter(ids(html)).items() if count > 1]


def test_every_element_has_its_description() -> None:
    assert set(elements()) == {path.name for path in FOLDER.iterdir()}
    assert len(elements()) >= 20


@each_element
def test_the_parameters_are_those_of_the_macro(app: Flask, element: Element) -> None:
    macro = definition(element, app)
    defaults = [default.as_const() for default in macro.defaults]
    assert [parameter.name for parameter in element.parameters] == [arg.name for arg in macro.args]
    told = [parameter.default for parameter in element.parameters if not parameter.required]
    assert [parameter.required for parameter in element.parameters] == sorted(
        (parameter.required for parameter in element.parameters), reverse=True
    ), "what is needed comes first"
    assert told == defaults
    assert [type(one) for one in told] == [type(one) for one in defaults]


@each_element
def test_every_macro_ends_with_classes_and_attributes(element: Element) -> None:
    if element.name != NO_ELEMENT:
        assert [parameter.name for parameter in element.parameters][-2:] == [
            "classes",
            "attributes",
        ]


@each_element
def test_every_description_is_a_sentence(element: Element) -> None:
    about = [element.summary, *(parameter.about for parameter in element.parameters)]
    for text in [*about, *(example.about for example in element.examples)]:
        assert text.endswith("."), text
    assert element.examples
    for parameter in element.parameters:
        assert parameter.type in {*SAMPLES, "form", "option"}, parameter.name
        assert (parameter.type == "option") == bool(parameter.options), parameter.name
        assert not parameter.options or parameter.default in parameter.options, parameter.name


@pytest.mark.usefixtures("request_context")
@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_renders(example: Example) -> None:
    html = render(example)
    assert BeautifulSoup(html, "html.parser").find(True) is not None
    assert twice(html) == []


@pytest.mark.usefixtures("request_context")
@pytest.mark.parametrize(("element", "parameter"), PARAMETERS)
def test_html_as_text_is_escaped(element: Element, parameter: Parameter) -> None:
    if parameter.type not in (*TEXTS, "classes"):
        return
    found = outputs(element, **{parameter.name: HOSTILE})
    for html in found:
        assert HOSTILE not in html
        assert "<b>" not in html
    assert any(escape(HOSTILE) in html for html in found), "it is shown nowhere"


@pytest.mark.usefixtures("request_context")
@each_element
def test_what_other_elements_give_stays_html(element: Element) -> None:
    for parameter in element.parameters:
        if parameter.type == "html":
            given = {parameter.name: Markup("<u>given</u>")}
            assert any("<u>given</u>" in html for html in outputs(element, **given))


@pytest.mark.usefixtures("request_context")
@each_element
def test_classes_and_attributes_arrive(element: Element) -> None:
    if element.name == NO_ELEMENT:
        return
    attributes = {"data-hostile": HOSTILE, "data-bare": True, "data-none": None}
    for html in outputs(element, classes="mine", attributes=attributes):
        tags = BeautifulSoup(html, "html.parser").select(".mine")
        assert [tag["data-hostile"] for tag in tags] == [HOSTILE] * len(tags)
        assert tags
        assert {tag.get("data-bare") for tag in tags} == {""}
        assert "data-none" not in html


@pytest.mark.usefixtures("request_context")
@each_element
def test_an_argument_that_is_not_there_is_refused(element: Element) -> None:
    needed = {one.name: sample(one) for one in element.parameters if one.required}
    with pytest.raises(TypeError, match="no keyword argument 'varaint'"):
        macro_of(element)(**needed, varaint="primary")


@pytest.mark.usefixtures("request_context")
@pytest.mark.parametrize("example", EXAMPLES)
def test_a_copy_of_an_example_has_ids_of_its_own(example: Example) -> None:
    copies = [render(example, Frame(*look)) for look in product(SCHEMES, DIRECTIONS)]
    assert twice("".join(copies)) == []
    for html in copies:
        soup = BeautifulSoup(html, "html.parser")
        known = {str(tag["id"]) for tag in soup.select("[id]")}
        for name in ("for", "popovertarget", "commandfor", "aria-labelledby", "aria-controls"):
            assert {str(tag[name]) for tag in soup.select(f"[{name}]")} <= known


@pytest.mark.parametrize("look", ["", "?scheme=both&direction=both", "?scheme=x&direction=x"])
def test_every_page_of_the_gallery_is_there(app: Flask, look: str) -> None:
    client = app.test_client()
    paths = ["", *(f"/{element.name}" for element in ELEMENTS)]
    paths += [f"/{element.name}/{one.slug}" for element in ELEMENTS for one in element.examples]
    for path in paths:
        page = request(client, "GET", f"/gallery{path}{look}")
        assert page.status == 200, path
        assert twice(page.text) == [], path
        assert "'none'" in (page.header("Content-Security-Policy") or "")
        assert page.html.select(".specimen"), path


def test_the_pages_show_every_example_and_every_parameter(app: Flask) -> None:
    client = app.test_client()
    for element in ELEMENTS:
        page = request(client, "GET", f"/gallery/{element.name}?scheme=both&direction=both")
        shown = [example for example in element.examples if not example.alone]
        assert len(page.html.select(".specimen")) == 4 * len(shown)
        for example in element.examples:
            assert str(escape(example.code.strip())) in page.text
        rows = [row.get_text() for row in page.html.select("tbody th > code:first-child")]
        assert rows == [parameter.name for parameter in element.parameters]
        for file in element.files:
            assert file in page.words
    index = request(client, "GET", "/gallery")
    every = [one for element in ELEMENTS for one in element.examples if not one.alone]
    assert len(index.html.select(".specimen")) == len(every)


@pytest.mark.parametrize("path", ["nothing", "button/nothing", "../button", "button/"])
def test_what_is_not_in_the_gallery_is_not_found(app: Flask, path: str) -> None:
    assert request(app.test_client(), "GET", f"/gallery/{path}").status == 404
