"""Reverification at a provider: it begins in a prompt, and ends with the form that waits."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from flask import make_response
from flask import redirect
from flask import render_template
from flask.typing import ResponseReturnValue
from werkzeug import Response
from wtforms import HiddenField

from ..current import next_path
from ..current import required_identity
from ..errors import UserKitError
from ..request_state import current_kit
from ..request_state import state
from ..services import oauth_reverifications
from ..services.oauth_proofs import Proof
from ..services.oauth_states import Flow
from ..web import prompts
from ..web.blueprint import blueprint
from ..web.forms import KitForm
from ..web.forms import form_view
from ..web.forms import transaction
from ..web.providers import lead_to
from ..web.reverification import confirmed_fields
from ..web.urls import page_url

if t.TYPE_CHECKING:
    from sqlalchemy.orm import Session

Work = Callable[["Session", Proof], str]


class OAuthReverificationForm(KitForm):
    """What waits for it, and where it goes on."""

    next = HiddenField()
    action = HiddenField()
    form_id = HiddenField()


def _page(form: OAuthReverificationForm) -> ResponseReturnValue:
    action, form_id = next_path(form.action.data) or "", form.form_id.data or ""
    prompt = prompts.repeated(action, form_id, next_path(form.next.data) or "")
    prompt.form.form_errors = form.form_errors
    return prompts.page_of(prompt)


@blueprint.post("/reverification/<provider>")
@form_view(OAuthReverificationForm, _page)
def create_oauth_reverification(
    form: OAuthReverificationForm, provider: str
) -> ResponseReturnValue:
    with transaction() as db:
        start = oauth_reverifications.prepare(
            db,
            state().token,
            required_identity(),
            provider,
            return_to=next_path(form.next.data),
            action=next_path(form.action.data) or "",
            form_id=form.form_id.data or "",
        )
    state().keep_token(start.token)
    return lead_to(start.url, current_kit().connections.labels()[provider])


def finish(flow: Flow, transact: Callable[[Work], str]) -> Response:
    """Take the proof, and lead to the form that waits for it, or to the page that does.

    :param transact: asks the provider, and runs what takes its answer.
    """
    who = required_identity()
    token = transact(lambda db, proof: oauth_reverifications.complete(db, flow, proof, who))
    state().keep_token(token)
    if not flow.kept.form_id:
        url = next_path(flow.kept.return_to) or page_url("user_profile")
        return make_response(redirect(url, 303))
    # Only a form of its own sends on what waits: a GET changes nothing.
    return make_response(
        render_template(
            "userkit/oauth/continue.html",
            action=flow.kept.action,
            fields=confirmed_fields(flow.kept.form_id),
        )
    )


def again(flow: Flow, error: UserKitError) -> Response:
    """Ask once more, and say what went wrong."""
    kept = flow.kept
    prompt = prompts.repeated(kept.action, kept.form_id, next_path(kept.return_to) or "")
    prompt.form.attach(error)
    response = make_response(prompts.page_of(prompt))
    response.status_code = error.status
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response
