"""What a line of the activity says: a sentence, an icon, and whether somebody should look."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ..events import EventName
from ..translations import gettext as _
from .activity import Line
from .oauth_states import OAUTH


class Words(t.NamedTuple):
    """A line in words.

    :param icon: one of the icons of the kit.
    :param warning: whether somebody should look.
    """

    title: str
    icon: str
    warning: bool = False


def words_of(line: Line, labels: Mapping[str, str]) -> Words:
    """Return a line in words.

    :param labels: by name, what the app's providers are called.
    """
    data = line.data
    match line.name:
        case EventName.SESSION_CREATED:
            return Words(signed_in(data.get("strategy"), labels), "user")
        case EventName.SESSION_ENDED if data.get("status") == "replaced":
            return Words(_("Signed out by another sign-in in the same browser"), "sign-out")
        case EventName.SESSION_ENDED:
            return Words(_("Signed out"), "sign-out")
        case EventName.SESSION_REVOKED:
            return Words(_("A device was signed out"), "sign-out")
        case EventName.SESSION_REVERIFIED:
            return Words(_("You confirmed that it is you"), "shield")
        case EventName.USER_CREATED:
            return Words(_("Account created"), "user")
        case EventName.USER_LOCKED:
            return Words(_("Sign-in by password locked"), "lock", warning=True)
        case EventName.USER_UNLOCKED:
            return Words(_("Sign-in by password unlocked"), "lock")
        case EventName.USER_BANNED:
            return Words(_("Account banned"), "ban", warning=True)
        case EventName.USER_UNBANNED:
            return Words(_("Account no longer banned"), "ban")
        case EventName.USERNAME_UPDATED:
            return Words(_("Username changed"), "user")
        case EventName.USERNAME_REMOVED:
            return Words(_("Username removed"), "user")
        case EventName.PROFILE_IMAGE_UPDATED:
            return Words(_("Picture changed"), "user")
        case EventName.PROFILE_IMAGE_DELETED:
            return Words(_("Picture removed"), "user")
        case EventName.PASSWORD_CREATED:
            return Words(_("Password set"), "lock")
        case EventName.PASSWORD_CHANGED:
            return Words(_("Password changed"), "lock")
        case EventName.PASSWORD_RESET:
            return Words(_("Password reset by a code"), "lock")
        case EventName.PASSWORD_REMOVED:
            return Words(_("Password removed"), "lock")
        case EventName.DATA_EXPORT_CREATED:
            return Words(_("Copy of the data asked for"), "download")
        case EventName.DATA_EXPORT_DOWNLOADED:
            return Words(_("Copy of the data downloaded"), "download")
        case _other:
            return _of_identifier(line) or _of_account(line, labels) or _of_attempt(line)


def signed_in(strategy: object, labels: Mapping[str, str]) -> str:
    """Return how somebody signed in.

    :param labels: by name, what the app's providers are called.
    """
    match strategy:
        case str() if strategy.startswith(OAUTH):
            provider = _label(strategy.removeprefix(OAUTH), labels)
            return _("Signed in with %(provider)s", provider=provider)
        case "password":
            return _("Signed in with a password")
        case "email_code":
            return _("Signed in with a code by email")
        case "phone_code":
            return _("Signed in with a code by text message")
        case "reset_password_email_code" | "reset_password_phone_code":
            return _("Signed in with a new password")
        case _other:
            return _("Signed in")


def _of_identifier(line: Line) -> Words | None:
    primary = line.data.get("primary")
    match line.name:
        case EventName.EMAIL_ADDRESS_CREATED:
            return Words(_("Email address added"), "mail")
        case EventName.EMAIL_ADDRESS_VERIFIED:
            return Words(_("Email address verified"), "mail")
        case EventName.EMAIL_ADDRESS_UPDATED if primary:
            return Words(_("Primary email address changed"), "mail")
        case EventName.EMAIL_ADDRESS_UPDATED:
            return Words(_("Email address no longer verified"), "mail")
        case EventName.EMAIL_ADDRESS_DELETED:
            return Words(_("Email address removed"), "mail")
        case EventName.PHONE_NUMBER_CREATED:
            return Words(_("Phone number added"), "phone")
        case EventName.PHONE_NUMBER_VERIFIED:
            return Words(_("Phone number verified"), "phone")
        case EventName.PHONE_NUMBER_UPDATED if primary:
            return Words(_("Primary phone number changed"), "phone")
        case EventName.PHONE_NUMBER_UPDATED:
            return Words(_("Phone number no longer verified"), "phone")
        case EventName.PHONE_NUMBER_DELETED:
            return Words(_("Phone number removed"), "phone")
        case _other:
            return None


def _of_account(line: Line, labels: Mapping[str, str]) -> Words | None:
    provider = _label(str(line.data.get("provider")), labels)
    match line.name:
        case EventName.EXTERNAL_ACCOUNT_CONNECTED:
            return Words(_("%(provider)s connected", provider=provider), "link")
        case EventName.EXTERNAL_ACCOUNT_REAUTHORIZED:
            return Words(_("%(provider)s connected once more", provider=provider), "link")
        case EventName.EXTERNAL_ACCOUNT_DISCONNECTED:
            return Words(_("%(provider)s disconnected", provider=provider), "link")
        case _other:
            return None


def _label(provider: str, labels: Mapping[str, str]) -> str:
    # The app may have another name for it by now, or none.
    return labels.get(provider, provider.replace("_", " ").title())


def _of_attempt(line: Line) -> Words:
    match line.name:
        case EventName.SIGN_IN_FAILED:
            title = _("Sign-in attempt with a wrong password")
        case EventName.SIGN_IN_REFUSED if line.data.get("code") == "user_banned":
            title = _("Sign-in refused while the account was banned")
        case EventName.SIGN_IN_REFUSED:
            title = _("Sign-in with the right password refused while it was locked")
        case EventName.SESSION_REVERIFICATION_FAILED if line.data.get("strategy") == "password":
            title = _("Attempt to confirm that it is you with a wrong password")
        case EventName.SESSION_REVERIFICATION_FAILED:
            title = _("Attempt to confirm that it is you with a wrong code")
        case EventName.VERIFICATION_FAILED:
            title = _wrong_code(line.data)
        case EventName.LIMIT_REACHED:
            title = _limit(line.data)
        case name:
            raise KeyError(name)
    return Words(title, "warning", warning=True)


def _wrong_code(data: dict[str, t.Any]) -> str:
    match data.get("purpose"):
        case "sign_in":
            return _("Sign-in attempt with a wrong code")
        case "password_reset":
            return _("Attempt to reset the password with a wrong code")
        case "email_address":
            return _("Wrong code for an email address")
        case "phone_number":
            return _("Wrong code for a phone number")
        case _other:
            return _("A wrong code was typed")


def _limit(data: dict[str, t.Any]) -> str:
    if str(data.get("purpose")).startswith("sign_in:"):
        return _("Too many sign-in attempts: paused for a while")
    return _("Too many attempts: paused for a while")
