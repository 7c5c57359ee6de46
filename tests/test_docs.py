"""The manual is true: each example runs, each table follows the code, each link leads somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import typing as t
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from flask import get_template_attribute

from flask_userkit import EventName
from flask_userkit import UserKit
from flask_userkit.config import Config
from tests.rig.artifacts import ROOT
from tests.rig.ci import Missing

DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))

from examples import KINDS  # noqa: E402 (the path comes first)
from examples import Block  # noqa: E402 (the path comes first)
from examples import blocks_of  # noqa: E402 (the path comes first)
from examples import check  # noqa: E402 (the path comes first)
from examples import projects_of  # noqa: E402 (the path comes first)
from generate import generated  # noqa: E402 (the path comes first)

PAGES = sorted([*DOCS.glob("*.md"), *ROOT.glob("*.md")])
PROJECTS = [
    pytest.param(project, id=str(project[0])) for page in PAGES for project in projects_of(page)
]
#: A code is a literal beside `code`, or one of a family.
CODE = re.compile(
    r'\bcode ?= ?"(\w+)"|"(form_(?:param|password|username)_\w+|verification_code_too_\w+)"'
)


def table(page: str, heading: str) -> dict[str, str]:
    """Return the table that begins with this heading: first cell to the rest of the row."""
    lines = (DOCS / page).read_text("utf-8").partition(f"| {heading} |")[2].splitlines()[2:]
    rows: dict[str, str] = {}
    for line in lines:
        if not line.startswith("|"):
            break
        first, _, rest = line.strip("| ").partition(" | ")
        rows[first.strip("`")] = rest
    assert rows, f"{page} has no table of {heading}"
    return rows


def test_every_block_says_how_it_is_run() -> None:
    blocks = [block for page in PAGES for block in blocks_of(page)]
    assert len(blocks) > 40
    unknown = [str(block) for block in blocks if not block.mark or block.mark[0] not in KINDS]
    assert unknown == []


def test_every_fence_is_seen() -> None:
    for page in PAGES:
        text = page.read_text("utf-8")
        fences = len(re.findall(r"^\s*(?:```|~~~)", text, re.MULTILINE))
        directives = len(re.findall(r"^```\{", text, re.MULTILINE))
        assert fences == 2 * (len(blocks_of(page)) + directives), page


@pytest.mark.parametrize("project", PROJECTS)
def test_the_examples_run(project: list[Block]) -> None:
    problem = check(project)
    assert problem is None, problem


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("python", "1 / 0"),
        ("python", "userkit.users.create_account()"),
        ("output", "nothing printed this"),
        ("shell", "flask userkit upgrade"),
        ("shell", "flask run --prot 80"),
        ("shell", "make tea"),
        ("shell", "pip install flask-userkit[oracle]"),
        ("shell", "python docs/missing.py"),
        ("shell", "rm -r /nowhere"),
        ("settings", "FLASK_USERKIT_BASE_ULR=https://example.com"),
        ("settings", "FLASK_USERKIT_PASSWORD=perhaps"),
        ("settings", "FLASK_USERKIT_PASSWORD=perhaps\nFLASK_USERKIT_PASSWORD=off"),
        ("settings", 'FLASK_USERKIT_RATE_LIMITS=\'{"sign_in:ip": "often"}\''),
        ("css", ":root { --userkit-color-axent: red }"),
        ("jinja", '{% from "userkit/macros.html" import user_button %}{{ user_button(nmae=1) }}'),
        ("template templates/home.html /", "{{ nothing.at_all }}"),
        ("template templates/userkit/mail/sign_up_notice/subject.txt /", "{{ code_ }}"),
    ],
)
def test_an_example_that_is_wrong_is_found(tmp_path: Path, kind: str, source: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Text.\n\n<!-- test: {kind} -->\n```text\n{source}\n```\n", "utf-8")
    [project] = projects_of(page)
    assert "The example at page.md:4 does not hold." in (check(project) or "")


def test_a_block_without_a_mark_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Text.\n\n```python\nimport flask\n```\n")
    assert blocks_of(page) == [Block(page, 3, [], "import flask\n")]


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_tables_are_as_the_code_has_them(page: Path) -> None:
    text = page.read_text("utf-8")
    assert generated(text) == text, "run `python docs/generate.py`"


def test_the_settings_are_all_there_and_none_too_much() -> None:
    every = {f"USERKIT_{name}".upper() for name in Config.__dataclass_fields__}
    assert set(table("configuration.md", "Setting")) == every
    for page in PAGES:
        found = set(re.findall(r"\bUSERKIT_[A-Z_]+\b", page.read_text("utf-8")))
        assert found <= every, page


def test_every_event_has_its_row() -> None:
    assert set(table("events.md", "Event")) == {name.value for name in EventName}


def test_every_error_code_has_its_row() -> None:
    sources = (ROOT / "src" / "flask_userkit").rglob("*.py")
    found = {
        code
        for path in sources
        for match in CODE.findall(path.read_text("utf-8"))
        for code in match
        if code
    }
    assert set(table("errors.md", "Code")) == found


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(text for extra in extras for text in extra)]
    names = {t.cast("re.Match[str]", re.match(r"[\w-]+", text))[0] for text in wanted}
    rows = table("dependencies.md", "Package")
    assert set(rows) == names
    assert [name for name, reason in rows.items() if len(reason) < 15] == []


def test_every_macro_is_told_with_its_arguments(app: Flask) -> None:
    told = {}
    for signature in table("templates.md", "Macro"):
        name, _, arguments = signature.rstrip(")").partition("(")
        told[name] = tuple(filter(None, arguments.split(", ")))
    with app.test_request_context():
        module = app.jinja_env.get_template("userkit/macros.html").module
        public = {name for name in vars(module) if callable(getattr(module, name))}
        real = {
            name: tuple(
                argument
                for argument in get_template_attribute("userkit/macros.html", name).arguments
                if argument not in ("classes", "attributes")
            )
            for name in public
        }
    assert told == real


@pytest.mark.parametrize(
    ("page", "part"), [("python-api.md", "users"), ("email-addresses.md", "email_addresses")]
)
def test_every_call_of_the_api_is_told_with_its_arguments(
    userkit: UserKit[t.Any], page: str, part: str
) -> None:
    import inspect

    told: dict[str, set[str]] = {}
    for first in table(page, "Call"):
        for name, arguments in re.findall(r"(\w+)\(([^)]*)\)", first):
            told[name] = set(arguments.split(", "))
    real = {
        name: set(inspect.signature(call).parameters) - {"db", "kit"}
        for name, call in vars(getattr(userkit, part)).items()
    }
    assert told == real


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", text)
    for link in ("".join(pair) for pair in links):
        target, _, anchor = link.partition("#")
        if "://" in target:
            continue
        file = page.parent / unquote(target) if target else page
        assert file.exists(), link
        headings = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE) if anchor else []
        assert not anchor or anchor in {heading.lower().replace(" ", "-") for heading in headings}


@pytest.fixture
def sphinx() -> None:
    if find_spec("sphinx") is None or find_spec("furo") is None or find_spec("myst_parser") is None:
        raise Missing("The manual needs sphinx, furo and myst-parser.")


@pytest.mark.usefixtures("sphinx")
def test_the_manual_builds_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", str(DOCS)]
    done = subprocess.run(
        [*command, str(tmp_path / "out"), "-d", str(tmp_path / "trees")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "user_button" in (tmp_path / "out" / "templates.html").read_text("utf-8")
