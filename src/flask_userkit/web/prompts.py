"""The prompt in HTML: what it offers, and where on a page it stands."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from flask import render_template
from flask import request
from wtforms import HiddenField
from wtforms import PasswordField
from wtforms import StringField

from ..current import asked_path
from ..current import current_identity
from ..current import next_path
from ..current import required_identity
from ..request_state import current_kit
from ..request_state import state
from ..services import reverification as services
from ..services import reverification_attempts as attempts
from ..services.identity import Identity
from ..services.reverification import Level
from .kit_form import KitForm
from .place import place_of_modal
from .urls import page_url


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


def is_fresh(level: str | tuple[str, int] | Level = "strict") -> bool:
    """Tell whether somebody has proven to be themselves, for a form that is about to be shown."""
    identity = current_identity()
    wanted = level if isinstance(level, Level) else services.level_of(level)
    return identity is not None and services.is_fresh(current_kit(), identity, wanted)


def make_prompt(
    identity: Identity,
    form_id: str,
    form: PromptForm,
    *,
    action: str = "",
    is_sent: bool = False,
) -> Prompt:
    """Return a new prompt with what proves somebody now.

    :param action: where it is sent; by default where this request was.
    """
    kit = current_kit()
    offer = attempts.offer(kit, identity)
    form.next.data = next_path(form.next.data) or ""
    made = Prompt(action or asked_path(), form, form_id, offer, offer.resend_in(kit.now()), is_sent)
    here = place_of_modal() or asked_path()
    made.return_to = form.next.data or (here if request.method == "GET" else "")
    return made


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
    return make_prompt(required_identity(), "", PromptForm(formdata=None), action=action)


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
    action = page_url("reverification")
    return make_prompt(required_identity(), "", PromptForm(formdata=None), action=action)


def repeated(action: str, form_id: str, next: str) -> Prompt:
    """Return the prompt once more, where its answer came by a page of its own.

    :param form_id: the form that waits; empty if there is none.
    :param next: where a page leads after it.
    """
    form = PromptForm(formdata=None)
    form.next.data = next
    return make_prompt(
        required_identity(), form_id, form, action=action or page_url("reverification")
    )


def page_of(prompt: Prompt | None, message: str = "", back: str = "") -> str:
    """Return a whole page with a prompt, or with what became of it."""
    if prompt is not None:
        prompt.shown = True
    form = prompt.form if prompt else None
    template = "userkit/reverification/page.html"
    return render_template(template, prompt=prompt, form=form, message=message, back=back)


def _path(url: str) -> str:
    return url.partition("?")[0]
