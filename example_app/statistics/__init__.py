"""A page that the app adds to the profile: what somebody has shared, and what came of it."""

from __future__ import annotations

import typing as t

from flask import Blueprint

from flask_userkit import OpenCard
from flask_userkit import ProfilePage
from flask_userkit import ProfileSection

from .. import books
from ..extensions import userkit

statistics = Blueprint("statistics", __name__, template_folder="templates")


def _context(user: t.Any, _card: OpenCard | None) -> dict[str, t.Any]:
    with userkit.transaction() as db:
        return {"counts": books.counts(db, user.id)}


PAGE = ProfilePage("statistics", "Reading", "What you share, and who wants to read it.", "eye")
SECTION = ProfileSection(
    "statistics", page="statistics", context=_context, template="statistics/section.html"
)
