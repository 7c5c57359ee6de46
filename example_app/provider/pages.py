"""Where people say who they are at Meadow ID, and what an app may know."""

from __future__ import annotations

import re
import time
import typing as t
from collections.abc import Sequence

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.core.errors import ConsentRequiredError
from flask import current_app
from flask import render_template
from flask import request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from itsdangerous import BadData
from itsdangerous import URLSafeTimedSerializer
from werkzeug import Response
from wtforms import RadioField
from wtforms.validators import InputRequired

from .blueprint import provider
from .people import PEOPLE
from .records import SignedIn
from .server import says_issuer
from .server import server
from .settings import LABEL
from .settings import issuer

#: The cookie of Meadow ID, which is another site's in all but its address.
COOKIE = "meadow"
PATH = "/provider"
#: Seconds that somebody stays signed in.
LIFETIME = 86400
MAX_AGE = re.compile(r"[0-9]{1,9}")
#: What each scope gives away.
SHARED = {
    "profile": ("your name", "your picture"),
    "email": ("your email address",),
    "books": ("the books on your shelf",),
}


class WhoForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """Who somebody says they are."""

    person = RadioField(
        choices=list(PEOPLE),  # type: ignore[arg-type] # its types know no value that is its label
        validators=[InputRequired()],
    )


@provider.get("/authorize")
def authorize() -> ResponseReturnValue:
    """Ask who somebody is (OpenID Connect Core, section 3.1.2)."""
    grant = _grant()
    if "none" in _prompts():
        # Nothing is shared without being asked.
        raise ConsentRequiredError(redirect_uri=grant.redirect_uri)
    remembered = _remembered()
    shown = remembered.person.id if remembered else next(iter(PEOPLE))
    return _page(WhoForm(formdata=None, person=shown))


@provider.post("/authorize")
def decide() -> ResponseReturnValue:
    """Lead back to the app, with a code for who they say they are, or with a no."""
    grant = _grant()
    if "cancel" in request.form:
        refusal: Response = server.create_authorization_response(grant_user=None, grant=grant)
        return refusal
    form = WhoForm()
    if not form.validate():
        return _page(form), 422
    user = grant.request.user
    if user is None or user.person.id != form.person.data or grant.prompt == "login":
        user = SignedIn(PEOPLE[form.person.data], int(time.time()))
    response: Response = server.create_authorization_response(grant_user=user, grant=grant)
    response.set_cookie(
        COOKIE,
        cookie_signer().dumps([user.person.id, user.auth_time]),
        max_age=LIFETIME,
        path=PATH,
        secure=issuer().startswith("https://"),
        httponly=True,
        samesite="Lax",
    )
    return response


@provider.errorhandler(OAuth2Error)
def refuse(error: OAuth2Error) -> ResponseReturnValue:
    """Lead back to the app with what is wrong, or tell it here where no app is known."""
    if not error.redirect_uri:
        # Whoever sent this may be nobody's app, and is not led to.
        return render_template("provider/refused.html", about=error.get_error_description()), 400
    error.state = request.values.get("state")
    response: Response = server.handle_error_response(None, error)
    says_issuer.add_issuer_parameter(server, response)
    return response


@provider.errorhandler(CSRFError)
def refuse_old_page(_error: CSRFError) -> ResponseReturnValue:
    about = "This page was open for too long. Go back to the app and start again."
    return render_template("provider/refused.html", about=about), 400


@provider.after_request
def keep_nothing(response: Response) -> Response:
    """Have no page kept, since it holds a token, or what came of one."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@provider.context_processor
def _label() -> dict[str, str]:
    return {"meadow": LABEL}


def _grant() -> t.Any:
    """Return what an app asks for, and of whom.

    :raises OAuth2Error: it may not.
    """
    try:
        grant = server.get_consent_grant(end_user=_fresh())
    except ValueError:
        # Authlib cannot say what is wrong where that has characters that an answer may not have.
        raise InvalidRequestError("This request cannot be read.") from None
    if not MAX_AGE.fullmatch(request.values.get("max_age", "0")):
        about = "max_age is a number of seconds."
        raise InvalidRequestError(about, redirect_uri=grant.redirect_uri)
    return grant


def _fresh() -> SignedIn | None:
    """Return who is signed in, if it is recent enough for what is asked."""
    user, max_age = _remembered(), request.values.get("max_age", LIFETIME, int)
    return user if user and time.time() - user.auth_time < max_age else None


def _remembered() -> SignedIn | None:
    """Return who has signed in by this browser."""
    try:
        person_id, auth_time = cookie_signer().loads(request.cookies.get(COOKIE, ""), LIFETIME)
    except BadData:
        return None
    return SignedIn(PEOPLE[person_id], auth_time) if person_id in PEOPLE else None


def _page(form: WhoForm) -> str:
    return render_template(
        "provider/authorize.html",
        form=form,
        people=PEOPLE,
        again="login" in _prompts() and _remembered() is not None,
        shared=_shared(request.values.get("scope", "").split()),
    )


def _shared(scopes: Sequence[str]) -> str:
    words = [word for scope, given in SHARED.items() if scope in scopes for word in given]
    *others, last = words or ["nothing but who you are"]
    return f"{', '.join(others)} and {last}" if others else last


def _prompts() -> list[str]:
    return request.values.get("prompt", "").split()


def cookie_signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], "the cookie of Meadow ID")
