"""Passwords: judged, hashed and compared, never inside a transaction of their own making."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import FormError
from ..errors import UnavailableError
from ..security import passwords
from ..security.slots import Busy
from ..translations import gettext as _
from .database import unavailable
from .kit import Kit


def check(
    kit: Kit, password: str, context: Iterable[str | None] = (), *, param: str = "password"
) -> None:
    """Refuse a new password that is easily guessed.

    :param context: words of this person that an attacker tries first.
    :raises FormError: one of ``form_password_…``.
    """
    words = [kit.app_name, *(word for word in context if word)]
    words += [word.partition("@")[0] for word in words if "@" in word]
    minimum = kit.config.password_min_length
    _refuse(passwords.password_problem(password, minimum, words), minimum, param)


def check_usable(password: str, *, param: str = "password") -> None:
    """Refuse a password that could be stored and never be verified.

    :raises FormError: one of ``form_password_…``.
    """
    _refuse(passwords.unusable_password(password), 1, param)


def hash_password(kit: Kit, password: str) -> str:
    """Return the digest of a password.

    :raises UnavailableError: too many are being hashed.
    """
    try:
        return kit.passwords.hash(password)
    except Busy as error:
        raise UnavailableError(unavailable(), retry_after=passwords.WAIT_SECONDS) from error


def verify(kit: Kit, digest: str | None, password: str) -> bool:
    """Tell whether a password is right; it takes as long without a digest.

    :raises UnavailableError: too many are being hashed.
    """
    if len(password) > passwords.MAX_LENGTH:
        return False
    try:
        return kit.passwords.verify(digest, password)
    except Busy as error:
        raise UnavailableError(unavailable(), retry_after=passwords.WAIT_SECONDS) from error


def _refuse(problem: str | None, minimum: int, param: str) -> None:
    if problem is not None:
        raise FormError(_message(problem, minimum), code=problem, param=param)


def _message(problem: str, minimum: int) -> str:
    if problem == "form_password_length_too_short":
        return _("A password has %(minimum)s characters or more.", minimum=minimum)
    if problem == "form_password_length_too_long":
        return _("A password has up to %(maximum)s characters.", maximum=passwords.MAX_LENGTH)
    if problem == "form_password_matches_identifier":
        return _("Choose a password without the name of the app or your own.")
    if problem == "form_password_not_strong_enough":
        return _(
            "This password is easily guessed. A few words that do not belong together work well."
        )
    return _("This password has a character that cannot be used.")
