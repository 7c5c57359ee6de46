"""Sign-up with an account at a provider: at once, or once what is missing is filled in."""

from __future__ import annotations

import datetime as dt
import json
import typing as t
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..errors import NotAllowedError
from ..models import Client
from ..models import Verification
from ..security.ids import new_id
from ..security.tokens import token_digest
from . import clients
from . import newcomers
from . import oauth_proofs
from . import pending
from . import sessions
from . import sign_up_proofs
from . import sign_ups
from .applications import Application
from .applications import identifiers_asked
from .applications import judge
from .email_addresses import EMAIL_ADDRESS
from .identifier_kinds import IdentifierKind
from .identifier_kinds import Typed
from .kit import Kit
from .kit import kit_of
from .limits import caller_network
from .newcomers import Newcomer
from .oauth_proofs import Proof
from .oauth_states import Flow
from .oauth_states import here
from .oauth_states import strategy_of
from .purposes import Purpose
from .sessions import SignedIn
from .sign_up_proofs import Asked

LIFETIME = dt.timedelta(minutes=30)


class Waiting(t.NamedTuple):
    """Somebody who came from a provider, and of whom something more is asked.

    :param address: their address there, if the provider says that it is theirs.
    :param kinds: what identifiers they have to give.
    :param names: which names they have to give.
    """

    verification_id: str
    client_id: str
    proof: Proof
    return_to: str | None
    address: Typed | None
    kinds: list[IdentifierKind]
    names: list[str]


def begin(
    db: Session, token: str | None, flow: Flow, proof: Proof, *, device: str = ""
) -> SignedIn | None:
    """Create who came from a provider; None where something more is asked of them.

    :raises ForbiddenError: ``not_allowed_access``: nobody can sign up.
    :raises RateLimitError: ``too_many_requests``.
    :raises VerificationError: ``session_exists``: another request of this browser came first.
    """
    kit = kit_of(db)
    sign_ups.refuse_if_off(kit)
    kit.limits.hit({"sign_up:ip": caller_network(kit)})
    address, kinds, names = _asked(kit, proof)
    if kinds or names:
        _keep(db, here(db, token, flow).id, flow, proof)
        return None
    known = _names(kit, proof)
    newcomer = Newcomer(
        proven=[(EMAIL_ADDRESS, address)] if address else [],
        proof=proof,
        image=newcomers.picture(kit, proof),
        first_name=known["first_name"],
        last_name=known["last_name"],
    )
    return newcomers.welcome(db, here(db, token, flow), newcomer, device)


def find(kit: Kit, token: str | None) -> Waiting | None:
    """Return who waits in a browser to sign up with an account at a provider, or None."""
    if token is None:
        return None
    statement = (
        select(Verification.id, Verification.client_id, Verification.payload)
        .join(Client, Client.id == Verification.client_id)
        .where(
            Client.token_digest == token_digest(token),
            Verification.purpose == Purpose.OAUTH_SIGN_UP.value,
            Verification.consumed_at.is_(None),
            Verification.expire_at > kit.now(),
        )
        .order_by(Verification.id.desc())
        .limit(1)
    )
    with kit.database.reading() as connection:
        row = connection.execute(statement).one_or_none()
    text = kit.keys.decrypt(row.payload or "") if row else None
    if row is None or text is None:
        return None
    values = json.loads(text)
    proof = oauth_proofs.from_text(values["proof"])
    return Waiting(row.id, row.client_id, proof, values["return_to"], *_asked(kit, proof))


