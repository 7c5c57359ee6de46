"""What a person types to sign up, judged as a whole."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from ..config import Config
from ..errors import FormError
from ..errors import FormErrors
from ..translations import gettext as _
from . import names
from . import passwords
from .email_addresses import EMAIL_ADDRESS
from .identifier_kinds import IdentifierKind
from .identifier_kinds import Typed
from .kit import Kit
from .metadata import parse_metadata
from .phone_numbers import PHONE_NUMBER

R = t.TypeVar("R")
#: In the order in which they are proven: a mail costs nothing.
KINDS: t.Final = (EMAIL_ADDRESS, PHONE_NUMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What a person typed to sign up."""

    email_address: str = ""
    phone_number: str = ""
    #: Whose phone numbers are written without a plus sign.
    country: str | None = None
    password: str | None = None
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    #: A JSON object, as a form brings it.
    unsafe_metadata: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """The same once it is judged."""

    #: What is to be proven, in this order.
    identifiers: list[tuple[IdentifierKind, Typed]]
    password: str | None
    username: str | None
    first_name: str | None
    last_name: str | None
    unsafe_metadata: dict[str, t.Any]


def judge(
    kit: Kit,
    application: Application,
    *,
    kinds: Sequence[IdentifierKind] | None = None,
    with_password: bool = True,
) -> Applicant:
    """Return the applicant.

    :param kinds: the identifiers that are to be proven, where not those of the settings.
    :param with_password: whether they are to have a password, if people have one.
    :raises FormErrors: every value that cannot be taken, at once.
    """
    errors: list[FormError] = []

    def collect(work: Callable[[], R]) -> R | None:
        try:
            return work()
        except FormError as error:
            errors.append(error)
            return None

    found = [
        (kind, collect(partial(_identifier, kit, kind, application)))
        for kind in (_asked(kit.config, application) if kinds is None else kinds)
    ]
    identifiers = [(kind, typed) for kind, typed in found if typed is not None]
    username = collect(lambda: _username(kit, application.username))
    first_name = collect(lambda: _name(kit, "first_name", application.first_name))
    last_name = collect(lambda: _name(kit, "last_name", application.last_name))
    words = [application.email_address, application.phone_number, username, first_name, last_name]
    password = (
        collect(lambda: _password(kit, application.password, words)) if with_password else None
    )
    metadata = collect(lambda: parse_metadata(application.unsafe_metadata, "unsafe_metadata"))
    if errors:
        raise FormErrors(errors)
    return Applicant(
        identifiers=identifiers,
        password=password,
        username=username,
        first_name=first_name,
        last_name=last_name,
        unsafe_metadata=metadata or {},
    )


def identifiers_asked(config: Config) -> tuple[list[IdentifierKind], bool]:
    """Return what somebody signs up with, and whether all of it; otherwise one will do."""
    required = [kind for kind in KINDS if kind.requirement(config) == "required"]
    if required:
        return required, True
    optional = [kind for kind in KINDS if kind.requirement(config) == "optional"]
    offered = optional or [EMAIL_ADDRESS]
    return offered, len(offered) == 1


def _asked(config: Config, application: Application) -> list[IdentifierKind]:
    kinds, all_of_them = identifiers_asked(config)
    if all_of_them:
        return kinds
    given = [kind for kind in kinds if getattr(application, kind.name).strip()]
    return given[:1] or kinds[:1]


def _identifier(kit: Kit, kind: IdentifierKind, application: Application) -> Typed:
    return kind.parse_own(kit, getattr(application, kind.name), application.country)


def _username(kit: Kit, value: str | None) -> str | None:
    requirement = kit.config.username
    if requirement in ("off", "locked"):
        return None
    return names.clean_username(kit, value, required=requirement == "required")


def _name(kit: Kit, param: t.Literal["first_name", "last_name"], value: str | None) -> str | None:
    requirement = kit.config.first_name if param == "first_name" else kit.config.last_name
    return None if requirement in ("off", "locked") else names.clean_name(value, param, requirement)


def _password(kit: Kit, value: str | None, words: list[str | None]) -> str | None:
    if kit.config.password == "off":
        return None
    if not value:
        if kit.config.password == "required":
            raise FormError(_("Choose a password."), code="form_param_nil", param="password")
        return None
    passwords.check(kit, value, words)
    return value
