"""The pictures of people, under addresses that nobody can guess and that never change."""

from __future__ import annotations

from flask import Response
from flask import has_request_context
from flask import request
from werkzeug.exceptions import NotFound

from ..request_state import current_kit
from ..services.avatars import content_of
from .assets import MAX_AGE
from .blueprint import blueprint
from .blueprint import public

#: What a browser is told in case it takes a picture for a page.
POLICY = "default-src 'none'; sandbox"


@blueprint.get("/avatars/<digest>.webp")
@public
def avatar(digest: str) -> Response:
    content = content_of(current_kit(), digest)
    if content is None:
        raise NotFound
    response = Response(content, content_type="image/webp")
    response.headers["Content-Security-Policy"] = POLICY
    response.cache_control.public = True
    response.cache_control.immutable = True
    response.cache_control.max_age = MAX_AGE
    response.set_etag(digest)
    response.make_conditional(request)
    return response


def avatar_url(digest: str) -> str:
    """Return the address of a picture; outside of a request with the site's own before it."""
    kit = current_kit()
    root = request.script_root if has_request_context() else kit.base_url
    return f"{root}{kit.config.url_prefix}/avatars/{digest}.webp"
