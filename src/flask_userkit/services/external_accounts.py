"""Accounts at providers: whose they are, and what is kept of them."""

from __future__ import annotations

import datetime as dt
import typing as t

from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..connections.connection import Tokens
from ..errors import NotFoundError
from ..errors import UserKitError
from ..models import ExternalAccount
from ..models import User
from ..security.ids import new_id
from ..translations import gettext as _
from .kit import Kit
from .kit import kit_of
from .locks import savepoint
from .locks import violates
from .oauth_proofs import Proof


class Owner(t.NamedTuple):
    """Whose an account at a provider is."""

    id: str
    user_id: str


def owner(kit: Kit, proof: Proof) -> Owner | None:
    """Return whose an account is, before the transaction begins; None where nobody has it."""
    with kit.database.reading() as connection:
        row = connection.execute(_of(proof)).one_or_none()
    return Owner(*row) if row else None


def is_owner(db: Session, user_id: str, proof: Proof) -> bool:
    """Tell whether an account is a user's; the caller holds their lock."""
    # A locking read: in an app's own transaction MariaDB would show what was there at its start.
    row = db.execute(_of(proof).with_for_update(read=True)).one_or_none()
    return row is not None and row.user_id == user_id


def add(db: Session, user_id: str, proof: Proof) -> str:
    """Give a user an account that they have proven, and return its id; the caller has their lock.

    :raises UserKitError: ``external_account_exists``: it is somebody's, decided by a unique index.
    """
    now = kit_of(db).now()
    account_id = new_id("eac")
    values = {
        "id": account_id,
        "user_id": user_id,
        "provider": proof.provider,
        "issuer": proof.profile.issuer,
        "provider_user_id": proof.profile.provider_user_id,
        "created_at": now,
        **_profile(proof),
        **token_values(kit_of(db), proof.tokens),
    }
    try:
        with savepoint(db):
            db.execute(insert(ExternalAccount).values(**values))
    except IntegrityError as error:
        if violates(error, ExternalAccount.__tablename__, "provider"):
            raise exists() from error
        raise
    _reconnectable(db, user_id, proof.provider)
    _read_anew(db, user_id)
    return account_id


def renew(db: Session, user_id: str, id: str, proof: Proof) -> None:
    """Keep what a provider says now; the caller has the user's lock.

    Tokens that allow less, as those of a sign-in, do not replace ones that can be refreshed.
    """
    mine = (ExternalAccount.id == id, ExternalAccount.user_id == user_id)
    columns = (
        ExternalAccount.refresh_token,
        ExternalAccount.approved_scopes,
        ExternalAccount.error_code,
    )
    # A locking read: another process may have refreshed the token since this transaction began.
    kept = db.execute(select(*columns).where(*mine).with_for_update()).one()
    values = {**_profile(proof), "updated_at": kit_of(db).now()}
    allows_more = set(kept.approved_scopes.split()) > set(proof.tokens.scopes)
    if not (allows_more and kept.refresh_token and kept.error_code is None):
        values |= token_values(kit_of(db), proof.tokens, kept.refresh_token)
    db.execute(update(ExternalAccount).where(*mine).values(**values))
    _reconnectable(db, user_id, proof.provider)
    _read_anew(db, user_id)


def remove(db: Session, user_id: str, id: str, provider: str) -> bool:
    """Remove an account with its tokens, and tell whether it was there; the caller has the lock.

    That provider is remembered: who comes by it again is not connected without being asked.
    """
    deleted = db.connection().execute(
        delete(ExternalAccount).where(ExternalAccount.id == id, ExternalAccount.user_id == user_id)
    )
    names = _disconnected(db, user_id)
    if provider not in names:
        _write_disconnected(db, user_id, [*names, provider])
    _read_anew(db, user_id)
    return deleted.rowcount == 1


def may_be_joined(db: Session, user_id: str, proof: Proof) -> bool:
    """Tell whether an account may become a user's because both have one address; under their lock.

    Not where there is another one of that provider: an address may have been given to somebody
    else there. Nor where its owner has disconnected the provider.
    """
    others = select(ExternalAccount.id).where(
        ExternalAccount.user_id == user_id, ExternalAccount.provider == proof.provider
    )
    if db.execute(others.with_for_update(read=True)).first() is not None:
        return False
    return proof.provider not in _disconnected(db, user_id)


def names(db: Session, user_id: str) -> list[str]:
    """Return what a user signs in with at providers as one reads it; the caller has their lock."""
    labels = kit_of(db).connections.labels()
    columns = (ExternalAccount.provider, ExternalAccount.email_address)
    mine = (ExternalAccount.user_id == user_id, ExternalAccount.provider.in_(labels))
    statement = select(*columns).where(*mine).order_by(ExternalAccount.id)
    # A name there is whatever somebody typed, and this goes into a mail.
    return [
        f"{labels[row.provider]} ({row.email_address})"
        if row.email_address
        else labels[row.provider]
        for row in db.execute(statement.with_for_update(read=True))
    ]


def token_values(kit: Kit, tokens: Tokens, kept: str | None = None) -> dict[str, t.Any]:
    """Return the columns of tokens, encrypted.

    :param kept: the refresh token as it is stored, which stays where the answer has none.
    """
    refresh = kit.keys.encrypt(tokens.refresh_token) if tokens.refresh_token else kept
    expires_at = tokens.expires_at
    return {
        "approved_scopes": " ".join(tokens.scopes),
        "access_token": kit.keys.encrypt(tokens.access_token),
        "refresh_token": refresh,
        "token_expire_at": dt.datetime.fromtimestamp(expires_at, dt.UTC) if expires_at else None,
        "refresh_lease_expire_at": None,
        "error_code": None,
        "updated_at": kit.now(),
    }


def exists() -> UserKitError:
    """Return the refusal of an account that somebody has here already."""
    return UserKitError(
        _(
            "This account is connected to somebody here already. Sign in with it, or disconnect"
            " it there first."
        ),
        code="external_account_exists",
    )


def not_found() -> NotFoundError:
    """Return the refusal of an account that is not there, or another's."""
    return NotFoundError(_("There is no such account."), code="external_account_not_found")


def _of(proof: Proof) -> t.Any:
    return select(ExternalAccount.id, ExternalAccount.user_id).where(
        ExternalAccount.provider == proof.provider,
        ExternalAccount.issuer == proof.profile.issuer,
        ExternalAccount.provider_user_id == proof.profile.provider_user_id,
    )


def _profile(proof: Proof) -> dict[str, t.Any]:
    profile, address = proof.profile, proof.address
    return {
        "email_address": address.value if address else None,
        "username": profile.username,
        "first_name": profile.first_name,
        "last_name": profile.last_name,
        "image_url": profile.image_url,
    }


def _disconnected(db: Session, user_id: str) -> list[str]:
    statement = select(User.disconnected_providers).where(User.id == user_id)
    return db.execute(statement.with_for_update(read=True)).scalar_one_or_none() or []


def _reconnectable(db: Session, user_id: str, provider: str) -> None:
    names = _disconnected(db, user_id)
    if provider in names:
        _write_disconnected(db, user_id, [name for name in names if name != provider])


def _write_disconnected(db: Session, user_id: str, names: list[str]) -> None:
    values = {"disconnected_providers": names or None}
    db.execute(
        update(User)
        .where(User.id == user_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _read_anew(db: Session, user_id: str) -> None:
    held = db.identity_map.get(db.identity_key(User, user_id))
    if held is not None:
        db.expire(held, ["external_accounts", "disconnected_providers"])
