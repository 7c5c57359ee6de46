"""Where Meadow ID lives."""

from __future__ import annotations

from flask import Blueprint

provider = Blueprint(
    "provider",
    __name__,
    static_folder="static",
    template_folder="templates",
    url_prefix="/provider",
)
