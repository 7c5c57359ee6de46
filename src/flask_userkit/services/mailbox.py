"""The development mailbox, for the machine that it is on."""

from __future__ import annotations

from ..config import is_loopback
from ..delivery.mailbox import Mailbox
from ..delivery.mailbox import MailboxMessage as MailboxMessage
from ..errors import NotFoundError
from ..translations import gettext as _
from .kit import Kit


def local_messages(
    kit: Kit, *, address: str | None, host: str | None, forwarded: bool
) -> list[MailboxMessage]:
    """Return the kept messages, newest first.

    :param address: where the connection comes from.
    :param host: the name that was asked for; a foreign one may be a page elsewhere that had
        its own name point at this machine.
    :param forwarded: whether a proxy brings the request, and with it strangers.
    :raises NotFoundError: mail and texts are really sent, or the request is not from this machine.
    """
    local = not forwarded and is_loopback(address or "") and is_loopback(host or "")
    # One folder has both, so either sender knows all.
    senders = (kit.email_sender, kit.sms_sender)
    mailbox = next((sender for sender in senders if isinstance(sender, Mailbox)), None)
    if not local or mailbox is None:
        raise NotFoundError(_("There is nothing at this address."))
    return mailbox.messages()
