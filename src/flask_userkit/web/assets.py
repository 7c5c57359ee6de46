"""The kit's files, under addresses that hold a hash of their content."""

from __future__ import annotations

import hashlib
import re
import typing as t
from functools import cache
from pathlib import Path

from flask import Response
from flask import request
from werkzeug.exceptions import NotFound

from ..paths import STATIC
from ..request_state import state
from ..request_state import unproxied
from .blueprint import blueprint
from .blueprint import public

HASH_LENGTH = 12
MAX_AGE = 365 * 86400
_TYPES = {".css": "text/css", ".js": "text/javascript"}
_IMPORT = re.compile(rb'^@import "([\w./-]+)";\n', re.MULTILINE)


class Asset(t.NamedTuple):
    """A file as it is sent."""

    content: bytes
    content_type: str


@blueprint.get("/assets/<path:path>")
@public
def asset(path: str) -> Response:
    found = _assets().get(path)
    if found is None:
        raise NotFound
    response = Response(found.content, content_type=f"{found.content_type}; charset=utf-8")
    response.cache_control.public = True
    response.cache_control.immutable = True
    response.cache_control.max_age = MAX_AGE
    return response


def asset_url(name: str) -> str:
    """Return the address of a file, such as ``button.css``."""
    root = unproxied(request).script_root
    return f"{root}{state().kit.config.url_prefix}/assets/{asset_path(name)}"


@cache
def asset_path(name: str) -> str:
    """Return a name that changes with the content, so that it can be cached for ever."""
    path = STATIC / name
    digest = hashlib.sha256(_content(path)).hexdigest()[:HASH_LENGTH]
    hashed = path.with_name(f"{path.stem}.{digest}{path.suffix}")
    return hashed.relative_to(STATIC).as_posix()


@cache
def _assets() -> dict[str, Asset]:
    """Return every file by its hashed name; nothing else can be asked for."""
    names = [
        path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.suffix in _TYPES
    ]
    return {
        asset_path(name): Asset(_content(STATIC / name), _TYPES[Path(name).suffix])
        for name in names
    }


def _content(path: Path) -> bytes:
    """Return a file with what it imports in place: small files to read, one request to send."""
    content = path.read_bytes()
    if path.suffix != ".css":
        return content
    return _IMPORT.sub(lambda found: _content(path.parent / found[1].decode()), content)
