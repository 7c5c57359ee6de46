"""People who have proven all that is asked of them: created, and signed in."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from sqlalchemy.orm import Session

from ..errors import UserKitError
from ..events import EventName
from ..models import Client
from . import avatars
from . import events
from . import external_accounts
from . import identifiers
from . import sessions
from . import user_rows
from .identifier_kinds import IdentifierKind
from .identifier_kinds import Typed
from .kit import Kit
from .locks import lock_user
from .oauth_proofs import Proof
from .oauth_states import strategy_of
from .sessions import SignedIn

#: Who signs up waits for it.
PICTURE_SECONDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody who is about to have an account.

    :param proven: addresses and numbers, in the order in which they were proven.
    :param proof: the account at a provider that they came with, if they did.
    :param image: their picture there, made small.
    """

    proven: Sequence[tuple[IdentifierKind, Typed]]
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    password_digest: str | None = None
    unsafe_metadata: dict[str, t.Any] = field(default_factory=dict[str, t.Any])
    proof: Proof | None = None
    image: bytes | None = None


def welcome(db: Session, client: Client, newcomer: Newcomer, device: str) -> SignedIn:
    """Create somebody, and sign them in; unique indexes decide whether they may exist.

    :param device: the browser's cookie of known devices, if it has one.
    :raises FormError: ``form_identifier_exists``: somebody came first.
    :raises UserKitError: ``external_account_exists``: so did they, at a provider.
    """
    user = user_rows.insert_user(
        db,
        username=newcomer.username,
        by_self=True,
        first_name=newcomer.first_name,
        last_name=newcomer.last_name,
        password_digest=newcomer.password_digest,
        unsafe_metadata=newcomer.unsafe_metadata,
    )
    for kind, typed in newcomer.proven:
        identifiers.add_verified(db, kind, user.id, typed, primary=True)
    if newcomer.proof is not None:
        _connect(db, user.id, newcomer.proof)
    if newcomer.image is not None:
        avatars.write(db, user.id, newcomer.image)
    locked = lock_user(db, user.id)
    assert locked is not None
    return sessions.create(db, client, locked, _strategy(newcomer), device)


def picture(kit: Kit, proof: Proof) -> bytes | None:
    """Return somebody's picture at a provider, made small, or None where it cannot be had.

    It is fetched once, by the server and before the transaction begins, and never shown from
    there: its address is whatever the person could write into a profile.
    """
    url = proof.profile.image_url
    if url is None or not kit.config.avatars:
        return None
    # It takes half a second to import, and most who come in have come before.
    from ..connections.pictures import fetch_picture

    content = fetch_picture(url, seconds=PICTURE_SECONDS, allow_loopback=kit.development)
    try:
        return avatars.make_small(content) if content else None
    except UserKitError:
        return None


def _connect(db: Session, user_id: str, proof: Proof) -> None:
    account_id = external_accounts.add(db, user_id, proof)
    data = {"external_account_id": account_id, "provider": proof.provider}
    name = EventName.EXTERNAL_ACCOUNT_CONNECTED
    # The account that is there tells it; nobody gets a notice of their own sign-up.
    events.emit(db, name, user_id, actor_id=user_id, **data)


def _strategy(newcomer: Newcomer) -> str:
    if newcomer.proof is not None:
        return strategy_of(newcomer.proof.provider)
    return newcomer.proven[-1][0].strategy
