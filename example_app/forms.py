"""The app's own form."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms import Form
from wtforms import StringField
from wtforms.validators import DataRequired
from wtforms.validators import Length
from wtforms.validators import Optional
from wtforms.validators import ValidationError

from .models import AUTHOR_LENGTH
from .models import LINK_LENGTH
from .models import NOTE_LENGTH
from .models import TITLE_LENGTH


def _trim(value: str | None) -> str | None:
    return value.strip() or None if value else None


def _one_line(form: Form, field: Field) -> None:
    # PostgreSQL takes no NUL, and nobody means any of the others.
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in field.data):
        raise ValidationError("Use one line of ordinary characters.")


def _web_address(form: Form, field: Field) -> None:
    # A link is shown to others: javascript: would run as them.
    try:
        parts = urlsplit(field.data)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        valid = False
    if not valid:
        raise ValidationError("Enter an address that begins with https:// or http://.")


def _at_most(length: int) -> Length:
    return Length(max=length, message=f"Use up to {length} characters.")


class BookForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A book to add."""

    title = StringField(
        "Title", [DataRequired("Enter a title."), _at_most(TITLE_LENGTH), _one_line], [_trim]
    )
    author = StringField(
        "Author", [DataRequired("Enter an author."), _at_most(AUTHOR_LENGTH), _one_line], [_trim]
    )
    link = StringField(
        "Link", [Optional(), _at_most(LINK_LENGTH), _one_line, _web_address], [_trim]
    )
    note = StringField("Why read it", [Optional(), _at_most(NOTE_LENGTH), _one_line], [_trim])

    @property
    def values(self) -> dict[str, str | None]:
        """What was typed, as the book's columns."""
        return {name: self[name].data for name in ("title", "author", "link", "note")}
