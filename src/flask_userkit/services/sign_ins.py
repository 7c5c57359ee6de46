"""Sign-in: by password at once, or by a code over two requests; known and unknown alike."""

from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..errors import FormError
from ..events import EventDraft
from ..events import EventName
from ..models import EmailAddress
from ..models import SignIn
from ..models import User
from ..models import Verification
from ..security.addresses import mailbox_of
from ..security.addresses import parse_email_address
from ..security.ids import new_id
from ..security.text import is_plain
from ..security.usernames import username_key
from ..translations import gettext as _
from . import clients
from . import passwords
from . import pending
from . import sessions
from . import verifications
from .kit import Kit
from .kit import kit_of
from .limits import caller_network
from .locks import lock_user
from .purposes import Purpose
from .sessions import SignedIn

LIFETIME = dt.timedelta(minutes=10)
MAX_IDENTIFIER = 254


def attempt_password(db: Session, token: str | None, *, identifier: str, password: str) -> SignedIn:
    """Sign in by an identifier and a password.

    :param token: the client's token, if it has one.
    :raises FormError: ``form_password_or_identifier_incorrect``: one answer for a wrong
        password and an unknown identifier, after the same work.
    :raises ForbiddenError: ``user_banned``, only to someone who gave the right password.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    identifier = clean_identifier(identifier)
    if not password:
        raise FormError(_("Enter your password."), code="form_param_nil", param="password")
    network = caller_network(kit)
    account = _account_key(identifier)
    hit = kit.limits.hit(
        {
            "sign_in:ip": network,
            "sign_in:account_ip": f"{account} {network}",
            "sign_in:account": account,
        }
    )
    found = _find(kit, identifier)
    digest = found.password_digest if found else None
    if not passwords.verify(kit, digest, password) or found is None or digest is None:
        raise _incorrect(found)
    hit.forgive()
    better = passwords.hash_password(kit, password) if kit.passwords.needs_rehash(digest) else None
    user = lock_user(db, found.user_id)
    if user is None or user.password_digest != digest:
        # Changed or deleted since it was read: what was proven is no longer the password.
        raise _incorrect(found)
    if better is not None:
        db.execute(update(User).where(User.id == found.user_id).values(password_digest=better))
    client, _token = clients.ensure(db, token)
    return sessions.create(db, client, user, "password")


def prepare_code(db: Session, token: str | None, *, identifier: str, return_to: str | None) -> str:
    """Begin a sign-in by a code, and return the client's token.

    Known and unknown identifiers go the same way and leave the same rows.

    :raises FormError: nothing, or nonsense, was typed.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    identifier = clean_identifier(identifier)
    mailbox = mailbox_of(_account_key(identifier))
    kit.limits.hit({"message:ip": caller_network(kit), "message:address": mailbox})
    found = _find(kit, identifier)
    if not _is_there(db, found):
        found = None
    client, token = clients.ensure(db, token)
    db.execute(delete(SignIn).where(SignIn.client_id == client.id))
    verification = _verify(db, identifier, client.id, found)
    now = kit.now()
    sign_in = SignIn(
        id=new_id("sia"),
        client_id=client.id,
        user_id=found.user_id if found else None,
        identifier=identifier,
        verification_id=verification.id,
        return_to=return_to,
        expire_at=now + LIFETIME,
        created_at=now,
    )
    db.add(sign_in)
    db.flush()
    return token


def pending_attempt(kit: Kit, token: str | None) -> pending.Pending | None:
    """Return the unfinished sign-in of a client, or None."""
    return pending.find(kit, token, SignIn)


def attempt_code(db: Session, token: str | None, code: str) -> tuple[SignedIn, str | None]:
    """Sign in by the code, and return what that leaves and where to go.

    :raises FormError: ``form_code_incorrect``.
    :raises VerificationError: ``verification_expired``, also where the address is no longer the
        user's; ``verification_failed`` and the like.
    """
    sign_in = pending.require(kit_of(db), token, SignIn)
    proof = verifications.attempt(
        db,
        sign_in.verification_id,
        purpose=Purpose.SIGN_IN,
        client_id=sign_in.client_id,
        code=code,
    )
    assert proof.user_id is not None
    user = lock_user(db, proof.user_id)
    if user is None or not _is_theirs(db, user.id, proof.address):
        raise pending.expired()
    verifications.consume(db, proof)
    client, _token = clients.ensure(db, token)
    db.execute(delete(SignIn).where(SignIn.client_id == client.id))
    return sessions.create(db, client, user, "email_code"), sign_in.return_to


