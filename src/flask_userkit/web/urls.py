"""Addresses of the kit's pages."""

from __future__ import annotations

from functools import lru_cache

from flask import current_app
from flask import request
from flask import url_for
from werkzeug.routing import Map

from ..request_state import unproxied


def page_url(page: str) -> str:
    """Return the address of a page of the kit that has no parts to fill in.

    It is what ``url_for`` returns, without being built anew in each request.
    """
    app = unproxied(current_app)
    if app.url_default_functions or app.subdomain_matching or app.url_map.host_matching:
        # The app adds to addresses, or has several hosts: they differ from request to request.
        return url_for(f"userkit.{page}")
    return f"{unproxied(request).script_root}{_path(app.url_map, page)}"


@lru_cache(maxsize=256)
def _path(routes: Map, page: str) -> str:
    return routes.bind("localhost").build(f"userkit.{page}")
