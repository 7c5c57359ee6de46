"""Notices: people are told by mail, where they were reached before, what changed about them."""

from __future__ import annotations

import typing as t

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..events import EventDraft
from ..events import EventName
from ..models import EmailAddress
from ..translations import gettext as _
from . import outbox
from .kit import kit_of


class Before(t.NamedTuple):
    """What was true of a user before a change, for those who are to hear of it."""

    #: Where the user was reached.
    addresses: list[str]
    #: The address that the change is about.
    email_address: str | None = None


#: What the app does by itself is told to nobody.
NOBODY: t.Final = Before([])


def before(db: Session, user_id: str, email_address_id: str | None = None) -> Before:
    """Return who is to hear of a change that is about to be made.

    The caller holds the user's lock.

    :param email_address_id: the address that the change is about.
    """
    statement = select(
        EmailAddress.id, EmailAddress.email_address, EmailAddress.verified_key
    ).where(EmailAddress.user_id == user_id)
    # A locking read: in an app's own transaction MariaDB would show the addresses of when that
    # began, and one that was proven since would hear nothing.
    rows = db.execute(statement.order_by(EmailAddress.id).with_for_update(read=True)).all()
    about = next((row.email_address for row in rows if row.id == email_address_id), None)
    return Before([row.email_address for row in rows if row.verified_key is not None], about)


def send(db: Session, draft: EventDraft, tell: Before) -> None:
    """Write one mail to each address, if people are told of such an event."""
    kit = kit_of(db)
    words = _words(draft, tell.email_address)
    if words is None or not kit.config.notices:
        return
    title, sentence = words
    who = kit.caller()
    # Where somebody else acts, such as an administrator, it is not told from where.
    known = who.user_id in (None, draft.user_id)
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
            account_url=None
            if draft.name is EventName.USER_DELETED
            else f"{kit.base_url}{kit.config.url_prefix}/",
        )


def _words(draft: EventDraft, address: str | None) -> tuple[str, str] | None:
    """Return the title and the sentence of the events that people are told of."""
    match draft.name:
        case EventName.PASSWORD_CHANGED:
            return _("Your password was changed"), _("Your account has a new password.")
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
        case EventName.USER_DELETED:
            return (
                _("Your account was deleted"),
                _("Your account is gone, and all that was in it."),
            )
        case _other:
            return None
