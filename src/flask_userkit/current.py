"""Who the request is, for views and templates: found once, and only when asked for."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from functools import partial
from functools import wraps

from flask import Flask
from flask import Request
from flask import current_app
from flask import has_request_context
from flask import jsonify
from flask import redirect
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session as DbSession
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from werkzeug.local import LocalProxy

from . import models
from .errors import AuthenticationError
from .errors import SetupError
from .errors import UnavailableError
from .security.ids import new_id
from .security.text import printable
from .security.tokens import is_token
from .security.urls import path_of
from .security.urls import safe_path
from .services.database import UNAVAILABLE
from .services.database import unavailable
from .services.identity import Identity
from .services.identity import identify
from .services.kit import NOBODY
from .services.kit import Caller
from .services.kit import Kit
from .services.reverification import factor_verification_age
from .translations import SOURCE_LOCALE
from .translations import gettext as _
from .translations import negotiate

P = t.ParamSpec("P")
T = t.TypeVar("T")
RETRY_AFTER = 5
#: The longest IPv6 address in full, with an IPv4 address at its end.
ADDRESS_LENGTH = 45
_STATE = "userkit.state"


@dataclass(slots=True)
class RequestState:
    """What the kit knows of one request; it lives in the request's own environment."""

    kit: Kit
    app: Flask
    token: str | None
    asked: bool = False
    identity: Identity | None = None
    #: Who was signed in when that was last found out: who acts, also after a write.
    actor: Identity | None = None
    #: What stays true of the response even if who is signed in is found out anew.
    depends_on_cookie: bool = False
    personal: bool = False
    is_activity: bool = True
    #: A token that this response hands to the browser, or that it takes away.
    new_token: str | None = None
    token_removed: bool = False
    nonce: str | None = None
    nonce_is_new: bool = False
    writes: bool = False  #: Whether this GET does, as one does that a provider leads back to.
    csrf_token: str | None = None
    locale: str | None = None
    reader: DbSession | None = None
    user: models.User | None = None
    session: models.Session | None = None
    #: The prompt that the response shows, where somebody is to confirm that it is them.
    reverification: t.Any = None
    _request_id: str | None = None

    @property
    def request_id(self) -> str:
        """The name of this request in the audit trail, made when something is written there."""
        if self._request_id is None:
            self._request_id = new_id("req")
        return self._request_id

    def keep_token(self, token: str | None) -> None:
        """Hand a token to the browser, and go on as its client."""
        if token != self.token:
            self.new_token = self.token = token
            self.csrf_token = None
            self.token_removed = token is None
        self.forget()
        self.actor = None

    def give_up(self) -> None:
        """Show nobody from here on: the page that says so must not ask again."""
        self.asked = self.depends_on_cookie = self.personal = True
        self.identity = None

    def forget(self) -> None:
        """Find out anew who this is, after a write."""
        self.asked = False
        self.identity = None
        self.user = None
        self.session = None


def unproxied(thing: T) -> T:
    """Return the app itself behind ``current_app``, or the request behind ``request``."""
    # The types of Flask show the object and not the proxy before it.
    return t.cast(T, thing._get_current_object())  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def current_kit() -> Kit:
    """Return the kit of the current app.

    :raises SetupError: the app has none.
    """
    try:
        kit = unproxied(current_app).extensions["userkit"].kit
    except KeyError:
        raise SetupError(
            "This app has no flask-userkit. Did you forget UserKit(app) or userkit.init_app(app)?"
        ) from None
    return t.cast(Kit, kit)


def state() -> RequestState:
    """Return the kit's state of the current request."""
    now = unproxied(request)
    app = unproxied(current_app)
    found = state_of(now)
    # An app that is mounted in another one finds the state of that one in its environment.
    if found is None or found.app is not app:
        kit = current_kit()
        kit.outbox.start()
        token = now.cookies.get(cookie_name(kit))
        found = RequestState(kit, app, token if token and is_token(token) else None)
        now.environ[_STATE] = found
    return found


def state_of(request: Request) -> RequestState | None:
    """Return the state of a request if anything asked for it."""
    found: RequestState | None = request.environ.get(_STATE)
    return found


def existing_state() -> RequestState | None:
    """Return the state if anything asked for it in this request."""
    return state_of(unproxied(request)) if has_request_context() else None


def cookie_name(kit: Kit, suffix: str = "") -> str:
    """Return the name of a cookie.

    Decided by the setting and never by the request: who can strip TLS could otherwise ask for
    the name that any subdomain may set.
    """
    return f"{'__Host-' if kit.config.secure else ''}userkit{suffix}"


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


def will_write() -> bool:
    """Tell whether the current request may change anything; a program always may."""
    found = existing_state()
    reads = has_request_context() and request.method in ("GET", "HEAD", "OPTIONS")
    return not reads or (found is not None and found.writes)


def request_locale() -> str:
    """Return the language of the current request."""
    found = existing_state()
    if found is None:
        if not has_request_context() or "userkit" not in current_app.extensions:
            return SOURCE_LOCALE
        found = state()
    if found.locale is None:
        header = unproxied(request).headers.get("Accept-Language", "")
        found.locale = _negotiated(header, tuple(found.kit.locales))
    return found.locale


@lru_cache(maxsize=256)
def _negotiated(header: str, offered: tuple[str, ...]) -> str:
    # Browsers send a handful of headers, and to read one takes as long as to fill in a template.
    return negotiate(parse_accept_header(header, LanguageAccept).values(), offered)


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
        page = request.headers.get("HX-Current-URL")
        shown = path_of(page, current_kit().base_url) or path_of(page, request.host_url[:-1])
        return _("Sign in to go on."), 401, {"HX-Redirect": sign_in_url(shown)}
    if wants_json():
        return jsonify(AuthenticationError(_("Sign in to go on.")).envelope()), 401
    asked = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
    return redirect(sign_in_url(asked), 303)


def next_path(value: str | None) -> str | None:
    """Return where a browser asks to be led, if that is a path of this site."""
    return safe_path(value)


def sign_in_url(next_url: str | None) -> str:
    """Return the address of sign-in, which leads back to a path of this site."""
    return url_for("userkit.sign_in", next=safe_path(next_url) or None)


def wants_json() -> bool:
    """Tell whether a program asks, and not a person's browser."""
    if request.is_json:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and not request.accept_mimetypes.accept_html
