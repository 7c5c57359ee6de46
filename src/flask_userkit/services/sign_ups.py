"""Sign-up: a person is asked for, what they sign in with is proven, then a user exists."""

from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..errors import ForbiddenError
from ..events import EventName
from ..models import SignUp
from ..models import User
from ..security.ids import new_id
from ..security.usernames import username_key
from ..translations import gettext as _
from . import clients
from . import events
from . import names
from . import newcomers
from . import oauth_proofs
from . import passwords
from . import pending
from . import sessions
from . import sign_up_proofs
from . import verifications
from .applications import KINDS
from .applications import Applicant
from .applications import Application
from .applications import judge
from .identifier_kinds import IdentifierKind
from .identifier_kinds import Typed
from .kit import Kit
from .kit import kit_of
from .limits import caller_network
from .newcomers import Newcomer
from .oauth_proofs import Proof
from .purposes import Purpose
from .sessions import SignedIn
from .sign_up_proofs import Asked

LIFETIME = dt.timedelta(minutes=30)


class _Came(t.NamedTuple):
    """What somebody came with from a provider, if they did."""

    proof: Proof | None = None
    image: bytes | None = None


def create(
    db: Session, token: str | None, application: Application, *, return_to: str | None
) -> str:
    """Begin a sign-up, and return the client's token.

    A taken address or number goes the same way: its owner gets a notice in place of a code. A
    taken username is told, which is inherent.

    :raises FormErrors: every value that cannot be taken, at once.
    :raises ForbiddenError: ``not_allowed_access``: sign-up is off.
    :raises RateLimitError: ``too_many_requests``.
    """
    kit = kit_of(db)
    refuse_if_off(kit)
    if not kit.config.form_sign_in:
        raise ForbiddenError(_("Sign up with a provider here."), code="strategy_disabled")
    applicant = judge(kit, application)
    first = Asked(*applicant.identifiers[0])
    kit.limits.hit({"sign_up:ip": caller_network(kit)})
    refuse_if_taken(kit, applicant.username)
    if applicant.password:
        passwords.check_breaches(kit, applicant.password)
    kit.limits.hit(sign_up_proofs.counted(kit, first))
    digest = passwords.hash_password(kit, applicant.password) if applicant.password else None
    return begin(db, token, applicant, return_to=return_to, password_digest=digest)


def begin(
    db: Session,
    token: str | None,
    applicant: Applicant,
    *,
    return_to: str | None,
    password_digest: str | None = None,
    proven_address: Typed | None = None,
    payload: str | None = None,
) -> str:
    """Write a sign-up that was judged, send what proves it, and return the client's token.

    :param proven_address: an address that needs no proof any more.
    :param payload: the account at a provider that it began with, encrypted.
    """
    kit = kit_of(db)
    first = Asked(*applicant.identifiers[0])
    owner_id = sign_up_proofs.owner_id(kit, first)
    client, token = clients.ensure(db, token)
    db.execute(delete(SignUp).where(SignUp.client_id == client.id))
    verification = sign_up_proofs.verify(db, first, client.id, taken=owner_id is not None)
    now = kit.now()
    values = {kind.name: typed.value for kind, typed in applicant.identifiers}
    if proven_address is not None:
        values["email_address"] = proven_address.value
    db.add(
        SignUp(
            id=new_id("sua"),
            client_id=client.id,
            username=applicant.username,
            first_name=applicant.first_name,
            last_name=applicant.last_name,
            password_digest=password_digest,
            unsafe_metadata=applicant.unsafe_metadata,
            verification_id=verification.id,
            payload=payload,
            return_to=return_to,
            expire_at=now + LIFETIME,
            created_at=now,
            email_address_verified_at=now if proven_address else None,
            **values,
        )
    )
    db.flush()
    happened = EventName.SIGN_UP_REFUSED if owner_id else EventName.SIGN_UP_CREATED
    events.emit(db, happened, owner_id)
    return token


def refuse_if_off(kit: Kit) -> None:
    """Refuse where people are invited or created by the app only.

    :raises ForbiddenError: ``not_allowed_access``.
    """
    if not kit.config.sign_up:
        raise ForbiddenError(_("Nobody can sign up here."), code="not_allowed_access")


def refuse_if_taken(kit: Kit, username: str | None) -> None:
    """Refuse a username before a message is counted: what sends none uses up nobody's.

    :raises FormError: ``form_identifier_exists``.
    """
    if username and _username_exists(kit, username):
        raise names.username_taken()


def pending_attempt(kit: Kit, token: str | None) -> pending.Pending | None:
    """Return the unfinished sign-up of a client, or None."""
    return pending.find(kit, token, Purpose.SIGN_UP)


