"""Reverification in HTML: a prompt in the place of a form that waits, and the form after it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from flask import Response
from flask import make_response
from flask import render_template
from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from wtforms import HiddenField
from wtforms import PasswordField
from wtforms import StringField

from ..current import current_identity
from ..current import current_kit
from ..current import next_path
from ..current import state
from ..errors import AuthenticationError
from ..errors import CsrfError
from ..errors import UserKitError
from ..services import reverification as services
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
from .kit_form import KitForm
from .place import place_of_modal
from .responses import harden
from .urls import page_url

if t.TYPE_CHECKING:
    from sqlalchemy.orm import Session

R = t.TypeVar("R")
#: For so long a proof by a provider counts as an answer to the prompt.
JUST_NOW = Level("first_factor", 2)


class PromptForm(KitForm):
    password = PasswordField()
    code = StringField()
    next = HiddenField()


@dataclass(slots=True)
class Prompt:
    """A prompt on its way to a template.

    :param action: where it is sent: to what the form that waits was sent to.
    :param form_id: the form that waits; empty if there is none.
    :param is_sent: whether a code has just been sent because it was asked for.
    :param section: the section that it stands in, if it is one.
    :param cancel_url: what leaves all as it was.
    :param return_to: where a provider leads back to, if no form waits.
    """

    action: str
    form: PromptForm
    form_id: str
    offer: attempts.Offer
    resend_in: int
    is_sent: bool = False
    section: str = ""
    cancel_url: str = ""
    return_to: str = ""
    shown: bool = False

    @property
    def connections(self) -> list[t.Any]:
        """The connections that prove it, where one does."""
        return [
            each for each in current_kit().connections.all() if each.name in self.offer.providers
        ]


@dataclass(slots=True)
class Notice:
    """What is said of a form that has not run."""

    text: str
    section: str = ""
    shown: bool = False


class Answer(t.NamedTuple):
    """What became of a form that waits.

    :param runs: whether it is to be run now; if not, the page that follows says why.
    """

    runs: bool
    status: int = 200
    notice: str = ""
    retry_after: int | None = None


def is_fresh(level: str | tuple[str, int] | Level = "strict") -> bool:
    """Tell whether somebody has proven to be themselves, for a form that is about to be shown."""
    identity = current_identity()
    wanted = level if isinstance(level, Level) else services.level_of(level)
    return identity is not None and services.is_fresh(current_kit(), identity, wanted)


def ask(form: object = None) -> Answer:
    """Keep the form of this request, and prompt for what it waits for.

    :raises AuthenticationError: the session is over.
    """
    identity = _identity()
    fields, complete = kept(form)
    action = action_of_request()
    form_id = _transact(
        lambda db: suspended_forms.suspend(db, identity, action, fields, complete=complete)
    )
    prompt = _prompt(identity, form_id, PromptForm(formdata=None))
    if prompt.offer.strategy in attempts.BY_CODE and prompt.offer.sent_at is None:
        # It is sent at once where nothing else is to choose; this is a POST.
        try:
            _transact(lambda db: attempts.prepare_code(db, identity))
        except UserKitError as error:
            prompt.form.attach(error)
        prompt = _prompt(identity, form_id, prompt.form)
    state().reverification = prompt
    return Answer(runs=False, status=403)


def is_answer() -> bool:
    """Tell whether this request answers a prompt."""
    return request.method == "POST" and ANSWER in request.form


def resume() -> Answer:
    """Take the answer to a prompt, and put the form that waits in the place of this request's.

    :raises AuthenticationError: the session is over.
    """
    identity = _identity()
    form, form_id = PromptForm(), request.form.get(ANSWER, "")
    try:
        check_csrf(request.form.get(FIELD))
        if DELIVERY in request.form:
            _transact(lambda db: attempts.prepare_code(db, identity))
            state().reverification = _prompt(identity, form_id, form, is_sent=True)
            return Answer(runs=False)
        if CONFIRMED in request.form and is_fresh(JUST_NOW):
            return _take(identity, form_id)
        token = _transact(lambda db: _attempt(db, identity, form))
    except AuthenticationError:
        raise
    except UserKitError as error:
        form.attach(error)
        state().reverification = _prompt(identity, form_id, form)
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


def place(section: str, cancel_url: str) -> None:
    """Say which section shows what this request has to say, and what cancels it."""
    told = state().reverification
    if told is not None:
        told.section = section
    if isinstance(told, Prompt):
        told.cancel_url = cancel_url


def prompt_for(action: str, section: str, *, first: bool = False) -> Prompt | None:
    """Return the prompt that stands in the place of a form, or None.

    :param action: where the form is sent.
    :param first: ask before a form is shown, since what is typed into it would not be kept.
    """
    prompt = state().reverification
    if isinstance(prompt, Prompt):
        if prompt.section != section or _path(prompt.action) != _path(action):
            return None
        prompt.shown = True
        return prompt
    if not first or is_fresh():
        return None
    return _prompt(_identity(), "", PromptForm(formdata=None), action=action)


def told_above(section: str) -> Prompt | Notice | None:
    """Return what is told over the rows of a section: a prompt that has no form's place, or why
    a form has not run."""
    told: Prompt | Notice | None = state().reverification
    if told is None or told.shown or told.section != section:
        return None
    told.shown = True
    return told


def page_prompt() -> Prompt:
    """Return the prompt for a page of its own."""
    return _prompt(_identity(), "", PromptForm(formdata=None), action=request.path)


def repeated(action: str, form_id: str, next: str) -> Prompt:
    """Return the prompt once more, where its answer came by a page of its own.

    :param form_id: the form that waits; empty if there is none.
    :param next: where a page leads after it.
    """
    form = PromptForm(formdata=None)
    form.next.data = next
    return _prompt(_identity(), form_id, form, action=action or page_url("reverification"))


def confirmed_fields(form_id: str) -> list[tuple[str, str]]:
    """Return what sends on a form that has waited for a proof by a provider."""
    return [(ANSWER, form_id), (CONFIRMED, "1")]


def page_of(prompt: Prompt | None, message: str = "", back: str = "") -> str:
    """Return a whole page with a prompt, or with what became of it."""
    if prompt is not None:
        prompt.shown = True
    form = prompt.form if prompt else None
    template = "userkit/reverification/page.html"
    return render_template(template, prompt=prompt, form=form, message=message, back=back)


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
    _identity()
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


def _prompt(
    identity: Identity,
    form_id: str,
    form: PromptForm,
    *,
    action: str | None = None,
    is_sent: bool = False,
) -> Prompt:
    kit = current_kit()
    offer = attempts.offer(kit, identity)
    if action is None:
        action = f"{request.script_root}{request.full_path.rstrip('?')}"
    form.next.data = next_path(form.next.data) or ""
    prompt = Prompt(action, form, form_id, offer, offer.resend_in(kit.now()), is_sent)
    here = place_of_modal() or f"{request.script_root}{request.full_path.rstrip('?')}"
    prompt.return_to = form.next.data or (here if request.method == "GET" else "")
    return prompt


def _identity() -> Identity:
    identity = current_identity()
    if identity is None:
        raise AuthenticationError(_("Sign in to go on."))
    return identity


def _path(url: str) -> str:
    return url.partition("?")[0]


def _transact(work: t.Callable[[Session], R]) -> R:
    """Run a transaction of its own, committed before the form that waits is run."""
    database = current_kit().database

    def once() -> R:
        with database.request_transaction() as db:
            return work(db)

    return database.retrying(once)
