"""Browsers: one row each, found by the digest of the token in their cookie."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case
from sqlalchemy import literal
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from ..errors import VerificationError
from ..models import Client
from ..security.ids import new_id
from ..security.tokens import new_token
from ..security.tokens import token_digest
from ..translations import gettext as _
from .kit import kit_of


def find(db: Session, token: str | None) -> Client | None:
    """Return the client that a token belongs to, or None."""
    if token is None:
        return None
    return db.execute(
        select(Client).where(Client.token_digest == token_digest(token))
    ).scalar_one_or_none()


def ensure(db: Session, token: str | None) -> tuple[Client, str]:
    """Return the client of a token and the token, or a new client and a new token.

    An unknown token is never taken over: whoever planted it in a browser would know it.
    """
    client = find(db, token)
    if client is not None and token is not None:
        return client, token
    token = new_token()
    now = kit_of(db).now()
    client = Client(
        id=new_id("client"), token_digest=token_digest(token), created_at=now, updated_at=now
    )
    db.add(client)
    db.flush()
    return client, token


def rotate(db: Session, client: Client, **changes: str | None) -> str | None:
    """Give a client a new token and return it; the old one is dead from here on.

    :return: None if another request of this client did so first.
    """
    token = renew(db, client.id, client.token_digest, **changes)
    db.expire(client)
    return token


def renew(db: Session, client_id: str, digest: bytes, **changes: str | None) -> str | None:
    """Do the same for a client that is no entity here.

    :param digest: of the token that it had when the request began.
    """
    token = new_token()
    result = db.connection().execute(
        update(Client)
        .where(Client.id == client_id, Client.token_digest == digest)
        .values(token_digest=token_digest(token), updated_at=kit_of(db).now(), **changes)
    )
    return token if result.rowcount == 1 else None


def renewed_elsewhere() -> VerificationError:
    """Return the refusal of a request whose browser was given another token meanwhile."""
    return VerificationError(
        _("This was done in another tab. Reload the page."), code="session_exists"
    )


def retire(db: Session, client_id: str) -> None:
    """Make a client's token worthless; its rows stay until they are purged."""
    db.execute(
        update(Client)
        .where(Client.id == client_id)
        .values(
            token_digest=token_digest(new_token()),
            active_session_id=None,
            updated_at=kit_of(db).now(),
        )
    )


def retire_all(db: Session, session_ids: Sequence[str]) -> None:
    """Do the same for all clients whose last session is one of these, whoever was in before."""
    last = Client.active_session_id.in_(session_ids)
    # Locked, so that who signs in there meanwhile is there before, and then it is theirs.
    ids = db.scalars(select(Client.id).where(last).order_by(Client.id).with_for_update()).all()
    if not ids:
        return
    # Of each its own: a digest is one client's, and of these nobody knows the token.
    digests = {
        client_id: literal(token_digest(new_token()), Client.token_digest.type) for client_id in ids
    }
    db.connection().execute(
        update(Client)
        .where(Client.id.in_(ids), last)
        .values(
            token_digest=case(digests, value=Client.id),
            active_session_id=None,
            updated_at=kit_of(db).now(),
        )
    )
