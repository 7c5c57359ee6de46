"""Kinds of identifiers that a person adds, proves, makes primary and removes, in one way."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm import Session

from ..config import Config
from ..errors import ForbiddenError
from ..errors import FormError
from ..errors import NotFoundError
from ..errors import UserKitError
from ..errors import VerificationError
from ..events import EventName
from ..models import EmailAddress
from ..models import PhoneNumber
from .kit import Kit
from .purposes import Purpose

Name = t.Literal["email_address", "phone_number"]
Text = InstrumentedAttribute[str]
Id = InstrumentedAttribute[str | None]
Columns = tuple[Text, Text, Id, Id]


class Typed(t.NamedTuple):
    """An identifier that somebody typed.

    :param value: as messages are sent to it.
    :param key: as it is looked up.
    """

    value: str
    key: str


class Send(t.Protocol):
    """Writes a message to the outbox."""

    def __call__(
        self,
        db: Session,
        template: str,
        to: str,
        *,
        user_id: str | None = None,
        real: bool = True,
        **context: str | int | None,
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IdentifierKind:
    """What email addresses and phone numbers differ in.

    :param name: its stem.
    :param model: its rows.
    :param columns: those of ``value``, ``key``, ``pointer`` and ``proves``, below.
    :param purpose: of the codes that prove one.
    :param strategy: how a code reaches it.
    :param unique: what the indexes are on that tell one twice.
    :param parse_own: reads what a person typed, with the country that they chose.
    :param send: writes a message to one.
    :param limits: returns what a message to one is counted under, by its key.
    :param requirement: of the settings, whether an account has them.
    :param maximum: of the settings, how many an account may have.
    :param display: how one is read by people.
    :param settle: puts right, once one is given up, what else hung on it.
    :param by_link: of the settings, whether a link proves one, in place of a code.
    """

    name: Name
    model: type[EmailAddress | PhoneNumber]
    columns: Columns
    purpose: Purpose
    strategy: str
    unique: tuple[str, ...]
    parse_own: Callable[[Kit, str, str | None], Typed]
    send: Send
    limits: Callable[[Kit, str, str | None], dict[str, str]]
    requirement: Callable[[Config], str]
    maximum: Callable[[Config], int]
    display: Callable[[str], str]
    by_link: Callable[[Config], bool]
    settle: Callable[[Session, str], None]
    created: EventName
    verified: EventName
    updated: EventName
    deleted: EventName
    not_found: Callable[[], NotFoundError]
    taken: Callable[[], FormError]
    own_already: Callable[[], FormError]
    unverified_primary: Callable[[str], FormError]
    already_verified: Callable[[], VerificationError]
    too_many_waiting: Callable[[], UserKitError]
    quota_exceeded: Callable[[int], ForbiddenError]

    # Not of their own type: a type checker takes one for what an instance of its model has.
    @property
    def value(self) -> t.Any:
        """The column that messages are sent to."""
        return self.columns[0]

    @property
    def key(self) -> t.Any:
        """The column by which one is found."""
        return self.columns[1]

    @property
    def pointer(self) -> t.Any:
        """The user's column that names the primary one."""
        return self.columns[2]

    @property
    def proves(self) -> t.Any:
        """The verification's column that names the one it proves."""
        return self.columns[3]

    @property
    def by_text(self) -> bool:
        """Whether messages to one are text messages."""
        return self.name == "phone_number"

    def id_data(self, id: str) -> dict[str, str]:
        """Return what an event says of one."""
        return {f"{self.name}_id": id}
