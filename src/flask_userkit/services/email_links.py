"""Links that prove an address: opened in any browser, and worth nothing before its button."""

from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import exists
from sqlalchemy import false
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import AuthenticationError
from ..errors import VerificationError
from ..models import EmailAddress
from ..models import User
from ..models import Verification
from ..security.ids import new_id
from ..security.text import is_plain
from ..security.tokens import is_token
from ..security.tokens import new_token
from ..translations import gettext as _
from . import identifier_proofs
from . import outbox
from . import sessions
from .email_addresses import EMAIL_ADDRESS
from .kit import Kit
from .kit import kit_of
from .limits import caller_network
from .purposes import Purpose
from .reverification import Who
from .verifications import LIFETIME
from .verifications import Proof

_KEY = "verification link"
STRATEGY: t.Final = "email_link"
#: No token of a link is longer.
TOKEN_LENGTH: t.Final = 128
Status = t.Literal["verified", "pending", "expired"]


class Link(t.NamedTuple):
    """What a link says to who opens it."""

    email_address: str
    #: The account that it adds the address to, so far shown that its owner knows it.
    account: str
    email_address_id: str
    user_id: str
    expire_at: dt.datetime


def create(
    db: Session,
    *,
    purpose: Purpose,
    address: str,
    client_id: str,
    user_id: str,
    identifier_id: str,
    real: bool,
    attempts: int,
) -> Verification:
    """Make a link for an address and send it.

    :param real: False goes the same way and sends nothing; its link is nobody's.
    """
    kit = kit_of(db)
    now = kit.now()
    verification_id = new_id("ver")
    token = f"{verification_id}.{new_token()}"
    verification = Verification(
        id=verification_id,
        purpose=purpose.value,
        strategy=STRATEGY,
        client_id=client_id,
        user_id=user_id,
        email_address_id=identifier_id,
        address=address,
        code_digest=kit.keys.mac(_KEY, token if real else new_id("none")),
        attempts=attempts,
        expire_at=now + LIFETIME,
        created_at=now,
    )
    db.add(verification)
    db.flush()
    outbox.send_mail(
        db,
        "email_address_link",
        address,
        user_id=user_id,
        real=real,
        address=address,
        link=f"{kit.base_url}{kit.config.url_prefix}/email-addresses/verification?token={token}",
        minutes=LIFETIME.seconds // 60,
        ip_address=kit.caller().ip_address,
    )
    return verification


def read_link(kit: Kit, token: str) -> Link:
    """Return what a link is about, and change nothing: mail programs open links by themselves.

    :raises VerificationError: ``verification_link_token_invalid``: also once the session that
        asked for it is over; ``verification_link_token_expired``, or
        ``verification_already_verified``: it was used, or a newer one was sent.
    """
    return _find(kit, token)[0]


def attempt_link(db: Session, token: str) -> Link:
    """Prove an address by the link that was sent to it; nobody is signed in by that.

    :raises VerificationError: as of ``read_link``.
    :raises UserKitError: ``identification_claimed``: somebody else proved it first.
    :raises NotFoundError: ``resource_not_found``: it was removed meanwhile.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    _refuse_long(token)
    hit = kit.limits.hit({"verification:ip": caller_network(kit)})
    link, proof = _find(kit, token)
    hit.forgive()
    try:
        identifier_proofs.complete(db, EMAIL_ADDRESS, link.user_id, link.email_address_id, proof)
    except AuthenticationError as error:
        raise _invalid() from error
    return link


def is_good_at(client_id: str, strategy: str | None, asked_at: str | None) -> bool:
    """Tell whether what was sent works at a client: a link in any, a code where it was asked for.

    :param strategy: of what was sent.
    :param asked_at: the client that asked for it.
    """
    return strategy == STRATEGY or asked_at == client_id


def link_status(kit: Kit, who: Who, email_address_id: str) -> Status:
    """Return how far an address of one's own is, for the page that waits for its link.

    :raises NotFoundError: ``resource_not_found``: there is none, or it is not one's own.
    """
    statement = (
        select(EmailAddress.verified_key, Verification.expire_at)
        .outerjoin(
            Verification,
            (Verification.email_address_id == EmailAddress.id)
            & (Verification.purpose == Purpose.EMAIL_ADDRESS.value)
            & Verification.consumed_at.is_(None),
        )
        .where(
            EmailAddress.id == (email_address_id if is_plain(email_address_id) else ""),
            EmailAddress.user_id == who.user_id,
        )
    )
    with kit.database.reading() as connection:
        row = connection.execute(statement).first()
    if row is None:
        raise EMAIL_ADDRESS.not_found()
    if row.verified_key is not None:
        return "verified"
    return "pending" if row.expire_at is not None and row.expire_at > kit.now() else "expired"


def _find(kit: Kit, token: str) -> tuple[Link, Proof]:
    _refuse_long(token)
    verification_id, _dot, secret = token.partition(".")
    lives = sessions.lives(kit, Verification.user_id, Verification.client_id)
    asked_by = exists().where(lives) & (User.banned == false())
    statement = (
        select(
            Verification.id,
            Verification.code_digest,
            Verification.address,
            Verification.consumed_at,
            Verification.expire_at,
            Verification.user_id,
            Verification.email_address_id,
            Verification.client_id,
            User.username,
            EmailAddress.email_address,
            asked_by.label("is_alive"),
        )
        .join(User, User.id == Verification.user_id)
        .outerjoin(EmailAddress, EmailAddress.id == User.primary_email_address_id)
        .where(
            Verification.id == verification_id,
            Verification.purpose == Purpose.EMAIL_ADDRESS.value,
            Verification.strategy == STRATEGY,
            # That of an address that was removed is nobody's.
            Verification.email_address_id.is_not(None),
        )
    )
    row = None
    if is_token(secret) and is_plain(verification_id):
        with kit.database.reading() as connection:
            row = connection.execute(statement).one_or_none()
    if row is None or not kit.keys.verify_mac(_KEY, token, row.code_digest):
        raise _invalid()
    if not row.is_alive:
        # First: what ends a session ends what waits as well, and there is no newer link.
        raise _invalid()
    if row.consumed_at is not None:
        raise VerificationError(
            _("This link has been used or replaced. Use the newest one."),
            code="verification_already_verified",
        )
    if row.expire_at <= kit.now():
        raise VerificationError(
            _("This link is too old. Ask for a new one."), code="verification_link_token_expired"
        )
    account = row.username or _masked(row.email_address or "")
    link = Link(row.address, account, row.email_address_id, row.user_id, row.expire_at)
    return link, Proof(row.id, row.address, row.user_id, row.client_id)


def _refuse_long(token: str) -> None:
    # Anybody may send a megabyte: it is neither walked nor handed to the database.
    if len(token) > TOKEN_LENGTH:
        raise _invalid()


def _invalid() -> VerificationError:
    return VerificationError(
        _("This link does not work. Ask for a new one."), code="verification_link_token_invalid"
    )


def _masked(address: str) -> str:
    """Return an address that its owner knows again: a link may reach a stranger by a slip."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}" if local else ""
