"""The page that asks who one is, and leads on."""

from __future__ import annotations

from flask import redirect
from flask import request
from flask.typing import ResponseReturnValue

from ..current import next_path
from ..current import shown_page
from ..request_state import state
from ..web import prompts
from ..web import reverification as waiting
from ..web.blueprint import blueprint
from ..web.urls import page_url


@blueprint.get("/reverification")
def reverification() -> ResponseReturnValue:
    prompt = prompts.page_prompt()
    prompt.form.next.data = next_path(request.args.get("next")) or ""
    prompt.cancel_url = _cancel_url(prompt.form.next.data)
    return prompts.page_of(prompt)


@blueprint.post("/reverification")
def attempt_reverification() -> ResponseReturnValue:
    # Read before the form of this request is done with.
    destination = next_path(request.form.get("next")) or page_url("user_profile")
    answer = waiting.resume()
    prompt = state().reverification
    if not isinstance(prompt, prompts.Prompt):
        return redirect(destination, 303)
    prompt.cancel_url = _cancel_url(prompt.form.next.data)
    return waiting.shown(prompts.page_of(prompt), answer)


def _cancel_url(asked: str | None) -> str:
    """Return the page that one came from; the one that asked would only ask again."""
    shown = shown_page()
    here = page_url("reverification")
    if shown is None or shown in (asked, here) or shown.startswith(f"{here}?"):
        return f"{request.script_root}/"
    return shown