def attempt_code(
    db: Session, token: str | None, code: str, *, device: str = ""
) -> tuple[SignedIn | None, str | None]:
    """Prove what a code was sent to; with the last of it the sign-up is complete.

    :param device: the browser's cookie of known devices, if it has one.
    :return: the first session, and where to go; no session while something is to be proven.
    :raises FormError: ``form_code_incorrect``; ``form_identifier_exists`` where someone else
        proved the address or took the username meanwhile.
    :raises RateLimitError: ``too_many_requests``, also where another code has to be sent.
    :raises VerificationError: ``verification_expired``, ``verification_failed`` and the like.
    """
    kit = kit_of(db)
    sessions.prepare(kit)
    found = pending.require(kit, token, Purpose.SIGN_UP)
    proof = verifications.attempt(
        db,
        found.verification_id,
        purpose=Purpose.SIGN_UP,
        client_id=found.client_id,
        code=code,
    )
    following = _following(kit, found)
    came = _Came() if following else _came_with(kit, found)
    taken = False
    if following is not None:
        kit.limits.hit(sign_up_proofs.counted(kit, following))
        taken = sign_up_proofs.owner_id(kit, following) is not None
    verifications.consume(db, proof)
    sign_up = db.get(SignUp, found.id, with_for_update=True)
    if sign_up is None:
        raise pending.expired()
    setattr(sign_up, f"{_kind_of(found).name}_verified_at", kit.now())
    if following is not None:
        verification = sign_up_proofs.verify(db, following, found.client_id, taken=taken)
        sign_up.verification_id = verification.id
        sign_up.expire_at = kit.now() + LIFETIME
        db.flush()
        return None, found.return_to
    return _complete(db, token, sign_up, came, device), found.return_to


def deliver_code(db: Session, token: str | None) -> None:
    """Send another code; the guesses that are used up stay used up.

    :raises RateLimitError: too soon, or too many.
    :raises VerificationError: there is no sign-up to go on with.
    """
    kit = kit_of(db)
    found = pending.require(kit, token, Purpose.SIGN_UP)
    asked = sign_up_proofs.asked(_kind_of(found), found.address)
    kit.limits.hit(sign_up_proofs.counted(kit, asked))
    taken = sign_up_proofs.owner_id(kit, asked) is not None
    attempts = verifications.replace(db, found.verification_id)
    verification = sign_up_proofs.verify(db, asked, found.client_id, taken=taken, attempts=attempts)
    db.execute(
        update(SignUp)
        .where(SignUp.id == found.id)
        .values(verification_id=verification.id, expire_at=kit.now() + LIFETIME)
    )


def _complete(
    db: Session, token: str | None, sign_up: SignUp, came: _Came, device: str
) -> SignedIn:
    proven = [kind for kind in KINDS if getattr(sign_up, f"{kind.name}_verified_at")]
    newcomer = Newcomer(
        proven=[sign_up_proofs.asked(kind, getattr(sign_up, kind.name)) for kind in proven],
        username=sign_up.username,
        first_name=sign_up.first_name,
        last_name=sign_up.last_name,
        password_digest=sign_up.password_digest,
        unsafe_metadata=sign_up.unsafe_metadata,
        proof=came.proof,
        image=came.image,
    )
    db.delete(sign_up)
    client, _token = clients.ensure(db, token)
    return newcomers.welcome(db, client, newcomer, device)


def _came_with(kit: Kit, found: pending.Pending) -> _Came:
    """Return the account at a provider that a sign-up began with, before the transaction."""
    with kit.database.reading() as connection:
        payload = connection.execute(
            select(SignUp.payload).where(SignUp.id == found.id)
        ).scalar_one_or_none()
    text = kit.keys.decrypt(payload) if payload else None
    if text is None:
        return _Came()
    proof = oauth_proofs.from_text(text)
    return _Came(proof, newcomers.picture(kit, proof))


def _following(kit: Kit, found: pending.Pending) -> Asked | None:
    """Return what is to be proven after what a code was sent to."""
    columns = [getattr(SignUp, kind.name) for kind in KINDS]
    with kit.database.reading() as connection:
        row = connection.execute(select(*columns).where(SignUp.id == found.id)).one_or_none()
    given = [
        sign_up_proofs.asked(kind, value)
        for kind, value in zip(KINDS, row or (), strict=False)
        if value
    ]
    after = [each.kind for each in given].index(_kind_of(found)) + 1 if given else 0
    return given[after] if given[after:] else None


def _kind_of(found: pending.Pending) -> IdentifierKind:
    return next(kind for kind in KINDS if kind.strategy == found.strategy)


def _username_exists(kit: Kit, username: str) -> bool:
    statement = select(User.id).where(User.username_key == username_key(username))
    with kit.database.reading() as connection:
        return connection.execute(statement).one_or_none() is not None
