"""Email addresses and phone numbers, for tests of what both of them promise."""

from __future__ import annotations

import typing as t

import pytest

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.services.email_addresses import EMAIL_ADDRESS
from flask_userkit.services.identifier_kinds import IdentifierKind
from flask_userkit.services.phone_numbers import PHONE_NUMBER
from tests.rig.people import new_address
from tests.rig.people import new_number

KINDS = (EMAIL_ADDRESS, PHONE_NUMBER)
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
#: What costs money is limited soon, and has tests of its own.
UNLIMITED = dict.fromkeys(
    ("phone_number:account", "sms:ip", "sms:number", "sms:account", "sms:day"), "1000/minute"
)


def settings_of(kind: IdentifierKind, requirement: str = "required") -> dict[str, t.Any]:
    """Return the settings of an app where people sign up by one kind."""
    if kind is EMAIL_ADDRESS:
        return {"USERKIT_EMAIL_ADDRESS": requirement}
    return {
        "USERKIT_EMAIL_ADDRESS": "optional",
        "USERKIT_PHONE_NUMBER": requirement,
        "USERKIT_RATE_LIMITS": UNLIMITED,
    }


def new_of(kind: IdentifierKind) -> str:
    """Return one that nobody has."""
    return new_address() if kind is EMAIL_ADDRESS else new_number()


def respelled(kind: IdentifierKind, value: str) -> str:
    """Return another spelling of the same one."""
    if kind is EMAIL_ADDRESS:
        return value.upper()
    return f"{value[:3]} (0) {value[3:7]}/{value[7:]}"


def api_of(userkit: UserKit[User], kind: IdentifierKind) -> t.Any:
    """Return what the app changes them by."""
    return userkit.email_addresses if kind is EMAIL_ADDRESS else userkit.phone_numbers


def given(kind: IdentifierKind, *values: str) -> dict[str, t.Any]:
    """Return the argument that an app creates or finds users by."""
    return {kind.name: list(values)}
