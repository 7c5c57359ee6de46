"""What the kit knows of one request, kept in the request's own environment."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from functools import lru_cache

from flask import Flask
from flask import Request
from flask import current_app
from flask import has_request_context
from flask import request
from sqlalchemy.orm import Session as DbSession
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from . import models
from .errors import SetupError
from .security.ids import new_id
from .security.tokens import is_token
from .services.identity import Identity
from .services.kit import Kit
from .translations import SOURCE_LOCALE
from .translations import negotiate

T = t.TypeVar("T")
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
    return t.cast(T, thing._get_current_object())  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] # Flask types the object and not the proxy before it


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
