"""The kit's files: kept for ever under a name that changes with them, and nothing else."""

from __future__ import annotations

import gzip
import re
from hashlib import sha256
from urllib.parse import quote

import pytest
from flask import Flask

from flask_userkit.paths import STATIC
from flask_userkit.web.assets import asset_url
from tests.http.cookies import forget
from tests.rig.clients import request
from tests.rig.people import Person
from tests.rig.visitor import Visitor

PREFIX = "/account/assets/"
TRAVERSALS = (
    "../../pyproject.toml",
    "..%2f..%2fpyproject.toml",
    "%2e%2e/%2e%2e/pyproject.toml",
    "..%5c..%5cpyproject.toml",
    "....//....//pyproject.toml",
    "vendor/../../pyproject.toml",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "vendor%00.js",
    "vendor/README.md",
    "vendor/",
    "vendor",
    "",
    ".",
    "..",
    "%ff",
    "button.css",
    "js/../button.css",
    "x" * 5000,
)


def linked(visitor: Visitor, url: str) -> list[str]:
    """Return the files that a page asks for."""
    page = visitor.open(url)
    tags = page.html.select("link[rel=stylesheet], script[src]")
    return [str(tag.get("href") or tag.get("src")) for tag in tags]


@pytest.mark.parametrize("url", ["/", "/account/", "/account/sign-in", "/account/sign-up"])
def test_every_file_of_a_page_is_there_and_may_be_kept_for_ever(
    visitor: Visitor, ada: Person, url: str
) -> None:
    if "sign" in url:
        forget(visitor)
    files = linked(visitor, url)
    assert files
    for file in files:
        assert re.fullmatch(rf"{PREFIX}[\w/.-]+\.[0-9a-f]{{12}}\.(css|js)", file), file
        page = request(visitor.client, "GET", file)
        assert page.status == 200
        said = {part.strip() for part in (page.header("Cache-Control") or "").split(",")}
        assert said == {"public", "max-age=31536000", "immutable"}
        assert page.cookies == []
        assert page.header("Vary") is None
        kind = "text/css" if file.endswith(".css") else "text/javascript"
        assert (page.header("Content-Type") or "").startswith(kind)
        assert sha256(page.body).hexdigest().startswith(file.rsplit(".", 2)[1])


def test_a_page_with_the_button_asks_for_one_stylesheet_and_two_small_scripts(
    visitor: Visitor, ada: Person
) -> None:
    files = linked(visitor, "/")
    assert [file.rpartition(".")[2] for file in files] == ["css", "js", "js"]
    sizes = [len(gzip.compress(request(visitor.client, "GET", file).body, 9)) for file in files]
    assert sizes[0] <= 4096
    assert sum(sizes) <= 8192


def test_every_stylesheet_and_script_is_served_in_one_piece(app: Flask, visitor: Visitor) -> None:
    with app.test_request_context():
        for path in STATIC.rglob("*"):
            if path.suffix in (".css", ".js"):
                url = asset_url(path.relative_to(STATIC).as_posix())
                page = request(visitor.client, "GET", url)
                assert page.status == 200, path
                assert sha256(page.body).hexdigest().startswith(url.rsplit(".", 2)[1])
                assert b"@import" not in page.body, "an import is a second round trip"


def test_no_other_file_can_be_asked_for(visitor: Visitor) -> None:
    for name in TRAVERSALS:
        for spelling in (name, quote(name, safe="%/")):
            page = request(visitor.client, "GET", PREFIX + spelling)
            assert page.status in (303, 308, 404), name
            assert b"hatchling" not in page.body
            assert b"root:" not in page.body


def test_a_name_with_another_hash_is_not_there(visitor: Visitor, ada: Person) -> None:
    file = linked(visitor, "/")[0]
    stem, digest, suffix = file.rsplit(".", 2)
    wrong = f"{stem}.{'0' * len(digest)}.{suffix}"
    page = request(visitor.client, "GET", wrong)
    assert page.status == 404
    assert "immutable" not in (page.header("Cache-Control") or "")
