"""Providers: a sign-in begins at one, and every flow comes back from one."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response
from wtforms import HiddenField

from ..current import current_identity
from ..current import next_path
from ..errors import AuthenticationError
from ..errors import UserKitError
from ..errors import VerificationError
from ..request_state import current_kit
from ..request_state import state
from ..sections import connected_accounts
from ..services import oauth_proofs
from ..services import oauth_sign_ins
from ..services import oauth_states
from ..services import own_external_accounts
from ..services.oauth_proofs import Answer
from ..services.oauth_proofs import Proof
from ..services.oauth_states import Flow
from ..services.purposes import Purpose
from ..translations import gettext as _
from ..web.blueprint import blueprint
from ..web.blueprint import public
from ..web.device_cookie import known_devices
from ..web.device_cookie import welcome
from ..web.forms import KitForm
from ..web.forms import form_view
from ..web.forms import transaction
from ..web.place import with_notice
from ..web.providers import lead_to
from ..web.providers import mark_provider
from . import oauth_reverification
from .sign_in import destination
from .sign_in import sign_in_form

if t.TYPE_CHECKING:
    from sqlalchemy.orm import Session

R = t.TypeVar("R")
#: What a provider's answer may hold, and how long each of it may be.
PARAMETERS = ("code", "state", "iss", "error", "user")
LONGEST = 4096
#: Somebody was created, or connected, by another request meanwhile; now they are known.
CAME_FIRST = frozenset({"external_account_exists", "form_identifier_exists"})


class ProviderForm(KitForm):
    next = HiddenField()


def _sign_in_page(form: ProviderForm) -> ResponseReturnValue:
    page = sign_in_form()
    page.next.data, page.form_errors = form.next.data, form.form_errors
    return render_template("userkit/sign_in/page.html", form=page)


@blueprint.post("/sign-in/<provider>")
@public
@form_view(ProviderForm, _sign_in_page)
def create_oauth_sign_in(form: ProviderForm, provider: str) -> ResponseReturnValue:
    with transaction() as db:
        start = oauth_sign_ins.prepare(
            db, state().token, provider, return_to=next_path(form.next.data)
        )
    state().keep_token(start.token)
    return lead_to(start.url, current_kit().connections.labels()[provider])


@blueprint.post("/oauth/<provider>/callback")
@public
def post_oauth_callback(provider: str) -> ResponseReturnValue:
    # A form of another site brings no cookie; it is looked at by the GET that this leads to.
    answer: dict[str, t.Any] = {
        name: value for name in PARAMETERS if (value := _single(request.form, name))
    }
    return redirect(url_for("userkit.oauth_callback", provider=provider, **answer), 303)


@blueprint.get("/oauth/<provider>/callback")
@public
def oauth_callback(provider: str) -> ResponseReturnValue:
    # Whoever is signed in is named in the audit trail, and this GET is one that writes.
    current_identity()
    state().writes = True
    try:
        given = {name: _single(request.args, name) for name in PARAMETERS}
        with transaction():
            flow = oauth_states.take(current_kit(), state().token, provider, given["state"] or "")
    except VerificationError as error:
        return _refused(error, url_for("userkit.sign_in"))
    answer = Answer(
        code=given["code"] or "",
        iss=given["iss"],
        error=given["error"] or "",
        extra={"user": given["user"]} if given["user"] else {},
    )
    try:
        return _FINISH[flow.purpose](flow, answer)
    except UserKitError as error:
        return _back(flow, error)


def _sign_in(flow: Flow, answer: Answer) -> Response:
    device = known_devices()
    entered = _transact(
        flow,
        answer,
        lambda db, proof: oauth_sign_ins.complete(db, state().token, flow, proof, device=device),
    )
    if entered is None:
        # What is missing is filled in first.
        response = make_response(redirect(url_for("userkit.oauth_sign_up"), 303))
        return mark_provider(response, flow.connection.name)
    default = current_kit().config.after_sign_up_url if entered.is_new else None
    url = next_path(flow.kept.return_to) or default or destination(None)
    return mark_provider(welcome(entered.signed_in, url), flow.connection.name)


def _connect(flow: Flow, answer: Answer) -> Response:
    done = _transact(
        flow, answer, lambda db, proof: own_external_accounts.complete(db, flow, proof)
    )
    notice = "external-account-again" if done.reauthorized else "external-account"
    return make_response(redirect(with_notice(flow.kept.return_to or "", notice), 303))


def _reverify(flow: Flow, answer: Answer) -> Response:
    return oauth_reverification.finish(flow, lambda work: _transact(flow, answer, work))


_FINISH: t.Final[dict[Purpose, Callable[[Flow, Answer], Response]]] = {
    Purpose.OAUTH_SIGN_IN: _sign_in,
    Purpose.OAUTH_CONNECTION: _connect,
    Purpose.OAUTH_REVERIFICATION: _reverify,
}


def _transact(flow: Flow, answer: Answer, work: Callable[[Session, Proof], R]) -> R:
    """Ask the provider once, and run the transaction that takes its answer."""
    kit = current_kit()
    asked: list[Proof] = []

    def once() -> R:
        with transaction() as db:
            # No statement was sent yet, so no transaction is open while the provider is asked.
            if not asked:
                asked.append(oauth_proofs.exchange(kit, flow, answer))
            return work(db, asked[0])

    try:
        return kit.database.retrying(once)
    except UserKitError as error:
        if error.code not in CAME_FIRST or flow.purpose is not Purpose.OAUTH_SIGN_IN:
            raise
        return kit.database.retrying(once)


def _back(flow: Flow, error: UserKitError) -> Response:
    """Lead back to where it began, with the sentence that says what went wrong."""
    if isinstance(error, AuthenticationError):
        message = _("Whoever began this is not signed in here any more. Nothing has changed.")
        refusal = UserKitError(message)
        refusal.status = error.status
        return _refused(refusal, url_for("userkit.user_profile"))
    if flow.purpose is Purpose.OAUTH_CONNECTION:
        failures = connected_accounts.SECTION.failures
        notice = error.code if error.code in failures else connected_accounts.FAILED
        return make_response(redirect(with_notice(flow.kept.return_to or "", notice), 303))
    if flow.purpose is Purpose.OAUTH_REVERIFICATION:
        return oauth_reverification.again(flow, error)
    form = ProviderForm(formdata=None)
    form.next.data = flow.kept.return_to or ""
    if error.code == "oauth_identification_claimed":
        # Whoever signs in is led to where the account is connected.
        form.next.data = url_for("userkit.user_profile", edit=connected_accounts.SECTION.name)
    form.attach(error)
    return _answered(make_response(_sign_in_page(form)), error)


def _refused(error: UserKitError, back: str) -> Response:
    page = render_template("userkit/oauth/refused.html", message=error.message, back=back)
    return _answered(make_response(page), error)


def _answered(response: Response, error: UserKitError) -> Response:
    response.status_code = error.status
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _single(values: t.Any, name: str) -> str | None:
    """Return a value that was given once.

    :raises VerificationError: ``verification_failed``: several were, of which each program would
        take another, or one is too long to be from a provider.
    """
    found = values.getlist(name)
    if len(found) > 1 or any(len(value) > LONGEST for value in found):
        raise VerificationError(_("The provider's answer cannot be read. Start again."))
    return found[0] if found else None