def deliver_code(db: Session, token: str | None) -> None:
    """Send another code; the guesses that are used up stay used up.

    :raises RateLimitError: too soon, or too many.
    :raises VerificationError: there is no sign-in to go on with.
    """
    kit = kit_of(db)
    sign_in = pending.require(kit, token, SignIn)
    mailbox = mailbox_of(_account_key(sign_in.address))
    kit.limits.hit({"message:ip": caller_network(kit), "message:address": mailbox})
    found = _find(kit, sign_in.address)
    if not _is_there(db, found):
        found = None
    attempts = verifications.replace(db, sign_in.verification_id)
    verification = _verify(db, sign_in.address, sign_in.client_id, found, attempts=attempts)
    db.execute(
        update(SignIn)
        .where(SignIn.id == sign_in.id)
        .values(verification_id=verification.id, expire_at=kit.now() + LIFETIME)
    )


def clean_identifier(value: str) -> str:
    """Return what was typed as an identifier.

    :raises FormError: ``form_param_nil`` or ``form_param_format_invalid``.
    """
    value = value.strip()
    if not value:
        raise FormError(
            _("Enter your email address or username."), code="form_param_nil", param="identifier"
        )
    if len(value) > MAX_IDENTIFIER or not is_plain(value):
        raise FormError(
            _("This is not an email address or username."),
            code="form_param_format_invalid",
            param="identifier",
        )
    return value


class _Found(t.NamedTuple):
    user_id: str
    password_digest: str | None
    email_address: str | None


def _find(kit: Kit, identifier: str) -> _Found | None:
    address = parse_email_address(identifier)
    statement = select(User.id, User.password_digest, EmailAddress.email_address)
    if address is not None:
        statement = statement.join(EmailAddress, EmailAddress.user_id == User.id).where(
            EmailAddress.verified_key == address.key
        )
    else:
        statement = statement.outerjoin(
            EmailAddress, EmailAddress.id == User.primary_email_address_id
        ).where(User.username_key == username_key(identifier))
    with kit.database.reading() as connection:
        row = connection.execute(statement).one_or_none()
    return _Found(*row) if row else None


def _is_there(db: Session, found: _Found | None) -> bool:
    # Locked, since the user may be deleted meanwhile; the unknown are looked for as well, in
    # the same time.
    return lock_user(db, found.user_id if found else "") is not None


def _is_theirs(db: Session, user_id: str, email_address: str) -> bool:
    """Tell whether an address is one that a user has proven; the caller holds their lock."""
    address = parse_email_address(email_address)
    if address is None:
        return False
    # A code may have been made as its address was being given up: it would let in whoever reads
    # that mailbox now. A locking read: in an app's own transaction MariaDB would show what was
    # there at its start.
    statement = select(EmailAddress.id).where(
        EmailAddress.verified_key == address.key, EmailAddress.user_id == user_id
    )
    return db.execute(statement.with_for_update(read=True)).first() is not None


def _verify(
    db: Session, identifier: str, client_id: str, found: _Found | None, *, attempts: int = 0
) -> Verification:
    known = found is not None and found.email_address is not None
    return verifications.create(
        db,
        purpose=Purpose.SIGN_IN,
        address=(found.email_address if found else None) or identifier,
        client_id=client_id,
        user_id=found.user_id if found else None,
        real=known,
        attempts=attempts,
    )


def _account_key(identifier: str) -> str:
    address = parse_email_address(identifier)
    return address.key if address else username_key(identifier)


def _incorrect(found: _Found | None) -> FormError:
    return FormError(
        _("That email address or username and password do not go together."),
        code="form_password_or_identifier_incorrect",
    ).audited(
        EventDraft(
            EventName.SIGN_IN_FAILED, found.user_id if found else None, {"strategy": "password"}
        )
    )
