"""Accounts at providers without what guards them, for races that have to be lost."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session as DbSession

from flask_userkit.models import ExternalAccount
from flask_userkit.models import Verification
from flask_userkit.services import external_accounts
from flask_userkit.services import oauth_states
from flask_userkit.services import oauth_tokens
from flask_userkit.services.kit import Kit
from flask_userkit.services.oauth_proofs import Proof
from flask_userkit.services.purposes import Purpose
from tests.races import pause
from tests.races.naive_tools import Work
from tests.races.naive_tools import put

ADD = external_accounts.add


def _add(db: DbSession, user_id: str, proof: Proof) -> str:
    profile = proof.profile
    same = (
        ExternalAccount.provider == proof.provider,
        ExternalAccount.provider_user_id == profile.provider_user_id,
    )
    if db.execute(select(ExternalAccount.id).where(*same)).first():
        raise external_accounts.exists()
    pause.late()
    # The unique index has nothing against one that each has of another issuer.
    return ADD(db, user_id, proof._replace(profile=profile._replace(issuer=user_id)))


def _take(kit: Kit, _token: str | None, provider: str, state: str) -> oauth_states.Flow:
    mine = Verification.id == state.partition(".")[0]
    columns = (Verification.consumed_at, Verification.client_id, Verification.payload)
    with kit.database.reading() as connection:
        row = connection.execute(select(*columns).where(mine)).one()
    if row.consumed_at is not None:
        raise oauth_states._not_begun()
    pause.late()
    with kit.database.side() as side:
        side.execute(update(Verification).where(mine).values(consumed_at=kit.now()))
    values = json.loads(kit.keys.decrypt(row.payload) or "")
    del values["kept"]
    return oauth_states.Flow(
        purpose=Purpose.OAUTH_SIGN_IN,
        connection=oauth_states.require_connection(kit, provider),
        client_id=row.client_id,
        user_id=None,
        kept=oauth_states.Kept(),
        **values,
    )


def _lease(_kit: Kit, _row: object) -> bool:
    pause.late()
    return True


NAIVE: dict[str, Work] = {
    "account key": put(external_accounts, "add", _add),
    "state": put(oauth_states, "take", _take),
    "token lease": put(oauth_tokens, "_lease", _lease),
}
