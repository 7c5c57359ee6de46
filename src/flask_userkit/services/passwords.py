"""Passwords: judged, hashed and compared, never inside a transaction of their own making."""

from __future__ import annotations

import logging
import typing as t
from collections.abc import Iterable

from sqlalchemy import CompoundSelect
from sqlalchemy import select
from sqlalchemy import union_all

from ..delivery.breaches import BreachCheckError
from ..errors import FormError
from ..errors import UnavailableError
from ..models import EmailAddress
from ..models import PhoneNumber
from ..security import passwords
from ..security.slots import Busy
from ..translations import gettext as _
from .database import unavailable
from .kit import Kit

logger = logging.getLogger("flask_userkit.passwords")


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
    problem = passwords.password_problem(password, minimum, words)
    if problem == "form_password_not_strong_enough":
        raise FormError(_reason(passwords.weakness(password, words)), code=problem, param=param)
    _refuse(problem, minimum, param)


def check_breaches(kit: Kit, password: str, *, param: str = "password") -> None:
    """Refuse a new password that is known from a breach, where the app has that looked up.

    What is looked up takes up to a second, so this comes after a limit and before a transaction.
    No answer is no refusal.

    :raises FormError: ``form_password_pwned``.
    """
    if kit.breach_checker is None:
        return
    try:
        known = kit.breach_checker.is_breached(password)
    except Exception as error:
        # An app's own may quote what was looked up.
        why = error if isinstance(error, BreachCheckError) else type(error).__name__
        logger.warning("A password was not looked up in breaches: %s", why)
        return
    if known:
        raise FormError(
            _("This password is known from a breach of another site. Choose another one."),
            code="form_password_pwned",
            param=param,
        )


def identifiers_of(user_id: str) -> CompoundSelect[t.Any]:
    """Return the statement for a person's addresses and numbers, which make no password."""
    return union_all(
        select(EmailAddress.email_key).where(EmailAddress.user_id == user_id),
        select(PhoneNumber.phone_number).where(PhoneNumber.user_id == user_id),
    )


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
    return _("This password has a character that cannot be used.")


def _reason(weakness: passwords.Weakness) -> str:
    """Return the cause, and what helps."""
    advice = _("A few words that do not belong together work well.")
    return f"{_cause(weakness)} {advice}"


def _cause(weakness: passwords.Weakness) -> str:
    match weakness:
        case "common":
            return _("This is one of the passwords that are tried first.")
        case "word":
            return _("A common word is easily guessed.")
        case "name":
            return _("A name is easily guessed.")
        case "own":
            return _("The name of the app and your own are easily guessed.")
        case "repeat":
            return _("Repeats such as “aaa” or “abcabc” are easily guessed.")
        case "keyboard":
            return _("Keys side by side, such as “qwerty”, are easily guessed.")
        case "sequence":
            return _("Runs such as “abc” or “6543” are easily guessed.")
        case "date":
            return _("A date or a year is easily guessed.")
        case "other":
            return _("This password is easily guessed.")
