"""Who the request is, for views and templates: found once, and only when asked for."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from functools import partial
from functools import wraps

from flask import Request
from flask import current_app
from flask import has_request_context
from flask import jsonify
from flask import redirect
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session as DbSession
from werkzeug.local import LocalProxy

from . import models
from .errors import AuthenticationError
from .errors import UnavailableError
from .request_state import RequestState
from .request_state import current_kit
from .request_state import state
from .request_state import unproxied
from .security.text import printable
from .security.urls import path_of
from .security.urls import safe_path
from .services.database import UNAVAILABLE
from .services.database import unavailable
from .services.identity import Identity
from .services.identity import identify
from .services.kit import NOBODY
from .services.kit import Caller
from .services.reverification import factor_verification_age
from .translations import gettext as _

P = t.ParamSpec("P")
RETRY_AFTER = 5
#: The longest IPv6 address in full, with an IPv4 address at its end.
ADDRESS_LENGTH = 45


def current_identity() -> Identity | None:
    """Return the signed-in person's frozen columns, or None; one query at most."""
    if not has_request_context():
        return None
    found = state()
    if not found.asked:
        found.asked = found.depends_on_cookie = True
        try:
            found.identity = found.actor = identify(found.kit, found.token)
        except UNAVAILABLE as error:
            found.give_up()
            raise UnavailableError(unavailable(), retry_after=RETRY_AFTER) from error
        found.personal = found.personal or found.identity is not None
    return found.identity


def required_identity() -> Identity:
    """Return the signed-in person's frozen columns.

    :raises AuthenticationError: nobody is signed in, or not any more.
    """
    identity = current_identity()
    if identity is None:
        raise AuthenticationError(_("Sign in to go on."))
    return identity


def caller() -> Caller:
    """Return who asks: the facts of the current request, or nobody outside of one."""
    if not has_request_context():
        return NOBODY
    found = state()
    known = found.actor
    return Caller(
        # Only the address of the connection counts; a header is whatever its sender likes.
        ip_address=printable(request.remote_addr or "")[:ADDRESS_LENGTH] or None,
        user_agent=printable(request.user_agent.string[:512]) or None,
        request_id=found.request_id,
        user_id=known.user_id if known else None,
        session_id=known.session_id if known else None,
    )


def _load_user() -> models.User | None:
    identity = current_identity()
    if identity is None:
        return None
    found = state()
    if found.user is None:
        db = _reader(found)
        found.user = db.get(models.User, identity.user_id)
        found.kit.database.give_back(db)
    return found.user


def _load_session() -> models.Session | None:
    identity = current_identity()
    if identity is None:
        return None
    found = state()
    if found.session is None:
        db = _reader(found)
        found.session = db.get(models.Session, identity.session_id)
        found.kit.database.give_back(db)
    return found.session


def _reader(found: RequestState) -> DbSession:
    if found.reader is None:
        found.reader = found.kit.database.reader()
        _at_the_end(unproxied(request), partial(found.kit.database.close_reader, found.reader))
    return found.reader


def _at_the_end(now: Request, act: Callable[[], None]) -> None:
    """Act when Flask closes a request, last of all: a teardown hook would cost every request."""

    def close() -> None:
        del now.close
        act()
        now.close()

    now.close = close  # type: ignore[method-assign] # of this one request, as said above


class _CurrentProxy(LocalProxy[t.Any]):
    """A proxy whose truth is whether anybody is signed in, without loading the entity."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return current_identity() is not None


class _SessionProxy(_CurrentProxy):
    __slots__ = ()

    @property
    def factor_verification_age(self) -> list[int] | None:
        """Whole minutes since each factor was proven, as in Clerk's session: the second is -1
        where there is none; None where nothing was proven."""
        session = _load_session()
        if session is None:
            return None
        return factor_verification_age(
            state().kit.now(), session.first_factor_verified_at, session.second_factor_verified_at
        )


if t.TYPE_CHECKING:

    class CurrentSession(models.Session):
        """The row of the current session, and how long ago its user has proven who they are."""

        factor_verification_age: list[int] | None  # type: ignore[assignment,unused-ignore] # no column


#: The signed-in user, false when nobody is; the row is loaded at its first attribute.
current_user = t.cast(models.User, _CurrentProxy(_load_user))
#: The session of the signed-in user.
current_session = t.cast("CurrentSession", _SessionProxy(_load_session))


def login_required(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Let a view be seen by signed-in users only.

    Anyone else is led to sign-in and back; a program gets 401 with the error envelope.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if current_identity() is None:
            return unauthenticated()
        return current_app.ensure_sync(view)(*args, **kwargs)  # type: ignore[no-any-return] # Flask's type is Any

    return guarded


def unauthenticated() -> ResponseReturnValue:
    """Return the answer to a request that nobody is signed in for."""
    if request.headers.get("HX-Request") == "true":
        # The whole page goes: a sign-in form inside a panel of a page would stay behind there.
        return _("Sign in to go on."), 401, {"HX-Redirect": sign_in_url(shown_page())}
    if wants_json():
        return jsonify(AuthenticationError(_("Sign in to go on.")).envelope()), 401
    asked = asked_path() if request.method in ("GET", "HEAD") else None
    return redirect(sign_in_url(asked), 303)


def next_path(value: str | None) -> str | None:
    """Return where a browser asks to be led, if that is a path of this site."""
    return safe_path(value)


def asked_path() -> str:
    """Return what a request asks for, with its query, as a path of the site that it came to."""
    # An app may be mounted below the root of the site.
    return f"{request.script_root}{request.full_path.rstrip('?')}"


def shown_page() -> str | None:
    """Return the path of the page that a request came from, if it is one of this site."""
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer")
    return path_of(page, current_kit().base_url) or path_of(page, request.host_url[:-1])


def sign_in_url(next_url: str | None) -> str:
    """Return the address of sign-in, which leads back to a path of this site."""
    return url_for("userkit.sign_in", next=safe_path(next_url) or None)


def wants_json() -> bool:
    """Tell whether a program asks, and not a person's browser."""
    if request.is_json:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and not request.accept_mimetypes.accept_html
