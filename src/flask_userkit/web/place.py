"""The place of the profile over a page of the app, for who leaves that page and comes back."""

from __future__ import annotations

from urllib.parse import parse_qsl
from urllib.parse import urlencode

from flask import request

from ..current import next_path
from ..current import shown_page
from .profile_options import SAVED

#: Where the profile is open over a page of the app, in its address.
PLACE = "userkit-profile"
#: In a form that has waited: where it was sent from.
FIELD = "userkit_place"


def place_of_modal() -> str | None:
    """Return the page of the app that the profile stands over, with its place, or None."""
    path = next_path(request.form.get(FIELD)) or shown_page() or ""
    query = path.partition("?")[2].partition("#")[0]
    return path if any(name == PLACE for name, _value in parse_qsl(query)) else None


def with_notice(url: str, notice: str) -> str:
    """Return an address at which a section says what was done, in the place of an earlier one."""
    path, _question, query = url.partition("#")[0].partition("?")
    kept = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != SAVED]
    return f"{path}?{urlencode([*kept, (SAVED, notice)])}"
