"""What is done at once about a password by who is signed in."""

from __future__ import annotations

import typing as t

from flask_userkit import UserKit
from flask_userkit.models import User
from flask_userkit.services.identity import Identity
from tests.services import address_acts
from tests.services.acts import reset
from tests.services.acts import sign_in
from tests.services.password_acts import change
from tests.services.password_acts import remove

Kits = UserKit[User]


class Given(t.NamedTuple):
    """Somebody with several sessions, and a reset under way."""

    sessions: list[tuple[Identity, str]]
    reset: tuple[str, str, str]
    address: str
    old: str


def change_or_reset_or_enter(userkit: Kits, number: int, given: Given) -> str:
    """Change a password in a session of one's own, reset it, or sign in with the old one."""
    if number < len(given.sessions):
        return f"set {change(userkit, *given.sessions[number]).session_id}"
    if number == len(given.sessions):
        return f"set {reset(userkit, *given.reset).session_id}"
    sign_in(userkit, given.address, given.old)
    return "in"


def remove_one(userkit: Kits, number: int, given: tuple[Identity, str]) -> None:
    """Remove the password, or the address."""
    who, email_address_id = given
    if number % 2:
        remove(userkit, who)
    else:
        address_acts.remove(userkit, who, email_address_id)
