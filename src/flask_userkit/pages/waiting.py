"""The page on which an unfinished sign-in, sign-up or reset waits for its code."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue

from ..current import current_identity
from ..request_state import current_kit
from ..services.pending import Pending
from ..web.forms import KitForm

F = t.TypeVar("F", bound=KitForm)


def code_page(template: str, form: KitForm, attempt: Pending) -> str:
    """Return the page that asks for the code of an attempt."""
    return render_template(
        template,
        form=form,
        address=attempt.receiver,
        by_text=attempt.by_text,
        resend_in=attempt.resend_in(current_kit().now()),
        sent="sent" in request.args,
    )


def start_again(
    form: KitForm,
    endpoint: str,
    begin: Callable[[], F],
    page: Callable[[F], ResponseReturnValue],
    signed_in_url: str,
) -> ResponseReturnValue:
    """Lead to the first form where nothing waits any more.

    :param begin: returns that form, empty.
    :param signed_in_url: where to lead who is signed in by now.
    """
    if current_identity() is not None:
        return redirect(signed_in_url, 303)
    if not form.form_errors:
        return redirect(url_for(endpoint), 303)
    # The first form again, with the sentence that says why.
    start = begin()
    start.form_errors = form.form_errors
    return page(start)
