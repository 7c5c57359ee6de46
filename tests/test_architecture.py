"""The house keeps its order: who may import whom, and how long a file may be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.rig.artifacts import ROOT
from tests.rig.imports import Import
from tests.rig.imports import imports_of

PACKAGE = ROOT / "src" / "flask_userkit"
LONGEST = 320
FLASK = "babel blinker click flask flask_wtf htmx_flask jinja2 markupsafe werkzeug wtforms"


@dataclass(frozen=True)
class Rule:
    """What a layer may import besides the standard library and itself."""

    ours: frozenset[str]
    libraries: frozenset[str]
    in_annotations: frozenset[str]


def rule(ours: str = "", libraries: str = "", in_annotations: str = "") -> Rule:
    return Rule(*(frozenset(names.split()) for names in (ours, libraries, in_annotations)))


BELOW_SERVICES = "models security connections delivery config events errors translations"
REQUEST = "current request_state"
SKIN = rule(f"services web errors events {REQUEST} jinja translations", FLASK, "models")
#: By the beginning of a module's name; the first that fits counts, so the narrower stand first.
RULES = {
    "errors": rule(),
    "config": rule("errors", "phonenumbers"),
    "events": rule("errors", "blinker"),
    "paths": rule(),
    "translations": rule("paths", "babel"),
    "security": rule(
        "errors",
        "argon2 cryptography email_validator idna phonenumbers PIL ua_parser uuid_utils zxcvbn",
    ),
    "models": rule("errors", "sqlalchemy"),
    "migrations": rule("models paths", "alembic sqlalchemy"),
    "connections": rule("config errors", "authlib joserfc requests urllib3"),
    "delivery": rule("config errors security", "requests urllib3"),
    "services.schema": rule(f"paths {BELOW_SERVICES}", "alembic filelock sqlalchemy"),
    "services": rule(BELOW_SERVICES, "limits sqlalchemy"),
    "request_state": rule("services models security errors translations", FLASK + " sqlalchemy"),
    "current": rule(
        "request_state services models security errors translations", FLASK + " sqlalchemy"
    ),
    "facade": rule(f"services {REQUEST}", "sqlalchemy"),
    "setup": rule("services delivery config errors", "click flask sqlalchemy"),
    "web": rule(
        f"services {REQUEST} errors translations paths security", FLASK, "models sqlalchemy"
    ),
    "jinja": rule(f"services web security errors {REQUEST} paths translations", FLASK, "models"),
    "pages": rule("sections " + " ".join(SKIN.ours), FLASK, "models sqlalchemy"),
    "sections": SKIN,
    "admin": SKIN,
    "api": SKIN,
}
#: These put the house together, and so know all of it.
ENTRANCES = ("__init__", "extension", "cli")


def covers(name: str, module: str) -> bool:
    return module == name or module.startswith(f"{name}.")


def problem(found: Import) -> str | None:
    """Return what is wrong with an import, or None."""
    layer = next((name for name in RULES if covers(name, found.module)), None)
    if layer is None:
        known = any(covers(name, found.module) for name in ENTRANCES)
        return None if known else f"{found.module} has no row in the table"
    allowed = RULES[layer]
    types = allowed.in_annotations if found.for_types else frozenset()
    if not found.own:
        permitted = found.target in allowed.libraries | types
    else:
        top = layer.partition(".")[0]
        names = {top} | allowed.ours | types
        permitted = any(covers(name, found.target) for name in names)
    return None if permitted else f"{found.module}:{found.line} imports {found.target}"


def test_each_layer_imports_only_what_the_table_gives_it() -> None:
    found = list(imports_of(PACKAGE))
    assert any(covers("services", item.module) for item in found)
    assert [text for item in found if (text := problem(item))] == []


@pytest.mark.parametrize(
    ("path", "source", "wrong"),
    [
        ("services/users.py", "import flask", "services.users:1 imports flask"),
        (
            "services/users.py",
            "def f():\n    from flask import g",
            "services.users:2 imports flask",
        ),
        ("services/users.py", "from ..web import csrf", "services.users:1 imports web"),
        ("security/codes.py", "from ..models import User", "security.codes:1 imports models"),
        ("sections/names.py", "from ..pages import sign_in", "sections.names:1 imports pages"),
        (
            "sections/names.py",
            "from flask_userkit.models import User",
            "sections.names:1 imports models",
        ),
        ("web/guards.py", "from .. import sections", "web.guards:1 imports sections"),
        ("cellar/wine.py", "import json\nimport flask", "cellar.wine has no row in the table"),
    ],
)
def test_an_import_against_the_table_is_found(
    tmp_path: Path, path: str, source: str, wrong: str
) -> None:
    package = _package(tmp_path, path, source)
    assert [text for item in imports_of(package) if (text := problem(item))] == [wrong]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("services/users.py", "import json\nfrom ..models import User\nfrom .identity import x"),
        (
            "sections/names.py",
            "import typing as t\nif t.TYPE_CHECKING:\n    from ..models import User",
        ),
        ("pages/user_profile.py", "from ..sections import SECTIONS"),
        ("extension.py", "from .models import User\nfrom .web import csrf"),
    ],
)
def test_an_import_by_the_table_is_let_through(tmp_path: Path, path: str, source: str) -> None:
    package = _package(tmp_path, path, source)
    assert [text for item in imports_of(package) if (text := problem(item))] == []


def _package(folder: Path, path: str, source: str) -> Path:
    package = folder / "flask_userkit"
    for name in ("models", "pages", "sections", "services", "web"):
        (package / name).mkdir(parents=True)
    file = package / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(source, "utf-8")
    return package


def test_services_never_commit_the_session_that_they_are_given() -> None:
    committing = {
        path.name
        for path in (PACKAGE / "services").glob("*.py")
        if ".commit()" in path.read_text("utf-8")
    }
    assert committing <= {"database.py"}


def test_no_file_is_longer_than_one_idea() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for folder in ("src", "templates", "static", "example_app")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".html", ".txt", ".css", ".js") and "vendor" not in path.parts
    }
    assert len(lengths) > 20
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}