def create(
    db: Session, token: str | None, application: Application, *, device: str = ""
) -> tuple[str, SignedIn | None, str | None]:
    """Go on with what was missing, and return the client's token, the session and where to go.

    :return: no session while something is to be proven by a code.
    :raises FormErrors: every value that cannot be taken, at once.
    :raises ForbiddenError: ``not_allowed_access``: nobody can sign up.
    :raises RateLimitError: ``too_many_requests``.
    :raises VerificationError: ``verification_expired``: nobody waits here any more.
    """
    kit = kit_of(db)
    sign_ups.refuse_if_off(kit)
    waiting = find(kit, token)
    if waiting is None:
        raise pending.expired()
    for name, value in _names(kit, waiting.proof).items():
        if name not in waiting.names:
            application = replace(application, **{name: value})
    applicant = judge(kit, application, kinds=waiting.kinds, with_password=False)
    kit.limits.hit({"sign_up:ip": caller_network(kit)})
    sign_ups.refuse_if_taken(kit, applicant.username)
    sessions.prepare(kit)
    if applicant.identifiers:
        kit.limits.hit(sign_up_proofs.counted(kit, Asked(*applicant.identifiers[0])))
        text = kit.keys.encrypt(oauth_proofs.to_text(waiting.proof))
        made = sign_ups.begin(
            db,
            token,
            applicant,
            return_to=waiting.return_to,
            proven_address=waiting.address,
            payload=text,
        )
        return made, None, waiting.return_to
    newcomer = Newcomer(
        proven=[(EMAIL_ADDRESS, waiting.address)] if waiting.address else [],
        username=applicant.username,
        first_name=applicant.first_name,
        last_name=applicant.last_name,
        unsafe_metadata=applicant.unsafe_metadata,
        proof=waiting.proof,
        image=newcomers.picture(kit, waiting.proof),
    )
    client = clients.find(db, token)
    if client is None or client.id != waiting.client_id:
        raise clients.renewed_elsewhere()
    _forget(db, client.id)
    signed_in = newcomers.welcome(db, client, newcomer, device)
    return signed_in.token, signed_in, waiting.return_to


def _asked(kit: Kit, proof: Proof) -> tuple[Typed | None, list[IdentifierKind], list[str]]:
    """Return the address that is proven, and what is asked for besides."""
    kinds, all_of_them = identifiers_asked(kit.config)
    address = _proven(kit, proof) if EMAIL_ADDRESS in kinds else None
    if address is not None:
        kinds = [kind for kind in kinds if kind is not EMAIL_ADDRESS] if all_of_them else []
    elif not all_of_them:
        # One will do, and the provider has named an address rather than a number.
        kinds = [EMAIL_ADDRESS] if EMAIL_ADDRESS in kinds else kinds[:1]
    known = _names(kit, proof)
    names = [
        name
        for name in ("first_name", "last_name")
        if getattr(kit.config, name) == "required" and not known[name]
    ]
    if kit.config.username == "required":
        names.append("username")
    return address, kinds, names


def _proven(kit: Kit, proof: Proof) -> Typed | None:
    """Return the address that the provider vouches for, if the app takes it."""
    address = proof.proven_address
    try:
        return EMAIL_ADDRESS.parse_own(kit, address.value, None) if address else None
    except NotAllowedError:
        # Another one may be typed.
        return None


def _names(kit: Kit, proof: Proof) -> dict[str, t.Any]:
    return {
        name: getattr(proof.profile, name)
        if getattr(kit.config, name) in ("required", "optional")
        else None
        for name in ("first_name", "last_name")
    }


def _keep(db: Session, client_id: str, flow: Flow, proof: Proof) -> None:
    kit = kit_of(db)
    now = kit.now()
    _forget(db, client_id)
    payload = {"proof": oauth_proofs.to_text(proof), "return_to": flow.kept.return_to}
    verification_id = new_id("ver")
    db.add(
        Verification(
            id=verification_id,
            purpose=Purpose.OAUTH_SIGN_UP.value,
            strategy=strategy_of(proof.provider),
            client_id=client_id,
            address=proof.provider,
            # It is found by its browser, and no code is right for it.
            code_digest=kit.keys.mac("oauth sign-up", verification_id),
            payload=kit.keys.encrypt(json.dumps(payload)),
            expire_at=now + LIFETIME,
            created_at=now,
        )
    )
    db.flush()


def _forget(db: Session, client_id: str) -> None:
    db.execute(
        update(Verification)
        .where(
            Verification.client_id == client_id,
            Verification.purpose == Purpose.OAUTH_SIGN_UP.value,
            Verification.consumed_at.is_(None),
        )
        .values(consumed_at=kit_of(db).now())
        .execution_options(synchronize_session=False)
    )
