"""How each kind of example is run, in a process that ends with its project."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
import typing as t
from importlib.util import find_spec
from pathlib import Path

import flask.cli
from click.testing import CliRunner
from flask import Flask
from flask import render_template_string
from flask.testing import FlaskClient
from jinja2 import StrictUndefined
from jinja2 import Undefined

from flask_userkit import UserKit

ROOT = Path(__file__).parents[1]
ADA = {"identifier": "ada@example.com", "password": "an example of a password"}
#: These serve until they are stopped; it is enough that their options are understood.
SERVING = (["run"], ["userkit", "worker"])
#: What the templates of mails know.
MAIL = {
    "address": ADA["identifier"],
    "code": "123456",
    "ip_address": None,
    "minutes": 10,
    "purpose": "sign_in",
    "sign_in_url": "https://example.com/account/sign-in",
}
PRODUCTION = {
    "FLASK_DEBUG": "0",
    "FLASK_SECRET_KEY": "for the examples alone",
    "FLASK_USERKIT_BASE_URL": "https://example.com",
    "FLASK_USERKIT_MAIL_URL": "file:///tmp/userkit-examples",
}


class Project:
    """An app in a folder of its own, and what its examples have done so far."""

    def __init__(self) -> None:
        self._temporary = tempfile.TemporaryDirectory()
        self._folder = Path(self._temporary.name).resolve()
        self._printed = ""
        self._client: FlaskClient | None = None
        os.chdir(self._folder)
        sys.path.insert(0, str(self._folder))
        os.environ["FLASK_DEBUG"] = "1"

    def app(self, source: str) -> None:
        (self._folder / "app.py").write_text(source, "utf-8")
        module = importlib.import_module("app")
        self._values = vars(module)
        self._app: Flask = module.app
        self._app.testing = True

    def template(self, source: str, path: str, address: str) -> None:
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, "utf-8")
        if file.parts[-3] == "mail":
            self._mail(file.parts[-2])
        for client in (self._app.test_client(), self._ada()):
            response = client.get(address, follow_redirects=True)
            assert response.status_code == 200, response.text

    def jinja(self, source: str) -> None:
        cookie = self._ada().get_cookie("userkit")
        assert cookie is not None
        for headers in ({}, {"Cookie": f"userkit={cookie.value}"}):
            with self._app.test_request_context(headers=headers):
                render_template_string(source)

    def python(self, source: str) -> None:
        printed = io.StringIO()
        with self._app.app_context(), contextlib.redirect_stdout(printed):
            exec(compile(source, "example", "exec"), self._values)  # noqa: S102 (the manual is ours)
        self._printed = printed.getvalue()

    def output(self, source: str) -> None:
        assert self._printed == source, f"it prints:\n{self._printed}"

    def shell(self, source: str) -> None:
        for line in source.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words:
                self._command(*words)

    def settings(self, source: str) -> None:
        choices: list[dict[str, str]] = [{}]
        for word in shlex.split(source, comments=True):
            name, equals, value = word.partition("=")
            if name in choices[-1]:
                # The same once more is another choice, and an app of its own.
                choices.append({})
            if equals:
                choices[-1][name] = value
        for environment in choices:
            assert environment
            with _variables(environment):
                app = Flask("started", instance_path=str(self._folder / "started"))
                app.config["SECRET_KEY"] = "for the examples alone"
                app.config.from_prefixed_env()
                kit = UserKit(app)
            with app.app_context():
                kit.close()

    def css(self, source: str) -> None:
        known = "".join(path.read_text("utf-8") for path in (ROOT / "static").rglob("*.css"))
        for name in re.findall(r"--userkit-[\w-]+", source):
            assert f"{name}:" in known or f"({name}" in known, name

    def close(self) -> None:
        with self._app.app_context():
            self._app.extensions["userkit"].close()
        os.chdir(ROOT)
        self._temporary.cleanup()

    def _ada(self) -> FlaskClient:
        """Return a browser that Ada is signed in with."""
        if self._client is None:
            with self._app.app_context():
                self._app.extensions["userkit"].users.create_user(
                    email_address=[ADA["identifier"]],
                    password=ADA["password"],
                    first_name="Ada",
                    last_name="Lovelace",
                )
            self._client = self._app.test_client()
            page = self._client.get("/account/sign-in").text
            token = re.search(r'name="userkit_csrf" value="([^"]+)"', page)
            assert token is not None
            response = self._client.post("/account/sign-in", data={**ADA, "userkit_csrf": token[1]})
            assert response.status_code == 303, response.text
        return self._client

    def _mail(self, name: str) -> None:
        with self._app.app_context():
            kit = self._app.extensions["userkit"].kit
        self._app.jinja_env.undefined = StrictUndefined
        kit.render_mail(name, "en", MAIL)
        self._app.jinja_env.undefined = Undefined

    def _command(self, program: str, *rest: str) -> None:
        match program:
            case "pip":
                _check_pip(rest)
            case "make":
                makefile = (ROOT / "Makefile").read_text("utf-8")
                targets = [word for word in rest if "=" not in word]
                assert all(re.search(rf"^{name}:", makefile, re.MULTILINE) for name in targets)
            case "flask":
                self._flask(list(rest))
            case "gunicorn":
                command = [sys.executable, "-m", "gunicorn", "--check-config", *rest]
                with _variables(PRODUCTION):
                    subprocess.run(command, check=True, capture_output=True)
            case "python":
                _check_python(list(rest))
            case _:
                raise LookupError(f"nothing is known about {program!r}")

    def _flask(self, rest: list[str]) -> None:
        arguments = rest[2:] if rest[0] == "--app" else rest
        if any(arguments[: len(words)] == words for words in SERVING):
            arguments.append("--help")
        if "example_app" in rest:
            # A copy has an instance folder of its own.
            source = ROOT / "example_app"
            shutil.copytree(
                source, "example_app", ignore=shutil.ignore_patterns("instance"), dirs_exist_ok=True
            )
            arguments = [*rest[:2], *arguments]
        result = CliRunner().invoke(flask.cli.cli, arguments, prog_name="flask")
        if result.exit_code:
            raise AssertionError(result.output) from result.exception


@contextlib.contextmanager
def _variables(values: dict[str, str]) -> t.Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _check_pip(rest: tuple[str, ...]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for word in rest[1:]:
        match = re.fullmatch(r"([\w-]+)(?:\[([\w,]+)\])?", word)
        assert match is not None, word
        extras = set(match[2].split(",")) if match[2] else set()
        assert match[1] != project["name"] or extras <= set(project["optional-dependencies"])


def _check_python(rest: list[str]) -> None:
    if rest[0] == "-m":
        assert find_spec(rest[1]), rest[1]
        rest = rest[2:]
    file = ROOT / next(word for word in rest if not word.startswith("-"))
    assert file.exists(), file
