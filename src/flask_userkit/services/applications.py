"""What a person types to sign up, judged as a whole."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import FormError
from ..errors import FormErrors
from ..security.addresses import Address
from ..translations import gettext as _
from . import email_addresses
from . import names
from . import passwords
from .kit import Kit
from .metadata import parse_metadata

R = t.TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What a person typed to sign up."""

    email_address: str
    password: str | None = None
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    #: A JSON object, as a form brings it.
    unsafe_metadata: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """The same once it is judged."""

    address: Address
    password: str | None
    username: str | None
    first_name: str | None
    last_name: str | None
    unsafe_metadata: dict[str, t.Any]


def judge(kit: Kit, application: Application) -> Applicant:
    """Return the applicant.

    :raises FormErrors: every value that cannot be taken, at once.
    """
    errors: list[FormError] = []

    def collect(work: Callable[[], R]) -> R | None:
        try:
            return work()
        except FormError as error:
            errors.append(error)
            return None

    address = collect(lambda: email_addresses.parse_own(kit, application.email_address))
    username = collect(lambda: _username(kit, application.username))
    first_name = collect(lambda: _name(kit, "first_name", application.first_name))
    last_name = collect(lambda: _name(kit, "last_name", application.last_name))
    words = [application.email_address, username, first_name, last_name]
    password = collect(lambda: _password(kit, application.password, words))
    metadata = collect(lambda: parse_metadata(application.unsafe_metadata, "unsafe_metadata"))
    if errors or address is None:
        raise FormErrors(errors)
    return Applicant(
        address=address,
        password=password,
        username=username,
        first_name=first_name,
        last_name=last_name,
        unsafe_metadata=metadata or {},
    )


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
