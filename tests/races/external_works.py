"""What is done many times at once about accounts at a provider."""

from __future__ import annotations

import typing as t
from importlib import import_module

from flask_userkit import UserKit
from flask_userkit.connections.connection import Profile
from flask_userkit.connections.connection import Tokens
from flask_userkit.models import User
from flask_userkit.services import oauth_proofs
from flask_userkit.services import oauth_sign_ins
from flask_userkit.services import oauth_states
from flask_userkit.services import own_external_accounts
from flask_userkit.services.identity import Identity
from flask_userkit.services.oauth_proofs import Answer
from flask_userkit.services.oauth_proofs import Proof
from flask_userkit.services.oauth_states import Flow
from flask_userkit.services.oauth_states import Kept
from flask_userkit.services.oauth_tokens import get_user_oauth_access_token
from flask_userkit.services.purposes import Purpose
from tests.services import address_acts
from tests.services.acts import retried

Kits = UserKit[User]
PROVIDER = "acme"
# It takes a second or more to whom it is new, which would be a part of the race.
import_module("flask_userkit.connections.client")


class Back(t.NamedTuple):
    """A browser, and what it comes back with from a provider."""

    token: str
    state: str
    code: str
    iss: str


def proof_of(subject: str, refresh_token: str | None = None) -> Proof:
    """Return what a provider says of somebody; what it gave to act for them is over."""
    tokens = Tokens("over", refresh_token, ("openid", "offline_access"), expires_at=1)
    return Proof(PROVIDER, Profile(subject, "https://acme.example"), tokens)


@retried
def _connect(userkit: Kits, who: Identity, proof: Proof) -> None:
    flow = Flow(
        purpose=Purpose.OAUTH_CONNECTION,
        connection=oauth_states.require_connection(userkit.kit, PROVIDER),
        client_id=who.client_id,
        user_id=who.user_id,
        nonce="",
        code_verifier="",
        begun_at=0,
        kept=Kept(session_id=who.session_id),
    )
    with userkit.transaction() as db:
        own_external_accounts.complete(db, flow, proof)


@retried
def _disconnect(userkit: Kits, who: Identity, account_id: str) -> None:
    with userkit.transaction() as db:
        own_external_accounts.remove(db, who, account_id)


def connect(userkit: Kits, number: int, given: tuple[str, list[Identity]]) -> str:
    """Connect one account to oneself; several do so for one person."""
    subject, people = given
    who = people[number % len(people)]
    _connect(userkit, who, proof_of(subject))
    return who.user_id


def come_back(userkit: Kits, _number: int, back: Back) -> str:
    """Open the way back from a provider, as its page does."""
    kit = userkit.kit
    flow = oauth_states.take(kit, back.token, PROVIDER, back.state)
    proof = oauth_proofs.exchange(kit, flow, Answer(back.code, back.iss))

    def enter() -> str:
        with userkit.transaction() as db:
            entered = oauth_sign_ins.complete(db, back.token, flow, proof)
        assert entered is not None
        return entered.signed_in.session_id

    return kit.database.retrying(enter)


def remove_one(userkit: Kits, number: int, given: tuple[Identity, str, str]) -> None:
    """Disconnect the account, or remove the address."""
    who, account_id, email_address_id = given
    if number % 2:
        _disconnect(userkit, who, account_id)
    else:
        address_acts.remove(userkit, who, email_address_id)


def get_token(userkit: Kits, _number: int, user_id: str) -> str:
    """Act for somebody at a provider, whose token is over."""
    (found,) = get_user_oauth_access_token(userkit.kit, user_id, PROVIDER)
    return found.token
