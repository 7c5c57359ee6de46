"""Sign-up: a person is asked for, an address is proven, then a user exists."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..errors import ForbiddenError
from ..events import EventName
from ..models import EmailAddress
from ..models import SignUp
from ..models import User
from ..models import Verification
from ..security.addresses import Address
from ..security.ids import new_id
from ..security.usernames import username_key
from ..translations import gettext as _
from . import clients
from . import email_addresses
from . import events
from . import names
from . import outbox
from . import passwords
from . import pending
from . import sessions
from . import users
from . import verifications
from .applications import Application
from .applications import judge
from .kit import Kit
from .kit import kit_of
from .limits import caller_network
from .locks import lock_user
from .purposes import Purpose
from .sessions import SignedIn

LIFETIME = dt.timedelta(minutes=30)


def create(
    db: Session, token: str | None, application: Application, *, return_to: str | None
) -> str:
    """Begin a sign-up, and return the client's token.

    A taken address goes the same way: its owner gets a notice in place of a code. A taken
    username is told, which is inherent.

    :raises FormErrors: every value that cannot be taken, at once.
    :raises ForbiddenError: ``not_allowed_access``: sign-up is off.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    refuse_if_off(kit)
    applicant = judge(kit, application)
    kit.limits.hit(
        {
            "sign_up:ip": caller_network(kit),
            "message:ip": caller_network(kit),
            "message:address": applicant.address.mailbox,
        }
    )
    if applicant.username and _username_exists(kit, applicant.username):
        raise names.username_taken()
    digest = passwords.hash_password(kit, applicant.password) if applicant.password else None
    taken = _address_exists(kit, applicant.address)
    client, token = clients.ensure(db, token)
    db.execute(delete(SignUp).where(SignUp.client_id == client.id))
    verification = _verify(db, applicant.address.address, client.id, taken=taken)
    now = kit.now()
    db.add(
        SignUp(
            id=new_id("sua"),
            client_id=client.id,
            email_address=applicant.address.address,
            username=applicant.username,
            first_name=applicant.first_name,
            last_name=applicant.last_name,
            password_digest=digest,
            unsafe_metadata=applicant.unsafe_metadata,
            verification_id=verification.id,
            return_to=return_to,
            expire_at=now + LIFETIME,
            created_at=now,
        )
    )
    db.flush()
    events.emit(db, EventName.SIGN_UP_REFUSED if taken else EventName.SIGN_UP_CREATED)
    return token


def refuse_if_off(kit: Kit) -> None:
    """Refuse where people are invited or created by the app only.

    :raises ForbiddenError: ``not_allowed_access``.
    """
    if not kit.config.sign_up:
        raise ForbiddenError(_("Nobody can sign up here."), code="not_allowed_access")


def pending_attempt(kit: Kit, token: str | None) -> pending.Pending | None:
    """Return the unfinished sign-up of a client, or None."""
    return pending.find(kit, token, SignUp)


def attempt_code(db: Session, token: str | None, code: str) -> tuple[SignedIn, str | None]:
    """Complete a sign-up by its code: the user, the address and the first session.

    :raises FormError: ``form_code_incorrect``; ``form_identifier_exists`` where someone else
        proved the address or took the username meanwhile.
    :raises VerificationError: ``verification_expired``, ``verification_failed`` and the like.
    """
    found = pending.require(kit_of(db), token, SignUp)
    proof = verifications.attempt(
        db,
        found.verification_id,
        purpose=Purpose.SIGN_UP,
        client_id=found.client_id,
        code=code,
    )
    verifications.consume(db, proof)
    sign_up = db.get(SignUp, found.id, with_for_update=True)
    if sign_up is None:
        raise pending.expired()
    user = users.insert_user(
        db,
        username=sign_up.username,
        first_name=sign_up.first_name,
        last_name=sign_up.last_name,
        password_digest=sign_up.password_digest,
        unsafe_metadata=sign_up.unsafe_metadata,
    )
    address = email_addresses.parse(proof.address)
    email_addresses.add_verified(db, user.id, address, primary=True)
    db.delete(sign_up)
    client, _token = clients.ensure(db, token)
    locked = lock_user(db, user.id)
    assert locked is not None
    return sessions.create(db, client, locked, "email_code"), found.return_to


def deliver_code(db: Session, token: str | None) -> None:
    """Send another code; the guesses that are used up stay used up.

    :raises RateLimitError: too soon, or too many.
    :raises VerificationError: there is no sign-up to go on with.
    """
    kit = kit_of(db)
    found = pending.require(kit, token, SignUp)
    address = email_addresses.parse(found.address)
    kit.limits.hit({"message:ip": caller_network(kit), "message:address": address.mailbox})
    taken = _address_exists(kit, address)
    attempts = verifications.replace(db, found.verification_id)
    verification = _verify(db, address.address, found.client_id, taken=taken, attempts=attempts)
    db.execute(
        update(SignUp)
        .where(SignUp.id == found.id)
        .values(verification_id=verification.id, expire_at=kit.now() + LIFETIME)
    )


def _verify(
    db: Session, address: str, client_id: str, *, taken: bool, attempts: int = 0
) -> Verification:
    verification = verifications.create(
        db,
        purpose=Purpose.SIGN_UP,
        address=address,
        client_id=client_id,
        real=not taken,
        attempts=attempts,
    )
    # One mail is written and one is not, whichever way it goes: the time tells nothing.
    outbox.send_mail(
        db,
        "sign_up_notice",
        address,
        real=taken,
        address=address,
        sign_in_url=f"{kit_of(db).base_url}{kit_of(db).config.url_prefix}/sign-in",
    )
    return verification


def _address_exists(kit: Kit, address: Address) -> bool:
    statement = select(EmailAddress.id).where(EmailAddress.verified_key == address.key)
    with kit.database.reading() as connection:
        return connection.execute(statement).one_or_none() is not None


def _username_exists(kit: Kit, username: str) -> bool:
    statement = select(User.id).where(User.username_key == username_key(username))
    with kit.database.reading() as connection:
        return connection.execute(statement).one_or_none() is not None
