"""The example in the README, taken out of it as a reader would take it."""

from __future__ import annotations

import re

from .artifacts import ROOT

_BETWEEN = re.compile(r"<!-- quickstart -->\n(.*?)<!-- /quickstart -->", re.DOTALL)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
#: Where a reader puts a block, by its language.
FILES = {"python": "app.py", "jinja": "templates/home.html", "html": "templates/home.html"}


def quickstart() -> dict[str, str]:
    """Return the files that the README says to write, by path."""
    found = _BETWEEN.search((ROOT / "README.md").read_text("utf-8"))
    if found is None:
        raise LookupError("README.md has no <!-- quickstart --> … <!-- /quickstart -->.")
    return {
        FILES[language]: source
        for language, source in _BLOCK.findall(found[1])
        if language in FILES
    }
