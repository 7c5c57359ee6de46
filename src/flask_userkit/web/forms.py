"""Forms: what was typed, and the one way in which a form is sent and answered."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Generator
from contextlib import contextmanager
from functools import wraps

from flask import make_response
from flask import request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field

from ..current import current_kit
from ..current import state
from ..errors import CsrfError
from ..errors import FormErrors
from ..errors import UserKitError
from .csrf import FIELD
from .csrf import ClientCsrf
from .csrf import check_csrf

if t.TYPE_CHECKING:
    from sqlalchemy.orm import Session

F = t.TypeVar("F", bound="KitForm")


class KitForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A form of the kit. Services judge its values; here they are only carried."""

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride]
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


def form_view(
    form_class: Callable[[], F], page: Callable[[F], ResponseReturnValue]
) -> Callable[[Callable[[F], ResponseReturnValue]], Callable[[], ResponseReturnValue]]:
    """Make a view of a form that was sent.

    What a service refuses is shown by ``page``, with all that was typed. Where the database
    broke a deadlock, the view runs again.
    """

    def decorate(view: Callable[[F], ResponseReturnValue]) -> Callable[[], ResponseReturnValue]:
        @wraps(view)
        def sent() -> ResponseReturnValue:
            form = form_class()
            try:
                check_csrf(request.form.get(FIELD))
                return current_kit().database.retrying(lambda: view(form))
            except UserKitError as error:
                form.attach(error)
                return _refused(page(form), error)

        return sent

    return decorate


@contextmanager
def transaction() -> Generator[Session]:
    """Run the one transaction of a view; who is signed in is found anew after it."""
    with current_kit().database.request_transaction() as db:
        yield db
    state().forget()


def text(value: str | None) -> str:
    """Return what a field holds, never None."""
    return value or ""


def _refused(shown: ResponseReturnValue, error: UserKitError) -> ResponseReturnValue:
    response = make_response(shown)
    if response.status_code == 200:
        # A stale form is one to send again, so it answers as any other that was not taken.
        response.status_code = 422 if isinstance(error, CsrfError) else error.status
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response
