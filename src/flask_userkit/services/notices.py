"""Notices: people are told, where they were reached before, what changed about them."""

from __future__ import annotations

import typing as t

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..events import EventDraft
from ..events import EventName
from ..models import EmailAddress
from ..models import PhoneNumber
from ..models import User
from ..translations import gettext as _
from . import outbox
from .kit import kit_of


class Before(t.NamedTuple):
    """What was true of a user before a change, for those who are to hear of it."""

    #: Where the user was reached.
    addresses: list[str]
    #: The primary phone number of who has no address.
    number: str | None
    #: The address, number or provider that the change is about.
    about: str | None = None


#: What the app does by itself is told to nobody.
NOBODY: t.Final = Before([], None)


def before(db: Session, user_id: str, about: str | None = None) -> Before:
    """Return who is to hear of a change that is about to be made.

    The caller holds the user's lock.

    :param about: the address or number that the change is about.
    """
    statement = select(
        EmailAddress.id, EmailAddress.email_address, EmailAddress.verified_key
    ).where(EmailAddress.user_id == user_id)
    # A locking read: in an app's own transaction MariaDB would show the addresses of when that
    # began, and one that was proven since would hear nothing.
    rows = db.execute(statement.order_by(EmailAddress.id).with_for_update(read=True)).all()
    addresses = [row.email_address for row in rows if row.verified_key is not None]
    return Before(addresses, None if addresses else _number(db, user_id), about)


def send(db: Session, draft: EventDraft, tell: Before) -> None:
    """Write one mail to each address, if people are told of such an event.

    Who has no address gets a text message.
    """
    kit = kit_of(db)
    words = _words(draft, tell.about)
    if words is None or not kit.config.notices:
        return
    title, sentence = words
    who = kit.caller()
    # Where somebody else acts, such as an administrator, it is not told from where.
    known = who.user_id in (None, draft.user_id) or draft.actor_id == draft.user_id
    url = f"{kit.base_url}{kit.config.url_prefix}"
    page = "security" if draft.name is EventName.DATA_EXPORT_CREATED else ""
    # Whoever got in without the password goes on with it; a reset puts them out.
    may_reset = draft.name is EventName.SESSION_CREATED and kit.config.password != "off"
    if tell.number is not None:
        # About nobody, as below. Who has an address is told there alone: a text message costs.
        outbox.send_sms(db, "notice", tell.number, title=title, sentence=sentence)
    for address in tell.addresses:
        # About nobody: what waits is not taken back when who got in deletes the account as well.
        outbox.send_mail(
            db,
            "notice",
            address,
            event=draft.name.value,
            title=title,
            sentence=sentence,
            time=kit.now().isoformat(),
            ip_address=who.ip_address if known else None,
            user_agent=who.user_agent if known else None,
            account_url=None if draft.name is EventName.USER_DELETED else f"{url}/{page}",
            reset_url=f"{url}/password-reset" if may_reset else None,
        )


def _number(db: Session, user_id: str) -> str | None:
    if kit_of(db).config.phone_number == "off":
        return None
    primary = select(PhoneNumber.phone_number).join(
        User, User.primary_phone_number_id == PhoneNumber.id
    )
    mine = (User.id == user_id, PhoneNumber.verified_key.is_not(None))
    return db.execute(primary.where(*mine).with_for_update(read=True)).scalar_one_or_none()


def _words(draft: EventDraft, address: str | None) -> tuple[str, str] | None:
    """Return the title and the sentence of the events that people are told of."""
    match draft.name:
        case EventName.PASSWORD_CREATED:
            return _("A password was set"), _("One signs in to your account with a password now.")
        case EventName.PASSWORD_CHANGED:
            return _("Your password was changed"), _("Your account has a new password.")
        case EventName.PASSWORD_RESET:
            return (
                _("Your password was reset"),
                _(
                    "Your account has a new password, and nobody is signed in with the old one any"
                    " more. One signs in to it with: %(addresses)s.",
                    addresses=address,
                ),
            )
        case EventName.PASSWORD_REMOVED:
            return (
                _("Your password was removed"),
                _("Nobody signs in to your account with a password any more."),
            )
        case EventName.SESSION_CREATED:
            return (
                _("New sign-in to your account"),
                _("Somebody has signed in to your account in a browser that is not known."),
            )
        case EventName.USERNAME_UPDATED:
            return _("Your username was changed"), _("Your account has a new username.")
        case EventName.USERNAME_REMOVED:
            return (
                _("Your username was removed"),
                _("Nobody signs in to your account with a username any more."),
            )
        case EventName.EMAIL_ADDRESS_VERIFIED:
            return (
                _("An email address was added"),
                _("%(address)s belongs to your account now.", address=address),
            )
        case EventName.EMAIL_ADDRESS_UPDATED if draft.data.get("primary"):
            return (
                _("Your primary email address was changed"),
                _("%(address)s is the primary address of your account now.", address=address),
            )
        # One that was never proven could neither sign in nor hear anything.
        case EventName.EMAIL_ADDRESS_DELETED if draft.data.get("verified"):
            return (
                _("An email address was removed"),
                _("%(address)s does not belong to your account any more.", address=address),
            )
        case EventName.PHONE_NUMBER_VERIFIED:
            return (
                _("A phone number was added"),
                _("%(address)s belongs to your account now.", address=address),
            )
        case EventName.PHONE_NUMBER_UPDATED if draft.data.get("primary"):
            return (
                _("Your primary phone number was changed"),
                _("%(address)s is the primary phone number of your account now.", address=address),
            )
        case EventName.PHONE_NUMBER_DELETED if draft.data.get("verified"):
            return (
                _("A phone number was removed"),
                _("%(address)s does not belong to your account any more.", address=address),
            )
        case EventName.EXTERNAL_ACCOUNT_CONNECTED:
            return (
                _("An account was connected"),
                _("One signs in to your account with %(provider)s now.", provider=address),
            )
        case EventName.EXTERNAL_ACCOUNT_DISCONNECTED:
            return (
                _("An account was disconnected"),
                _(
                    "Nobody signs in to your account with that %(provider)s account any more.",
                    provider=address,
                ),
            )
        case EventName.DATA_EXPORT_CREATED:
            return (
                _("A copy of your data was asked for"),
                _("Whoever is signed in to your account can download it for a day."),
            )
        case EventName.USER_DELETED:
            return (
                _("Your account was deleted"),
                _("Your account is gone, and all that was in it."),
            )
        case _other:
            return None
