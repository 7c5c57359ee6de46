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

from ..current import unauthenticated
from ..errors import AuthenticationError
from ..errors import CsrfError
from ..errors import ReverificationError
from ..errors import UserKitError
from ..request_state import current_kit
from ..request_state import state
from . import reverification
from .csrf import FIELD
from .csrf import check_csrf
from .kit_form import KitForm as KitForm

if t.TYPE_CHECKING:
    from sqlalchemy.orm import Session

F = t.TypeVar("F", bound="KitForm")
P = t.ParamSpec("P")
FormView = Callable[P, ResponseReturnValue]


def form_view(
    form_class: Callable[[], F], page: Callable[[F], ResponseReturnValue]
) -> Callable[[Callable[t.Concatenate[F, P], ResponseReturnValue]], FormView[P]]:
    """Make a view of a form that was sent.

    What a validator or a service refuses is shown by ``page``, with all that was typed. Where
    the database broke a deadlock, the view runs again. Where its sender has to confirm that it
    is them, the form waits, and runs with the answer to that.
    """

    def decorate(view: Callable[t.Concatenate[F, P], ResponseReturnValue]) -> FormView[P]:
        @wraps(view)
        def sent(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            try:
                if reverification.is_answer():
                    return reverification.with_tokens(resumed(*args, **kwargs))
                return taken(form_class(), *args, **kwargs)
            except AuthenticationError:
                # Of the prompt too: a session may end while its form is kept.
                return unauthenticated()

        def resumed(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            answer = reverification.resume()
            form = form_class()
            if answer.runs:
                return taken(form, *args, **kwargs)
            return reverification.shown(page(form), answer)

        def taken(form: F, *args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            try:
                check_csrf(request.form.get(FIELD))
                if not form.validate():
                    return make_response(page(form), 422)
                return current_kit().database.retrying(lambda: view(form, *args, **kwargs))
            except ReverificationError:
                waiting = reverification.ask(form)
                return reverification.shown(page(form), waiting)
            except AuthenticationError:
                raise
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
