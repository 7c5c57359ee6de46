"""What every service needs: settings, keys, clock, limits and who asks."""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import AbstractContextManager
from contextlib import nullcontext
from dataclasses import dataclass
from dataclasses import field

from sqlalchemy.orm import Session

from ..config import Config
from ..connections.registry import Connections
from ..delivery.breaches import BreachChecker
from ..delivery.email import EmailSender
from ..delivery.sms import SmsSender
from ..security.keys import KeyRing
from ..security.passwords import Passwords
from .database import Database
from .hooks import Hooks

if t.TYPE_CHECKING:
    from .limits import Limits
    from .outbox_texts import Claimed
    from .outbox_thread import OutboxThread

INFO_KEY = "userkit"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the facts of a request that audit trail, sessions and limits need."""

    ip_address: str | None = None
    user_agent: str | None = None
    request_id: str | None = None
    user_id: str | None = None
    session_id: str | None = None


#: Outside of a request nobody asks but the program itself.
NOBODY = Caller()


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """What a mail template gives."""

    subject: str
    text: str
    html: str


class RenderMail(t.Protocol):
    """Renders the mail of an event in a language."""

    def __call__(
        self, template: str, locale: str, context: Mapping[str, str | int | None]
    ) -> RenderedMail: ...


class RenderSms(t.Protocol):
    """Renders a text message in a language."""

    def __call__(
        self, template: str, locale: str, context: Mapping[str, str | int | None]
    ) -> str: ...


@dataclass(slots=True, kw_only=True, weakref_slot=True)
class Kit:
    """The parts of one app's kit, handed to services through their session."""

    config: Config
    app_name: str
    database: Database
    keys: KeyRing
    passwords: Passwords
    email_sender: EmailSender
    render_mail: RenderMail
    #: None where accounts have no phone numbers.
    sms_sender: SmsSender | None
    render_sms: RenderSms
    #: None where nobody looks passwords up.
    breach_checker: BreachChecker | None
    signal_sender: object
    locales: list[str]
    development: bool
    limits: Limits = field(init=False)
    outbox: OutboxThread = field(init=False)
    connections: Connections = field(init=False)
    #: Who does what waits in the outbox and is no message, by its kind.
    works: Mapping[str, Callable[[Kit, Claimed], None]]
    hooks: Hooks = field(default_factory=Hooks)
    #: The app's context, for what of the app runs outside of a request.
    app_context: Callable[[], AbstractContextManager[object]] = nullcontext
    caller: Callable[[], Caller] = lambda: NOBODY
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)

    def __post_init__(self) -> None:
        self.connections = Connections(lambda: self.config.connections or {})

    @property
    def base_url(self) -> str:
        """The public address of the app, without a slash at its end."""
        return (self.config.base_url or "http://localhost:5000").rstrip("/")

    def now(self) -> dt.datetime:
        """Return the time, in UTC, by the clock that tests can move."""
        return self.clock()


def kit_of(db: Session) -> Kit:
    """Return the kit that a session is tied to."""
    kit = db.info[INFO_KEY]
    assert isinstance(kit, Kit)
    return kit
