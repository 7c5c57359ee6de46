"""What people do about their email addresses and phone numbers, at the services."""

from __future__ import annotations

import re

from flask_userkit import UserKit
from flask_userkit.delivery.mailbox import MailboxMessage
from flask_userkit.models import Session
from flask_userkit.models import User
from flask_userkit.services import email_links
from flask_userkit.services import own_identifiers
from flask_userkit.services.email_addresses import EMAIL_ADDRESS
from flask_userkit.services.email_links import Link
from flask_userkit.services.identifier_kinds import IdentifierKind
from flask_userkit.services.identifier_rows import IdentifierRow
from flask_userkit.services.identifier_rows import rows
from flask_userkit.services.identity import Identity
from flask_userkit.services.identity import identify
from tests.rig.recorder import record
from tests.services.acts import Post
from tests.services.acts import retried
from tests.services.acts import sign_up
from tests.services.kinds import new_of

Kits = UserKit[User]
#: Well formed, and nobody's.
CODE = "000000"


def somebody(
    userkit: Kits, post: Post, address: str | None = None, kind: IdentifierKind = EMAIL_ADDRESS
) -> Identity:
    """Sign somebody up, and return who they are in their browser."""
    return who(userkit, sign_up(userkit, post, address or new_of(kind)).signed_in.token)


def who(userkit: Kits, token: str) -> Identity:
    """Return who a browser's token stands for."""
    identity = identify(userkit.kit, token)
    assert identity is not None
    return identity


@retried
def confirm(userkit: Kits, identity: Identity) -> None:
    """Prove once more who one is, in this session."""
    with userkit.transaction() as db:
        db.get_one(Session, identity.session_id).first_factor_verified_at = userkit.clock()


@retried
def add(
    userkit: Kits, identity: Identity, address: str, kind: IdentifierKind = EMAIL_ADDRESS
) -> str:
    """Add an address or a number, and return its id."""
    with userkit.transaction() as db:
        return own_identifiers.create(db, kind, identity, address)


@retried
def resend(
    userkit: Kits, identity: Identity, id: str, kind: IdentifierKind = EMAIL_ADDRESS
) -> None:
    """Ask for another code or link."""
    with userkit.transaction() as db:
        own_identifiers.prepare_verification(db, kind, identity, id)


@retried
def verify(
    userkit: Kits, identity: Identity, id: str, code: str, kind: IdentifierKind = EMAIL_ADDRESS
) -> None:
    """Type the code."""
    with userkit.transaction() as db:
        own_identifiers.attempt_verification(db, kind, identity, id, code)


def own(
    userkit: Kits,
    post: Post,
    identity: Identity,
    address: str,
    kind: IdentifierKind = EMAIL_ADDRESS,
) -> str:
    """Add an address or a number, and prove it."""
    added = add(userkit, identity, address, kind)
    verify(userkit, identity, added, post.code(address), kind)
    return added


@retried
def set_primary(
    userkit: Kits, identity: Identity, id: str, kind: IdentifierKind = EMAIL_ADDRESS
) -> None:
    """Make an address or a number the primary one."""
    with userkit.transaction() as db:
        own_identifiers.set_primary(db, kind, identity, id)


@retried
def remove(
    userkit: Kits, identity: Identity, id: str, kind: IdentifierKind = EMAIL_ADDRESS
) -> None:
    """Remove an address or a number."""
    with userkit.transaction() as db:
        own_identifiers.remove(db, kind, identity, id)


@retried
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


def listed(
    userkit: Kits, identity: Identity, kind: IdentifierKind = EMAIL_ADDRESS
) -> list[IdentifierRow]:
    """Return what the account page lists."""
    return rows(userkit.kit, kind, identity.user_id, identity.client_id)


def mails_to(post: Post, address: str) -> list[MailboxMessage]:
    """Return the mails to an address, newest first."""
    return [mail for mail in post.all() if mail.to == address]
