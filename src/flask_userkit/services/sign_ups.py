"""Sign-up: a person is asked for, an address is proven, then a user exists."""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..errors import ForbiddenError
from ..errors import FormError
from ..errors import FormErrors
from ..events import EventName
from ..models import Client
from ..models import EmailAddress
from ..models import SignUp
from ..models import User
from ..models import Verification
from ..security.addresses import Address
from ..security.addresses import username_key
from ..security.ids import new_id
from ..security.tokens import token_digest
from ..translations import gettext as _
from . import clients
from . import email_addresses
from . import events
from . import names
from . import outbox
from . import passwords
from . import sessions
from . import users
from . import verifications
from .database import lock_user
from .kit import Kit
from .kit import kit_of
from .limits import caller_network
from .metadata import parse_metadata
from .sessions import SignedIn
from .sign_ins import expired
from .verifications import Purpose

LIFETIME = dt.timedelta(minutes=30)

R = t.TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What a person typed to sign up."""

    email_address: str
    password: str | None = None
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    #: A JSON object, as a form brings it.
    unsafe_metadata: str = ""


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
    clean = _clean(kit, application)
    kit.limits.hit(
        {
            "sign_up:ip": caller_network(kit),
            "message:ip": caller_network(kit),
            "message:address": clean.address.key,
        }
    )
    if clean.username and _username_exists(kit, clean.username):
        raise names.username_taken()
    digest = passwords.hash_password(kit, clean.password) if clean.password else None
    taken = _address_exists(kit, clean.address)
    client, token = clients.ensure(db, token)
    db.execute(delete(SignUp).where(SignUp.client_id == client.id))
    verification = _verify(db, clean.address.address, client.id, taken=taken)
    now = kit.now()
    db.add(
        SignUp(
            id=new_id("sua"),
            client_id=client.id,
            email_address=clean.address.address,
            username=clean.username,
            first_name=clean.first_name,
            last_name=clean.last_name,
            password_digest=digest,
            unsafe_metadata=clean.unsafe_metadata,
            verification_id=verification.id,
            return_to=return_to,
            expire_at=now + LIFETIME,
            created_at=now,
        )
    )
    db.flush()
    events.emit(db, EventName.SIGN_UP_CREATED)
    return token


def refuse_if_off(kit: Kit) -> None:
    """Refuse where people are invited or created by the app only.

    :raises ForbiddenError: ``not_allowed_access``.
    """
    if not kit.config.sign_up:
        raise ForbiddenError(_("Nobody can sign up here."), code="not_allowed_access")


class Pending(t.NamedTuple):
    """A client's unfinished sign-up."""

    id: str
    client_id: str
    email_address: str
    verification_id: str
    return_to: str | None
    sent_at: dt.datetime


def pending(kit: Kit, token: str | None) -> Pending | None:
    """Return the unfinished sign-up of a client, or None."""
    if token is None:
        return None
    statement = (
        select(
            SignUp.id,
            SignUp.client_id,
            SignUp.email_address,
            SignUp.verification_id,
            SignUp.return_to,
            Verification.created_at,
        )
        .join(Client, Client.id == SignUp.client_id)
        .join(Verification, Verification.id == SignUp.verification_id)
        .where(Client.token_digest == token_digest(token), SignUp.expire_at > kit.now())
        .order_by(SignUp.id.desc())
        .limit(1)
    )
    with kit.database.reading() as connection:
        row = connection.execute(statement).one_or_none()
    return Pending(*row) if row else None


def attempt_code(db: Session, token: str | None, code: str) -> tuple[SignedIn, str | None]:
    """Complete a sign-up by its code: the user, the address and the first session.

    :raises FormError: ``form_code_incorrect``; ``form_identifier_exists`` where someone else
        proved the address or took the username meanwhile.
    :raises VerificationError: ``verification_expired``, ``verification_failed`` and the like.
    """
    found = _require_pending(kit_of(db), token)
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
        raise expired()
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
    found = _require_pending(kit, token)
    address = email_addresses.parse(found.email_address)
    kit.limits.hit({"message:ip": caller_network(kit), "message:address": address.key})
    taken = _address_exists(kit, address)
    attempts = verifications.replace(db, found.verification_id)
    verification = _verify(db, address.address, found.client_id, taken=taken, attempts=attempts)
    db.execute(
        update(SignUp)
        .where(SignUp.id == found.id)
        .values(verification_id=verification.id, expire_at=kit.now() + LIFETIME)
    )


@dataclass(frozen=True, slots=True)
class _Clean:
    address: Address
    password: str | None
    username: str | None
    first_name: str | None
    last_name: str | None
    unsafe_metadata: dict[str, t.Any]


def _clean(kit: Kit, application: Application) -> _Clean:
    config = kit.config
    errors: list[FormError] = []

    def collect(work: Callable[[], R]) -> R | None:
        try:
            return work()
        except FormError as error:
            errors.append(error)
            return None

    address = collect(lambda: email_addresses.parse(application.email_address))
    username = first_name = last_name = None
    if config.username != "off":
        username = collect(lambda: names.clean_username(application.username, config.username))
    if config.first_name != "off":
        first_name = collect(
            lambda: names.clean_name(application.first_name, "first_name", config.first_name)
        )
    if config.last_name != "off":
        last_name = collect(
            lambda: names.clean_name(application.last_name, "last_name", config.last_name)
        )
    password = application.password if config.password != "off" else None
    if password:
        chosen = password
        context = [application.email_address, username, first_name, last_name]
        collect(lambda: passwords.check(kit, chosen, context))
    elif config.password == "required":
        errors.append(FormError(_("Choose a password."), code="form_param_nil", param="password"))
    metadata = collect(lambda: parse_metadata(application.unsafe_metadata, "unsafe_metadata"))
    if errors or address is None:
        raise FormErrors(errors)
    return _Clean(address, password or None, username, first_name, last_name, metadata or {})


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


def _require_pending(kit: Kit, token: str | None) -> Pending:
    found = pending(kit, token)
    if found is None:
        raise expired()
    return found
