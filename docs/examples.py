"""Run the examples of a page of the manual: ``python docs/examples.py docs/templates.md``.

A comment above a block says how it is run:

``app``                    app.py of a new project, which defines ``app``
``template PATH ADDRESS``  a file of the project; a guest and Ada then see the address (200)
``jinja``                  a piece of a template, rendered for a guest and for Ada
``python``                 code beside the project's app, in its context
``output``                 what the code before it prints
``shell``                  commands
``settings``               environment variables that an app is then started with
``css``                    rules whose ``--userkit-`` names the kit has

as in ``<!-- test: jinja -->``.
"""

from __future__ import annotations

import multiprocessing
import re
import sys
import traceback
import warnings
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

KINDS = ("app", "template", "jinja", "python", "output", "shell", "settings", "css")
#: Between these two marks of the README, blocks are files of an app by their language.
QUICKSTART = ("<!-- quickstart -->", "<!-- /quickstart -->")
QUICKSTART_FILES = {"python": ["app"], "jinja": ["template", "templates/home.html", "/"]}
#: What pages without an app of their own have.
DEFAULT_APP = """
from flask import Flask, render_template
from flask_userkit import UserKit

app = Flask(__name__)
app.config["SECRET_KEY"] = "for the examples alone"
userkit = UserKit(app)

@app.get("/")
def home():
    return render_template(["home.html", "layout.html", "userkit/macros.html"])
"""
_FENCE = re.compile(
    r"(?:^<!-- test: ([^\n]*?) -->\n)?^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
# A process for each project: one process has one module called app, and one subclass of User.
# They are forked from one that has imported the kit.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["running"])


@dataclass(frozen=True)
class Block:
    """One block of code of a page."""

    page: Path
    line: int
    #: How it is run, with its arguments; empty where the page does not say.
    mark: list[str]
    source: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page; directives of the manual's own (``{…}``) are none."""
    text = page.read_text("utf-8")
    found = []
    for match in _FENCE.finditer(text):
        mark, language, source = match.groups()
        if language.startswith("{"):
            continue
        before = text[: match.start(3)]
        words = (mark or "").split()
        if not words and before.count(QUICKSTART[0]) > before.count(QUICKSTART[1]):
            words = QUICKSTART_FILES[language]
        found.append(Block(page, before.count("\n"), words, source))
    return found


def projects_of(page: Path) -> list[list[Block]]:
    """Return the blocks of a page by project: each ``app`` begins a new one."""
    projects: list[list[Block]] = []
    for block in blocks_of(page):
        if not projects or block.mark[:1] == ["app"]:
            projects.append([])
        projects[-1].append(block)
    return projects


def check(project: list[Block]) -> str | None:
    """Run a project in a process of its own, and return what is wrong with it."""
    answer, tell = _processes.Pipe(duplex=False)
    process = _processes.Process(target=_run_and_tell, args=(project, tell))
    process.start()
    tell.close()
    try:
        problem: str | None = answer.recv()
    except EOFError:
        problem = "The process ended without a word."
    answer.close()
    process.join()
    process.close()
    return problem


def _run_and_tell(project: list[Block], tell: Connection) -> None:
    from running import Project

    warnings.simplefilter("error")
    running = Project()
    block = project[0]
    try:
        if block.mark[:1] != ["app"]:
            running.app(DEFAULT_APP)
        for block in project:
            kind, *arguments = block.mark
            getattr(running, kind)(block.source, *arguments)
        running.close()
        tell.send(None)
    except BaseException:
        tell.send(f"The example at {block} does not hold.\n{traceback.format_exc()}")


def main() -> None:
    """Run every project of the pages that are named."""
    for name in sys.argv[1:]:
        for project in projects_of(Path(name)):
            problem = check(project)
            if problem is not None:
                sys.exit(problem)


if __name__ == "__main__":
    main()
