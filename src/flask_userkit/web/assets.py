"""The kit's files, under addresses that hold a hash of their content."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Response
from flask import send_file
from flask import url_for
from werkzeug.exceptions import NotFound

from ..paths import STATIC
from .blueprint import blueprint
from .blueprint import public

HASH_LENGTH = 12
MAX_AGE = 365 * 86400


@cache
def _files() -> dict[str, Path]:
    """Return every file by its hashed name; nothing else can be asked for."""
    return {hashed_name(path): path for path in STATIC.rglob("*") if path.suffix in _TYPES}


_TYPES = {".css": "text/css", ".js": "text/javascript"}


def hashed_name(path: Path) -> str:
    """Return a name that changes with the content, so that it can be cached for ever."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:HASH_LENGTH]
    relative = path.relative_to(STATIC)
    return relative.with_name(f"{path.stem}.{digest}{path.suffix}").as_posix()


@cache
def asset_path(name: str) -> str:
    """Return the hashed name of a file, such as ``button.css``."""
    return hashed_name(STATIC / name)


def asset_url(name: str) -> str:
    """Return the address of a file, such as ``button.css``."""
    return url_for("userkit.asset", path=asset_path(name))


@blueprint.get("/assets/<path:path>")
@public
def asset(path: str) -> Response:
    file = _files().get(path)
    if file is None:
        raise NotFound
    response = send_file(file, mimetype=_TYPES[file.suffix], max_age=MAX_AGE)
    response.cache_control.public = True
    response.cache_control.immutable = True
    return response
