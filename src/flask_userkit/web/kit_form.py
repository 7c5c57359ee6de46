"""The form that every form of the kit is: what was typed, and what is wrong with it."""

from __future__ import annotations

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field

from ..errors import FormErrors
from ..errors import UserKitError
from .csrf import FIELD
from .csrf import ClientCsrf


class KitForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A form of the kit. Services judge its values; here they are only carried."""

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride] # WTForms joins it with the Meta of its bases; it inherits from none in Python
        csrf = True
        csrf_class = ClientCsrf
        csrf_field_name = FIELD

        def wrap_formdata(self, form: object, formdata: object) -> MultiDict[str, str] | None:
            # Flask-WTF would take JSON and files too, which are no text that a person typed.
            return None if formdata is None else request.form

    form_errors: list[str]

    def attach(self, error: UserKitError) -> None:
        """Put an error where it belongs: at its field, or over the form."""
        for single in error.errors if isinstance(error, FormErrors) else [error]:
            field = self._fields.get(single.param) if single.param else None
            if field is None or isinstance(field, type(self._fields[FIELD])):
                self.form_errors = [*self.form_errors, single.message]
            else:
                field.errors = [*field.errors, single.message]

    def errors_summary(self) -> list[tuple[Field | None, str]]:
        """Return every error with its field, those of the whole form first."""
        found: list[tuple[Field | None, str]] = [(None, str(text)) for text in self.form_errors]
        for field in self:
            found += [(field, str(text)) for text in field.errors if field.name != FIELD]
        return found
