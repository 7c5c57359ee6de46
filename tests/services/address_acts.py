"""What people do about their email addresses, at the services."""

from __future__ import annotations

import re

from flask_userkit import UserKit
from flask_userkit.delivery.mailbox import MailboxMessage
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.services import email_links
from flask_userkit.services import own_email_addresses
from flask_userkit.services.email_address_rows import EmailAddressRow
from flask_userkit.services.email_address_rows import rows
from flask_userkit.services.email_links import Link
from flask_userkit.services.identity import Identity
from flask_userkit.services.identity import identify
from tests.rig.recorder import record
from tests.services.acts import Post
from tests.services.acts import sign_up

Kits = UserKit[User]
#: Well formed, and nobody's.
CODE = "000000"


def somebody(userkit: Kits, post: Post, address: str | None = None) -> Identity:
    """Sign somebody up, and return who they are in their browser."""
    return who(userkit, sign_up(userkit, post, address).signed_in.token)


def who(userkit: Kits, token: str) -> Identity:
    """Return who a browser's token stands for."""
    identity = identify(userkit.kit, token)
    assert identity is not None
    return identity


def confirm(userkit: Kits, identity: Identity) -> None:
    """Prove once more who one is, in this session."""
    with userkit.transaction() as db:
        db.get_one(Session, identity.session_id).first_factor_verified_at = userkit.clock()


def add(userkit: Kits, identity: Identity, address: str) -> str:
    """Add an address, and return its id."""
    with userkit.transaction() as db:
        return own_email_addresses.create_email_address(db, identity, address)


def resend(userkit: Kits, identity: Identity, email_address_id: str) -> None:
    """Ask for another code or link."""
    with userkit.transaction() as db:
        own_email_addresses.prepare_verification(db, identity, email_address_id)


def verify(userkit: Kits, identity: Identity, email_address_id: str, code: str) -> None:
    """Type the code."""
    with userkit.transaction() as db:
        own_email_addresses.attempt_verification(db, identity, email_address_id, code)


def own(userkit: Kits, post: Post, identity: Identity, address: str) -> str:
    """Add an address and prove it."""
    email_address_id = add(userkit, identity, address)
    verify(userkit, identity, email_address_id, post.code(address))
    return email_address_id


def set_primary(userkit: Kits, identity: Identity, email_address_id: str) -> None:
    """Make an address the primary one."""
    with userkit.transaction() as db:
        own_email_addresses.set_primary(db, identity, email_address_id)


def remove(userkit: Kits, identity: Identity, email_address_id: str) -> None:
    """Remove an address."""
    with userkit.transaction() as db:
        own_email_addresses.remove_email_address(db, identity, email_address_id)


def open_link(userkit: Kits, token: str) -> Link:
    """Press the button of a link's page."""
    with userkit.transaction() as db:
        return email_links.attempt_link(db, token)


def link_of(mail: MailboxMessage) -> str:
    """Return the token of a link in a mail."""
    token = re.search(r"[?&]token=(\S+)", mail.text)
    assert token is not None, mail.text
    record("token", token[1], token[1].partition(".")[2])
    return token[1]


def listed(userkit: Kits, identity: Identity) -> list[EmailAddressRow]:
    """Return what the account page lists."""
    return rows(userkit.kit, identity.user_id, identity.client_id)


def mails_to(post: Post, address: str) -> list[MailboxMessage]:
    """Return the mails to an address, newest first."""
    return [mail for mail in post.all() if mail.to == address]
