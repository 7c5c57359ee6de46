"""What is done many times at once about passwords that were forgotten, or guessed."""

from __future__ import annotations

import os
from contextlib import suppress

from flask_userkit import UserKit
from flask_userkit import UserKitError
from flask_userkit.models import User
from flask_userkit.services import lockouts
from flask_userkit.services import sign_in_look_up
from flask_userkit.services.limits import Hit
from tests.services.acts import enter_sign_in_code
from tests.services.acts import reset
from tests.services.acts import sign_in

Kits = UserKit[User]


def reset_each(userkit: Kits, number: int, given: list[tuple[str, str, str]]) -> str:
    """Set a password by one's own code, of one's own browser; each code is tried by several."""
    token, code, password = given[number % len(given)]
    return reset(userkit, token, code, password).session_id


def reset_or_change(
    userkit: Kits, number: int, given: tuple[str, str, list[tuple[str, str, str]]]
) -> str:
    """Reset a password in some threads; in one have the app set it, in others sign in."""
    user_id, address, resets = given
    if number == 0:
        userkit.users.update_user(user_id, password=resets[0][2] + "!", skip_password_checks=True)
        return "changed"
    if number <= len(resets):
        token, code, password = resets[number - 1]
        return f"reset {reset(userkit, token, code, password).session_id}"
    with suppress(UserKitError):
        sign_in(userkit, address, given[2][-1][2])
    return "tried"


def reset_or_enter(
    userkit: Kits, number: int, given: tuple[tuple[str, str, str], list[tuple[str, str]]]
) -> list[str]:
    """Reset a password in one thread; in the others sign in by codes that were sent before."""
    mine, codes = given
    if number == 0:
        return [f"reset {reset(userkit, *mine).session_id}"]
    found = []
    # One after the other, so that some come before the reset and some after it.
    for token, code in codes[number - 1 :: 2]:
        try:
            enter_sign_in_code(userkit, token, code)
        except UserKitError as error:
            found.append(error.code)
    return found


def fail_for_the_last_time(userkit: Kits, _number: int, address: str) -> None:
    """Have a wrong password of which the counter says that it was the last."""
    kit = userkit.kit
    hit = Hit(kit.limits._embedded, [], frozenset({lockouts.ACCOUNT}))
    lockouts.failed(kit, sign_in_look_up.find(kit, address), address, hit)


def guess(userkit: Kits, number: int, address: str) -> list[str]:
    """Guess four passwords, never right."""
    found = []
    for turn in range(4):
        try:
            sign_in(userkit, address, f"wrong {os.getpid()} {number} {turn}")
        except UserKitError as error:
            found.append(error.code)
    return found
