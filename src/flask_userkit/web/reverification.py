"""A form that waits for its sender to prove who they are, and runs after it."""

from __future__ import annotations

import typing as t

from flask import Response
from flask import make_response
from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ..current import required_identity
from ..errors import AuthenticationError
from ..errors import CsrfError
from ..errors import UserKitError
from ..request_state import current_kit
from ..request_state import state
from ..services import reverification_attempts as attempts
from ..services import suspended_forms
from ..services.identity import Identity
from ..services.reverification import Level
from ..translations import gettext as _
from . import profile_options
from .csrf import FIELD
from .csrf import check_csrf
from .csrf import csrf_token
from .htmx import is_htmx
from .kept_form import ANSWER
from .kept_form import CONFIRMED
from .kept_form import DELIVERY
from .kept_form import action_of_request
from .kept_form import kept
from .kept_form import replace_form
from .prompts import Notice
from .prompts import Prompt
from .prompts import PromptForm
from .prompts import is_fresh
from .prompts import make_prompt
from .prompts import page_of
from .responses import harden

if t.TYPE_CHECKING:
    from sqlalchemy.orm import Session

R = t.TypeVar("R")
#: For so long a proof by a provider counts as an answer to the prompt.
JUST_NOW = Level("first_factor", 2)


class Answer(t.NamedTuple):
    """What became of a form that waits.

    :param runs: whether it is to be run now; if not, the page that follows says why.
    """

    runs: bool
    status: int = 200
    notice: str = ""
    retry_after: int | None = None


def ask(form: object = None) -> Answer:
    """Keep the form of this request, and prompt for what it waits for.

    :raises AuthenticationError: the session is over.
    """
    identity = required_identity()
    fields, complete = kept(form)
    action = action_of_request()
    form_id = _transact(
        lambda db: suspended_forms.suspend(db, identity, action, fields, complete=complete)
    )
    prompt = make_prompt(identity, form_id, PromptForm(formdata=None))
    if prompt.offer.strategy in attempts.BY_CODE and prompt.offer.sent_at is None:
        # It is sent at once where nothing else is to choose; this is a POST.
        try:
            _transact(lambda db: attempts.prepare_code(db, identity))
        except UserKitError as error:
            prompt.form.attach(error)
        prompt = make_prompt(identity, form_id, prompt.form)
    state().reverification = prompt
    return Answer(runs=False, status=403)


def is_answer() -> bool:
    """Tell whether this request answers a prompt."""
    return request.method == "POST" and ANSWER in request.form


def resume() -> Answer:
    """Take the answer to a prompt, and put the form that waits in the place of this request's.

    :raises AuthenticationError: the session is over.
    """
    identity = required_identity()
    form, form_id = PromptForm(), request.form.get(ANSWER, "")
    try:
        check_csrf(request.form.get(FIELD))
        if DELIVERY in request.form:
            _transact(lambda db: attempts.prepare_code(db, identity))
            state().reverification = make_prompt(identity, form_id, form, is_sent=True)
            return Answer(runs=False)
        if CONFIRMED in request.form and is_fresh(JUST_NOW):
            return _take(identity, form_id)
        token = _transact(lambda db: _attempt(db, identity, form))
    except AuthenticationError:
        raise
    except UserKitError as error:
        form.attach(error)
        state().reverification = make_prompt(identity, form_id, form)
        status = 422 if isinstance(error, CsrfError) else error.status
        return Answer(runs=False, status=status, retry_after=error.retry_after)
    state().keep_token(token)
    return _take(identity, form_id)


def shown(page: ResponseReturnValue, answer: Answer) -> Response:
    """Return the page that shows what became of a form, with its status."""
    response = make_response(page)
    told = state().reverification
    if told is not None and not told.shown and not response.location:
        # A template of the app's own has no place for it.
        back = f"{request.script_root}/"
        own = page_of(told) if isinstance(told, Prompt) else page_of(None, told.text, back)
        # The address may be the app's, whose responses have no policy of the kit's.
        response = harden(make_response(own))
    if response.status_code == 200:
        response.status_code = answer.status
    if answer.retry_after is not None:
        response.headers["Retry-After"] = str(answer.retry_after)
    return response


def with_tokens(page: ResponseReturnValue) -> ResponseReturnValue:
    """Give the forms elsewhere on a page that htmx goes on with the token of the new client."""
    if state().new_token is None or not is_htmx():
        return page
    response = make_response(page)
    if response.mimetype != "text/html" or response.location:
        return response
    fields = Markup(
        '<input type="hidden" name="{0}" value="{1}" hx-swap-oob="outerHTML:input[name={0}]">'
    ).format(FIELD, csrf_token())
    response.set_data(response.get_data(as_text=True) + str(fields))
    return response


def confirmed_fields(form_id: str) -> list[tuple[str, str]]:
    """Return what sends on a form that has waited for a proof by a provider."""
    return [(ANSWER, form_id), (CONFIRMED, "1")]


def _attempt(db: Session, identity: Identity, form: PromptForm) -> str:
    if "code" in request.form:
        return attempts.attempt_code(db, identity, form.code.data or "")
    return attempts.attempt_password(db, identity, form.password.data or "")


def _take(identity: Identity, form_id: str) -> Answer:
    action = action_of_request()
    found = None
    if form_id:
        found = _transact(lambda db: suspended_forms.take(db, identity, action, form_id))
    # Found anew, since the session may have ended after the proof: nothing runs for nobody.
    required_identity()
    options = request.form.get(profile_options.FIELD)
    fields = found.fields if found else []
    if options is not None and not found:
        fields = [(profile_options.FIELD, options)]
    replace_form(fields)
    if found is not None and found.complete:
        return Answer(runs=True)
    if not form_id:
        return Answer(runs=False)
    again = _("Thank you. Fill in what is missing, and send it again.")
    expired = _("This took too long, so nothing has changed. Send it again.")
    notice = again if found else expired
    state().reverification = Notice(notice)
    return Answer(runs=False, status=200 if found else 422, notice=notice)


def _transact(work: t.Callable[[Session], R]) -> R:
    """Run a transaction of its own, committed before the form that waits is run."""
    database = current_kit().database

    def once() -> R:
        with database.request_transaction() as db:
            return work(db)

    return database.retrying(once)
