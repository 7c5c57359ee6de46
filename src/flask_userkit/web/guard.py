"""The guard of an app's own views: who has just proven to be themselves goes in."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from functools import wraps

from flask import current_app
from flask import jsonify
from flask import make_response
from flask import redirect
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue

from ..current import asked_path
from ..current import current_identity
from ..current import next_path
from ..current import shown_page
from ..current import unauthenticated
from ..current import wants_json
from ..errors import AuthenticationError
from ..errors import CsrfError
from ..request_state import state
from ..security.urls import safe_path
from ..services.reverification import Level
from ..services.reverification import level_of
from ..services.reverification import required
from . import prompts
from . import reverification
from .blueprint import show_error
from .csrf import check_origin
from .responses import harden

P = t.ParamSpec("P")
View = Callable[P, ResponseReturnValue]


def reverification_required(
    level: str | tuple[str, int] = "strict",
) -> Callable[[View[P]], View[P]]:
    """Let a view be used only by who has just proven to be themselves.

    Anyone else is asked to, and led on: a page is shown after it, and a form that was sent runs
    after it, once. A program gets 403 with the error envelope. It asks for sign-in as well.

    :param level: ``strict_mfa``, ``strict``, ``moderate``, ``lax``, or factors and minutes, such
        as ``("first_factor", 5)``.
    :raises ValueError: there is no such level.
    """
    wanted = level_of(level)

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            try:
                refusal = unauthenticated() if current_identity() is None else _refusal(wanted)
            except AuthenticationError:
                refusal = unauthenticated()
            except CsrfError as error:
                refusal = show_error(error)
            if refusal is not None:
                # The blueprint of the kit's pages, which does this for them, does not see it.
                return harden(make_response(refusal))
            return current_app.ensure_sync(view)(*args, **kwargs)  # type: ignore[no-any-return] # Flask's type is Any

        return guarded

    return decorate


def _refusal(level: Level) -> ResponseReturnValue | None:
    if reverification.is_answer():
        # Read before the form that waits takes its place.
        back = next_path(request.form.get("next")) or f"{request.script_root}/"
        answer = reverification.resume()
        return None if answer.runs else _after(answer, back)
    if prompts.is_fresh(level):
        return None
    if request.headers.get("HX-Request") == "true":
        headers = {"HX-Redirect": page_url(shown_page())}
        return required(level).message, 403, headers
    if wants_json():
        return jsonify(required(level).envelope()), 403
    if request.method in ("GET", "HEAD"):
        return redirect(page_url(asked_path()), 303)
    # Another site could otherwise have codes sent, and its form run by who answers the prompt.
    check_origin()
    answer = reverification.ask()
    prompt = state().reverification
    prompt.form.next.data = prompt.cancel_url = shown_page() or ""
    return reverification.shown(prompts.page_of(prompt), answer)


def _after(answer: reverification.Answer, back: str) -> ResponseReturnValue:
    """Answer what cannot run: with the prompt again, or the page that the form was on."""
    prompt = state().reverification
    if isinstance(prompt, prompts.Prompt):
        prompt.cancel_url = back
        return reverification.shown(prompts.page_of(prompt), answer)
    if answer.status == 200:
        return redirect(back, 303)
    page = prompts.page_of(None, answer.notice, back)
    return make_response(page, answer.status)


def page_url(path: str | None) -> str:
    """Return the address of the prompt that leads to a path of this site."""
    return url_for("userkit.reverification", next=safe_path(path) or None)
